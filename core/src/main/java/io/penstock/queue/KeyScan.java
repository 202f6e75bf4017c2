package io.penstock.queue;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.List;
import java.util.function.Consumer;

/** Walks over all keys of one queue with SCAN, in steps of {@value #COUNT}; for deletion and repair, never on a job's path. */
final class KeyScan {
    private static final int COUNT = 1_000;

    private final QueueStore store;

    KeyScan(QueueStore store) {
        this.store = store;
    }

    void forEach(Consumer<byte[]> action) {
        String cursor = "0";
        do {
            Step step = step(cursor);
            cursor = step.next;
            step.keys.forEach(action);
        } while (!cursor.equals("0"));
    }

    /** Keys of one step, and the cursor of the next; {@code 0} is before the first and after the last. */
    record Step(List<byte[]> keys, String next) {}

    Step step(String cursor) {
        Call call = new Call(128);
        call.arg(cursor).arg("MATCH").arg(store.keys().pattern()).arg("COUNT").arg(COUNT);
        List<Object> reply = store.redis().await(store.redis().command("SCAN", call));
        List<byte[]> keys =
                ((List<?>) reply.get(1)).stream().map(key -> (byte[]) key).toList();
        return new Step(keys, Redis.text(reply.get(0)));
    }
}
