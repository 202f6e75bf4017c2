package io.penstock;

import io.penstock.Finding.Level;
import io.penstock.redis.RedisException;
import io.penstock.redis.ServerFacts;
import java.util.ArrayList;
import java.util.List;

/** Says what is wrong with a Redis as a home for jobs: version, eviction, persistence, memory, clock, role. */
final class Doctor {
    /** A clock this far off makes ages and histories look wrong; delays are measured by Redis alone and stay right. */
    private static final long MOST_SKEW_MILLIS = 2_000;

    private static final double NEARLY_FULL_SHARE = 0.8;

    private Doctor() {}

    static List<Finding> examine(ServerFacts facts) {
        List<Finding> all = new ArrayList<>();
        all.add(
                facts.atLeast(5, 0)
                        ? ok("version", facts.product() + ", " + facts.mode())
                        : error(
                                "version",
                                facts.product() + " is older than 5.0, whose commands the queue needs; upgrade it"));
        all.add(
                facts.keepsEverything()
                        ? ok("eviction", "maxmemory-policy is " + facts.evictionPolicy())
                        : error("eviction", evicts(facts)));
        all.add(persistence(facts));
        all.add(memory(facts));
        all.add(
                Math.abs(facts.skewMillis()) <= MOST_SKEW_MILLIS
                        ? ok("clock", "within " + Math.abs(facts.skewMillis()) + " ms of ours")
                        : new Finding(
                                Level.WARNING,
                                "clock",
                                "Redis is " + facts.skewMillis()
                                        + " ms off our clock; delays stay right, shown ages do not; run NTP on both"));
        all.add(
                facts.role().equals("master")
                        ? ok("role", "primary")
                        : error(
                                "role",
                                "this is a " + facts.role()
                                        + ", which takes no writes; connect to the primary or by Sentinel"));
        return all;
    }

    private static Finding persistence(ServerFacts facts) {
        if (facts.appendOnly()) {
            return ok(
                    "persistence",
                    "append-only file is on; with appendfsync always no acknowledged job is lost when Redis"
                            + " dies, with everysec up to about 2 s of them may be");
        }
        return new Finding(
                Level.WARNING,
                "persistence",
                "append-only file is off: jobs since the last snapshot are lost when"
                        + " Redis stops; set appendonly yes");
    }

    private static Finding memory(ServerFacts facts) {
        if (facts.maxMemoryBytes() == 0) {
            return new Finding(
                    Level.WARNING,
                    "memory",
                    "maxmemory is not set: a growing queue takes the host's memory until the"
                            + " kernel kills Redis; set maxmemory, producers are then refused in time");
        }
        double share = (double) facts.usedMemoryBytes() / facts.maxMemoryBytes();
        String text = Math.round(share * 100) + " % of maxmemory " + facts.maxMemoryBytes() + " bytes is used";
        return share < NEARLY_FULL_SHARE
                ? ok("memory", text)
                : new Finding(
                        Level.WARNING, "memory", text + "; producers are refused at 100 %; add workers or raise it");
    }

    private static String evicts(ServerFacts facts) {
        return "maxmemory-policy is " + facts.evictionPolicy()
                + ": Redis deletes jobs to make room; set it to noeviction";
    }

    /** Refuses a server that would lose jobs. */
    static void require(ServerFacts facts, String address) {
        if (!facts.atLeast(5, 0)) {
            throw new RedisException("Redis at " + address + " is version " + facts.version()
                    + ", Penstock needs 5.0 or later; nothing was started; upgrade it");
        }
        if (!facts.keepsEverything()) {
            throw new RedisException("Redis at " + address + ": " + evicts(facts)
                    + "; nothing was started; or open it with readOnly to look only");
        }
    }

    private static Finding ok(String check, String message) {
        return new Finding(Level.OK, check, message);
    }

    private static Finding error(String check, String message) {
        return new Finding(Level.ERROR, check, message);
    }
}
