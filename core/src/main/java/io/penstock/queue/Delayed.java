package io.penstock.queue;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * An entry of the index of delayed jobs: when a job is due, its priority, its serial; delayed.lua says how they lie in Redis.
 *
 * @param text due time (9 digits of base 32: epoch millis), priority (1 digit), serial
 */
record Delayed(String text) {
    /** Digits of due time and priority. */
    private static final int SERIAL_AT = 10;

    /** Most entries of a leaf; LEAF in delayed.lua. */
    static final int LEAF = 20;

    String serial() {
        return text.substring(SERIAL_AT);
    }

    /** Due time and priority, which the record of the job must say too. */
    String place() {
        return text.substring(0, SERIAL_AT);
    }

    long dueMillis() {
        return StoredJob.readTime(text.getBytes(StandardCharsets.US_ASCII), 0);
    }

    /** The next jobs to become due, in that order; {@code after} is an entry, there or gone, or "" for the first. */
    static CompletionStage<List<Delayed>> page(QueueStore store, String after, int most) {
        Call call = new Call(96).key(store.keys().delayed).arg(after).arg(most);
        return store.redis()
                .eval(Scripts.UPCOMING, call)
                .thenApply(reply -> reply.stream()
                        .map(entry -> new Delayed(Redis.text(entry)))
                        .toList());
    }
}
