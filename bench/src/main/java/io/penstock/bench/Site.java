package io.penstock.bench;

import io.penstock.bench.Line.Column;
import io.penstock.embedded.EmbeddedRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One Redis under measurement and the connection that reads its meters; both are closed here. */
final class Site implements AutoCloseable {
    /** Redis counts the buffers of its clients ten times a second. */
    private static final long STALE_NANOS = 250_000_000;

    private static final int FREEING_TRIES = 1_000;
    private static final long FREEING_NANOS = 10_000_000;

    final Column column;
    final String uri;
    private final @Nullable EmbeddedRedis embedded;
    private final Wire probe;

    private Site(Column column, String uri, @Nullable EmbeddedRedis embedded) throws IOException {
        this.column = column;
        this.uri = uri;
        this.embedded = embedded;
        this.probe = Wire.open(uri);
    }

    /** An embedded one in a temporary directory. */
    static Site embedded(Column column) throws IOException {
        EmbeddedRedis redis =
                EmbeddedRedis.builder().persistence(column == Column.EVERYSEC).start();
        try {
            return new Site(column, redis.uri(), redis);
        } catch (IOException | RuntimeException failed) {
            redis.close();
            throw failed;
        }
    }

    /** One that runs elsewhere; its column is what it says of its own persistence. */
    static Site at(String uri) throws IOException {
        try (Wire first = Wire.open(uri)) {
            boolean durable = first.info().getOrDefault("aof_enabled", "0").equals("1");
            return new Site(durable ? Column.EVERYSEC : Column.OFF, uri, null);
        }
    }

    private Map<String, String> info() {
        try {
            return probe.info();
        } catch (IOException lost) {
            throw new UncheckedIOException("the meters of Redis could not be read", lost);
        }
    }

    private static double number(Map<String, String> info, String key) {
        return Double.parseDouble(info.getOrDefault(key, "0"));
    }

    /** Processor time of the server's threads. */
    double cpuMicros() {
        Map<String, String> info = info();
        return (number(info, "used_cpu_sys") + number(info, "used_cpu_user")) * 1e6;
    }

    /** Bytes that its data take: buffers of clients and of the append-only file come and go and are left out. */
    double dataBytes() {
        LockSupport.parkNanos(STALE_NANOS);
        Map<String, String> info = info();
        for (int tries = 0; number(info, "lazyfree_pending_objects") > 0 && tries < FREEING_TRIES; tries++) {
            LockSupport.parkNanos(FREEING_NANOS); // what was deleted is still being freed by another thread of Redis
            info = info();
        }
        return number(info, "used_memory") - number(info, "mem_clients_normal") - number(info, "mem_aof_buffer");
    }

    int clients() {
        return (int) number(info(), "connected_clients");
    }

    String version() {
        Map<String, String> info = info();
        String valkey = info.get("valkey_version");
        return valkey == null ? "Redis " + info.get("redis_version") : "Valkey " + valkey;
    }

    /** Forgets everything, if it is ours to forget. */
    void clear() {
        try {
            if (embedded != null) {
                probe.call("FLUSHALL");
            }
        } catch (IOException lost) {
            throw new UncheckedIOException("Redis could not be emptied", lost);
        }
    }

    @Override
    public void close() throws IOException {
        probe.close();
        if (embedded != null) {
            embedded.close();
        }
    }
}
