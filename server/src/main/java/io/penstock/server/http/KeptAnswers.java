package io.penstock.server.http;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers to creating requests in Redis, so that they outlive this process and other servers know them.
 *
 * <p>Bound: {@value #MOST_KEYS} answers of {@value #MOST_BYTES} bytes at most, for 24 h; a longer answer is remembered by this
 * process only. An answer is on its way to Redis before it is on its way to the client. Threads: safe.
 */
public final class KeptAnswers {
    /** The newest are kept: an import of a million lines in requests of 500 makes 2,000. */
    static final int MOST_KEYS = 5_000;

    /** A batch of 1,000 ids is 15 KiB. */
    static final int MOST_BYTES = 32 << 10;

    private static final String PREFIX = "pk:idempotency:";
    private static final byte[] INDEX = Redis.utf8("pk:idempotency");

    private final Redis redis;
    private final Clock clock;

    /** What was answered to which body. */
    record Kept(String request, Reply reply) {}

    public KeptAnswers(Redis redis, Clock clock) {
        this.redis = redis;
        this.clock = clock;
    }

    /** Waits for Redis, at most its timeout. */
    @Nullable
    Kept find(String name) {
        Object value =
                redis.await(redis.command("GET", new Call(96).key(key(name)))).get(0);
        return value == null ? null : decode((byte[]) value);
    }

    /** Waits for nothing; an answer that does not reach Redis is remembered by this process only. */
    void keep(String name, byte[] request, Reply reply) {
        if (reply.body().length > MOST_BYTES) {
            return;
        }
        byte[] value = encode(HexFormat.of().formatHex(request), reply);
        Call set = new Call(192 + value.length).key(key(name)).arg(value).arg("PX");
        redis.command("SET", set.arg(Idempotency.MEMORY.toMillis()));
        redis.command("ZADD", new Call(128).key(INDEX).arg(clock.millis()).arg(name))
                .thenCompose(added ->
                        redis.command("ZRANGE", new Call(64).key(INDEX).arg(0).arg(-1L - MOST_KEYS)))
                .thenAccept(this::drop);
    }

    private void drop(List<Object> oldest) {
        for (Object name : oldest) {
            redis.command("DEL", new Call(96).key(key(Redis.text(name))));
            redis.command("ZREM", new Call(96).key(INDEX).arg((byte[]) name));
        }
    }

    private static byte[] key(String name) {
        return Redis.utf8(PREFIX + name);
    }

    /** Lines: request, status, type, name and value of each header, an empty one; then the body. */
    private static byte[] encode(String request, Reply reply) {
        StringBuilder head = new StringBuilder(256);
        head.append(request).append('\n').append(reply.status()).append('\n');
        head.append(reply.contentType()).append('\n');
        for (Map.Entry<String, String> header : reply.headers().entrySet()) {
            head.append(header.getKey()).append(':').append(header.getValue()).append('\n');
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Redis.utf8(head.append('\n').toString()));
        out.writeBytes(reply.body());
        return out.toByteArray();
    }

    private static Kept decode(byte[] value) {
        String text = new String(value, StandardCharsets.ISO_8859_1); // a char a byte
        int end = text.indexOf("\n\n");
        String[] head = Redis.text(java.util.Arrays.copyOf(value, end)).split("\n", -1);
        byte[] body = java.util.Arrays.copyOfRange(value, end + 2, value.length);
        Reply reply = Reply.of(Integer.parseInt(head[1]), head[2], body);
        for (int i = 3; i < head.length; i++) {
            int colon = head[i].indexOf(':');
            reply = reply.header(head[i].substring(0, colon), head[i].substring(colon + 1));
        }
        return new Kept(head[0], reply);
    }
}
