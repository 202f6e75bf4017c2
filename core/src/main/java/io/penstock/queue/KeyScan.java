package io.penstock.queue;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Walks over all keys of one queue with SCAN, in steps of {@value #COUNT}; for deletion and repair, never on a job's path.
 *
 * <p>SCAN has no key, so on a Cluster a client sends it to any server. Inside a script that declares a key of the queue it
 * runs where the queue is.
 */
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
        return step(store.redis(), store.keys().counters, cursor, store.keys().pattern());
    }

    private static Step step(Redis redis, byte[] home, String cursor, String pattern) {
        Call call = new Call(160).key(home).arg(cursor).arg(pattern).arg(COUNT);
        List<Object> reply = redis.await(redis.eval(Scripts.KEYS, call));
        List<byte[]> keys =
                ((List<?>) reply.get(1)).stream().map(key -> (byte[]) key).toList();
        return new Step(keys, Redis.text(reply.get(0)));
    }

    /** Names of all queues that have counters, on every server of a Cluster. */
    private static Set<String> queues(Redis redis) {
        Set<String> names = new TreeSet<>();
        for (byte[] home : redis.homes()) {
            String cursor = "0";
            do {
                Step step = step(redis, home, cursor, "pk:\\{*\\}:n");
                cursor = step.next;
                for (byte[] key : step.keys) {
                    String text = Redis.text(key);
                    names.add(text.substring("pk:{".length(), text.length() - "}:n".length()));
                }
            } while (!cursor.equals("0"));
        }
        return names;
    }

    /** Lists those of them that are not listed, and answers all. */
    static Set<String> recover(Redis redis, Set<String> listed) {
        Set<String> found = queues(redis);
        found.removeIf(name -> !listed.contains(name)
                && (Long) redis.await(redis.command("EXISTS", new Call(64).key(new QueueKeys(name).counters)))
                                .get(0)
                        == 0); // deleted meanwhile
        for (String name : found) {
            if (!listed.contains(name)) {
                redis.await(
                        redis.command("SADD", new Call(64).key(QueueKeys.QUEUES).arg(name)));
            }
        }
        return found;
    }
}
