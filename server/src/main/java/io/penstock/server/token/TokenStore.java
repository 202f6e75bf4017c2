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

    /** Adds one; false = there are as many as may be. Waits for Redis, at most its timeout. */
    boolean add(Token token) {
        return write(token.id(), token.stored(), token.digest()) == 1;
    }

    /** Takes one back; false = there is none. Waits for Redis, at most its timeout. */
    boolean remove(String id, long nowMillis) {
        return write(id, new byte[0], id + nowMillis) == 1;
    }

    private long write(String id, byte[] stored, String about) {
        Call call = new Call(256 + stored.length)
                .key(KEY)
                .key(USED)
                .arg(id)
                .arg(stored)
                .arg(MOST)
                .arg(Digest.hex(about, 8));
        List<Object> answer = redis.await(redis.eval(WRITE, call));
        return (Long) answer.get(0);
    }

    /** Writes when some were used last; waits for nothing. */
    CompletionStage<List<Object>> use(Map<String, Long> used) {
        Call call = new Call(64 + 48 * used.size()).key(USED);
        used.forEach((id, millis) -> call.arg(id).arg(millis));
        return redis.command("HSET", call);
    }
}
