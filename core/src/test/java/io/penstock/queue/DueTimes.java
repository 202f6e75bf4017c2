package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.redis.Call;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Gives delayed jobs another due time behind the back of the queue, as if so much time had gone by. */
final class DueTimes {
    private static final String SET = """
            local record = redis.call('HGET', KEYS[2], ARGV[1])
            if record and unschedule(KEYS[1], entry_of(record, ARGV[1])) == 1 then
              record = dated(record, tonumber(ARGV[2]))
              redis.call('HSET', KEYS[2], ARGV[1], record)
              schedule(KEYS[1], {entry_of(record, ARGV[1])})
            end
            return 1
            """;

    private DueTimes() {}

    static void set(QueueStore store, String serial, long millis) {
        byte[] records = store.keys().records(JobId.blockOf(serial));
        Call call = new Call(8192).arg(index() + SET).arg(2);
        call.arg(store.keys().delayed).arg(records).arg(serial).arg(millis);
        store.redis().await(store.redis().command("EVAL", call));
    }

    private static String index() {
        try (InputStream in = Scripts.class.getResourceAsStream("delayed.lua")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
