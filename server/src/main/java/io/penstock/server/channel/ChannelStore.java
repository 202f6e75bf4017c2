package io.penstock.server.channel;

import io.penstock.notice.Courier;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.Script;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * What is set about all channels, in Redis: shared by all servers, and there after a restart. Secrets lie there in the
 * clear.
 *
 * <p>Bound: {@value Courier#MOST_CHANNELS} channels of a few KiB. Threads: safe.
 */
final class ChannelStore {
    private static final byte[] KEY = Redis.utf8("pk:channels");
    private static final Script PUT = Script.load(ChannelStore.class, "put.lua");
    private static final byte[] NOTHING = {};

    private final Redis redis;

    /** How a change ended. */
    enum Change {
        DONE,
        CHANGED_MEANWHILE,
        FULL
    }

    ChannelStore(Redis redis) {
        this.redis = redis;
    }

    /** Reads all by id, as they were stored. */
    CompletionStage<Map<String, byte[]>> all() {
        return redis.command("HGETALL", new Call(64).key(KEY)).thenApply(reply -> {
            Map<String, byte[]> all = new TreeMap<>();
            for (int i = 0; i + 1 < reply.size(); i += 2) {
                all.put(Redis.text(reply.get(i)), (byte[]) reply.get(i + 1));
            }
            return new LinkedHashMap<>(all);
        });
    }

    /** Waits for Redis, at most its timeout. */
    Map<String, byte[]> read() {
        return redis.await(all());
    }

    /**
     * Replaces one, if it is still what was seen. Waits for Redis, at most its timeout.
     *
     * @param seen empty = there was none
     * @param next empty = there shall be none
     */
    Change replace(String id, byte[] seen, byte[] next) {
        Call call = new Call(256 + seen.length + next.length)
                .key(KEY)
                .arg(id)
                .arg(seen)
                .arg(next)
                .arg(Courier.MOST_CHANNELS);
        List<Object> answer = redis.await(redis.eval(PUT, call));
        return switch (((Long) answer.get(0)).intValue()) {
            case 1 -> Change.DONE;
            case 0 -> Change.CHANGED_MEANWHILE;
            default -> Change.FULL;
        };
    }

    static byte[] nothing() {
        return NOTHING.clone();
    }
}
