package io.penstock.redis;

import java.util.HashMap;
import java.util.Map;

/**
 * What a Redis server says of itself.
 *
 * @param version of Redis whose commands it speaks; Valkey speaks 7.2
 * @param product {@code redis} or {@code valkey} with its own version
 * @param maxMemoryBytes 0 = no limit
 * @param appendOnly whether writes go to an append-only file
 * @param skewMillis its clock minus ours, to within the round trip
 */
public record ServerFacts(
        String version,
        String product,
        String mode,
        String role,
        long usedMemoryBytes,
        long maxMemoryBytes,
        String evictionPolicy,
        boolean appendOnly,
        boolean snapshots,
        long connectedClients,
        long skewMillis) {

    /** Asks the server. Two round trips. */
    public static ServerFacts of(Redis redis, long nowMillis) {
        var info = redis.command("INFO", new Call(16));
        var time = redis.await(redis.command("TIME", new Call(16)));
        Map<String, String> said = new HashMap<>();
        Redis.text(redis.await(info).get(0)).lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                said.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        long theirs = Long.parseLong(Redis.text(time.get(0))) * 1000 + Long.parseLong(Redis.text(time.get(1))) / 1000;
        String valkey = said.get("valkey_version");
        String version = said.getOrDefault("redis_version", "0.0.0");
        return new ServerFacts(
                version,
                valkey == null ? "redis " + version : "valkey " + valkey,
                said.getOrDefault("redis_mode", "standalone"),
                said.getOrDefault("role", "master"),
                number(said, "used_memory"),
                number(said, "maxmemory"),
                said.getOrDefault("maxmemory_policy", "unknown"),
                number(said, "aof_enabled") == 1,
                number(said, "rdb_last_save_time") > 0 && number(said, "rdb_saves") > 0,
                number(said, "connected_clients"),
                theirs - nowMillis);
    }

    private static long number(Map<String, String> said, String key) {
        return Long.parseLong(said.getOrDefault(key, "0"));
    }

    /** Tells whether the server is at least this version of Redis. */
    public boolean atLeast(int major, int minor) {
        String[] part = version.split("\\.", 3);
        int theirMajor = Integer.parseInt(part[0]);
        return theirMajor > major || (theirMajor == major && Integer.parseInt(part[1]) >= minor);
    }

    /** Tells whether nothing can be evicted, so that a job can not vanish to make room. */
    public boolean keepsEverything() {
        return evictionPolicy.equals("noeviction") || evictionPolicy.equals("unknown");
    }
}
