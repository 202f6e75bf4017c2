package io.penstock.importer;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The source's Redis, read in small slices and with rests between them.
 *
 * <p>While it works for us it keeps others waiting, so after each slice it is left alone for as long as the slice took: we
 * have at most half of it. Not thread-safe.
 */
final class Remote {
    /** Longest rest: a slow source is slow for other reasons. */
    private static final long LONGEST_REST_MILLIS = 1_000;

    /** Keys that one step of SCAN looks at: about 200 us of Redis. */
    private static final int SCAN_COUNT = 500;

    private final Redis redis;
    private final Clock clock;
    private long busyNanos;
    private long slowestNanos;

    Remote(Redis redis, Clock clock) {
        this.redis = redis;
        this.clock = clock;
    }

    Clock clock() {
        return clock;
    }

    /** Redis's own words for it, without password. */
    String shown() {
        return redis.config().shown();
    }

    boolean cluster() {
        return redis.config().uri().startsWith("redis-cluster");
    }

    List<Object> run(String command, String key, Object... arguments) {
        return timed(List.of(ask(command, key, arguments))).get(0);
    }

    CompletionStage<List<Object>> ask(String command, String key, Object... arguments) {
        Call call = new Call(64).key(Redis.utf8(key));
        for (Object argument : arguments) {
            call.arg(argument instanceof byte[] bytes ? bytes : Redis.utf8(argument.toString()));
        }
        return redis.command(command, call);
    }

    /** Asks that a job be taken out of its place; the answer is 0 if it stands there no more. */
    CompletionStage<List<Object>> askOut(Place place, Member member) {
        return place.list() ? ask("LREM", place.key(), -1, member.bytes()) : ask("ZREM", place.key(), member.bytes());
    }

    /** Waits for a slice of commands that were sent together, then rests. */
    List<List<Object>> timed(List<CompletionStage<List<Object>>> asked) {
        long from = clock.nanos();
        List<List<Object>> answers = new ArrayList<>(asked.size());
        for (CompletionStage<List<Object>> each : asked) {
            answers.add(redis.await(each));
        }
        long took = clock.nanos() - from;
        slowestNanos = Math.max(slowestNanos, took);
        busyNanos += took;
        return answers;
    }

    /** Leaves the source alone for as long as it has worked for us since the last rest. */
    void rest() throws InterruptedException {
        long millis = Math.min(LONGEST_REST_MILLIS, TimeUnit.NANOSECONDS.toMillis(busyNanos));
        busyNanos = 0;
        TimeUnit.MILLISECONDS.sleep(millis);
    }

    long slowestMillis() {
        return TimeUnit.NANOSECONDS.toMillis(slowestNanos);
    }

    long count(String command, String key) {
        return number(run(command, key).get(0));
    }

    static long number(@Nullable Object reply) {
        return reply instanceof Long number ? number : 0;
    }

    @Nullable
    String type(String key) {
        return Redis.text(run("TYPE", key).get(0));
    }

    List<String> texts(String command, String key, Object... arguments) {
        return run(command, key, arguments).stream()
                .map(each -> each == null ? "" : Redis.text(each))
                .toList();
    }

    /** Walks over the keys that fit a pattern. */
    void scan(String pattern, Consumer<String> key) throws InterruptedException {
        String cursor = "0";
        do {
            Call call = new Call(64)
                    .arg(cursor)
                    .arg("MATCH")
                    .arg(pattern)
                    .arg("COUNT")
                    .arg(SCAN_COUNT);
            List<Object> reply = timed(List.of(redis.command("SCAN", call))).get(0);
            cursor = Redis.text(reply.get(0));
            ((List<?>) reply.get(1)).forEach(each -> key.accept(Redis.text(each)));
            rest();
        } while (!cursor.equals("0"));
    }
}
