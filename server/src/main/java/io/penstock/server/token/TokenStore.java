package io.penstock.server.token;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.Script;
import io.penstock.server.wire.Digest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Tokens in Redis, by digest: shared by all servers. Who can write there can give himself a token, as he can do all else.
 *
 * <p>Bound: {@value #MOST} tokens of some hundred bytes. Threads: safe.
 */
final class TokenStore {
    /** A thousand programs and people are a large installation; all of them are copied to each server. */
    static final int MOST = 1_000;

    static final String VERSION = "version";

    /** Whatever version there is. */
    static final String ANY = "any";

    private static final byte[] KEY = Redis.utf8("pk:{tokens}");
    private static final byte[] USED = Redis.utf8("pk:{tokens}:used");
    private static final Script WRITE = Script.load(TokenStore.class, "write.lua");

    private final Redis redis;

    TokenStore(Redis redis) {
        this.redis = redis;
    }

    /** Reads what there is called just now; it changes with every change. Empty = there never was a token. */
    CompletionStage<String> version() {
        return redis.command("HGET", new Call(64).key(KEY).arg(VERSION))
                .thenApply(reply -> reply.get(0) == null ? "" : Redis.text(reply.get(0)));
    }

    /** Reads all by id, and the version among them. */
    CompletionStage<Map<String, byte[]>> all() {
        return hash(KEY);
    }

    /** Reads when each was used last, in milliseconds, as far as that was written. */
    CompletionStage<Map<String, byte[]>> used() {
        return hash(USED);
    }

    private CompletionStage<Map<String, byte[]>> hash(byte[] key) {
        return redis.command("HGETALL", new Call(64).key(key)).thenApply(reply -> {
            Map<String, byte[]> all = new LinkedHashMap<>();
            for (int i = 0; i + 1 < reply.size(); i += 2) {
                all.put(Redis.text(reply.get(i)), (byte[]) reply.get(i + 1));
            }
            return all;
        });
    }

    /** What became of a change. */
    enum Written {
        DONE,
        NONE,
        FULL,
        OVERTAKEN
    }

    /**
     * Adds one. Waits for Redis, at most its timeout.
     *
     * @param seen version that there must be; {@link #ANY} = whatever there is
     * @return DONE, FULL or OVERTAKEN
     */
    Written add(Token token, String seen) {
        return write(token.id(), token.stored(), token.digest(), seen);
    }

    /** Takes one back, as {@link #add}; NONE = there is none. */
    Written remove(String id, long nowMillis, String seen) {
        return write(id, new byte[0], id + nowMillis, seen);
    }

    private Written write(String id, byte[] stored, String about, String seen) {
        Call call = new Call(256 + stored.length)
                .key(KEY)
                .key(USED)
                .arg(id)
                .arg(stored)
                .arg(MOST)
                .arg(Digest.hex(about, 8))
                .arg(seen);
        List<Object> answer = redis.await(redis.eval(WRITE, call));
        return switch (((Long) answer.get(0)).intValue()) {
            case 1 -> Written.DONE;
            case 0 -> Written.NONE;
            case -1 -> Written.FULL;
            default -> Written.OVERTAKEN;
        };
    }

    /** Writes when some were used last; waits for nothing. */
    CompletionStage<List<Object>> use(Map<String, Long> used) {
        Call call = new Call(64 + 48 * used.size()).key(USED);
        used.forEach((id, millis) -> call.arg(id).arg(millis));
        return redis.command("HSET", call);
    }
}
