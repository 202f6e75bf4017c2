package io.penstock.server.audit;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.Script;
import io.penstock.server.wire.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * The log in Redis, one for all servers: a stream of JSON lines in the order of its clock.
 *
 * <p>Bound: {@value #MOST_LINES} lines, {@value #MOST_BYTES} bytes of them, and an age; the oldest go as new ones come. A
 * batch that is sent again after a lost answer is written once. Threads: safe.
 */
final class Trail {
    /** Half a year of a team that makes 250 changes a day. */
    static final int MOST_LINES = 50_000;

    static final long MOST_BYTES = 16L << 20;

    private static final Script WRITE = Script.load(Trail.class, "write.lua");
    private static final byte[] LOG = Redis.utf8("pk:audit:{all}:log");
    private static final byte[] SIZE = Redis.utf8("pk:audit:{all}:bytes");

    private final Redis redis;
    private final byte[] writer;
    private final Duration retention;
    private final int mostLines;
    private final long mostBytes;

    /** A line as it was stored, and where. */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record Stored(String id, byte[] line) {}

    Trail(Redis redis, Duration retention) {
        this(redis, retention, MOST_LINES, MOST_BYTES);
    }

    Trail(Redis redis, Duration retention, int mostLines, long mostBytes) {
        this.redis = redis;
        this.retention = retention;
        this.mostLines = mostLines;
        this.mostBytes = mostBytes;
        this.writer =
                Redis.utf8("pk:audit:{all}:w:" + Digest.hex(UUID.randomUUID().toString(), 8));
    }

    /** @param number of the batch, one higher than that of the one before */
    CompletionStage<List<Object>> write(long number, List<byte[]> lines) {
        Call call =
                new Call(256 + lines.stream().mapToInt(line -> line.length + 16).sum());
        call.key(LOG).key(SIZE).key(writer);
        call.arg(number).arg(mostLines).arg(mostBytes).arg(retention.toMillis());
        lines.forEach(call::arg);
        return redis.eval(WRITE, call);
    }

    /**
     * Reads backwards.
     *
     * @param newest where to begin, itself included: an id, milliseconds or {@code +}
     * @param oldest where to end
     */
    List<Stored> read(String newest, String oldest, int most) {
        Call call = new Call(128).key(LOG).arg(newest).arg(oldest).arg("COUNT").arg(most);
        List<Stored> lines = new ArrayList<>();
        for (Object entry : redis.await(redis.command("XREVRANGE", call))) {
            List<?> parts = (List<?>) entry;
            List<?> fields = (List<?>) parts.get(1);
            lines.add(new Stored(new String((byte[]) parts.get(0), StandardCharsets.US_ASCII), (byte[]) fields.get(1)));
        }
        return lines;
    }
}
