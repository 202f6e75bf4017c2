package io.penstock.redis;

import io.penstock.redis.RedisStatus.SlowCommand;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Health;
import io.penstock.runtime.Health.Status;
import io.penstock.runtime.Hysteresis;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Looks at Redis again and again and says how it does.
 *
 * <p>Latency is that of every multiplexed command of this process, not of the look alone: the mean of each period,
 * smoothed over a few. A slow, nearly full, evicting, read-only or failing-to-persist server is DEGRADED, one that does not
 * answer DOWN; {@link Hysteresis} keeps it from flapping and lets it recover by itself. Cost: one INFO and one SLOWLOG GET a
 * period, nobody waits for them. Of a Cluster it sees one server a look. Bound: fixed, 12 KB with the looks of the last hour.
 * Threads: safe.
 */
public final class RedisHealth extends Service {
    /** Six looks a minute: an outage is told within 20 s, and the two commands cost about 0.1 ms of Redis. */
    public static final Duration DEFAULT_PERIOD = Duration.ofSeconds(10);

    /** As in the report. */
    public static final Duration DEFAULT_THRESHOLD = Duration.ofMillis(100);

    private static final long NOT_LOOKED = -2;
    private static final long UNKNOWN = -1;

    static final int SLOWEST_SHOWN = 8;
    static final int COMMAND_CHARS = 120;

    private static final Logger log = LoggerFactory.getLogger(RedisHealth.class);

    /** Half the weight is that of the last two looks: one late answer moves it by a third of itself. */
    private static final double WEIGHT = 0.3;

    /** Below this share of the threshold it is no longer slow: a value at the threshold does not make it flap. */
    private static final double RELEASE = 0.8;

    private static final double FULL_SHARE = 0.9;
    private static final double ROOMY_SHARE = 0.85;

    /** Ids are consecutive, so the count is exact also when more were logged than are fetched. */
    private static final int SLOWLOG_FETCHED = 32;

    /** The percentiles cover one to two of these. */
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Redis redis;
    private final Timer timer;
    private final Clock clock;
    private final Duration period;
    private final double thresholdMillis;
    private final Hysteresis hysteresis;
    private final LatencyRing ring = new LatencyRing();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile @Nullable Task task;
    private volatile RedisStatus status;

    // touched by one look at a time
    private volatile double ewmaMillis = -1;
    private long rolledNanos;
    private boolean slow;
    private boolean full;
    private long evicted = -1;
    private long slowId = NOT_LOOKED; // the newest known; -1 = the log was empty

    /** @param threshold smoothed latency above which Redis is DEGRADED */
    public RedisHealth(Redis redis, Duration period, Duration threshold, Timer timer) {
        this.redis = redis;
        this.timer = timer;
        this.clock = timer.clock();
        this.period = period;
        this.thresholdMillis = threshold.toNanos() / 1e6;
        this.hysteresis = new Hysteresis(clock);
        this.rolledNanos = clock.nanos();
        this.status = new RedisStatus(
                hysteresis.health(), latency(), null, 0, 0, 0, 0, "unknown", true, 0, "unknown", 0, 0, List.of());
    }

    @Override
    protected void onStart() {
        Task planned = timer.every("redis-health", period, this::look);
        task = planned;
        planned.runNow();
    }

    @Override
    protected void onStop() {
        Task planned = task;
        if (planned != null) {
            planned.close();
        }
    }

    /** Returns what the last look saw; costs nothing. */
    public RedisStatus status() {
        return status;
    }

    /** Returns the looks of the last hour that were answered, the oldest first. */
    public List<LatencyStats.Look> recent() {
        return ring.looks();
    }

    /** Returns the bytes that Redis uses, as of the last look; -1 before the first. */
    public long usedMemoryBytes() {
        RedisStatus last = status;
        return last.lookedAt() == null ? UNKNOWN : last.usedMemoryBytes();
    }

    /** Returns the bytes that Redis may use, as of the last look; -1 if it has no limit, or before the first. */
    public long maxMemoryBytes() {
        long most = status.maxMemoryBytes();
        return most == 0 ? UNKNOWN : most;
    }

    /** Returns how it does. */
    public Health health() {
        return hysteresis.health();
    }

    private void look() {
        if (!redis.connected()) {
            settle(Status.DOWN, "no connection to Redis at " + redis.config().shown());
            return;
        }
        if (!looking.compareAndSet(false, true)) {
            return; // the look before has a deadline and fails by itself
        }
        long begin = clock.nanos();
        var info = redis.command("INFO", new Call(16)).toCompletableFuture();
        // a managed server may refuse it; then nothing is known of slow commands, and that is no fault
        CompletableFuture<List<Object>> slowlog = redis.command(
                        "SLOWLOG", new Call(32).arg("GET").arg(SLOWLOG_FETCHED))
                .toCompletableFuture()
                .exceptionally(refused -> List.of());
        var unused = info.thenCombine(slowlog, (facts, slowest) -> answered(facts, slowest, begin))
                .whenComplete((done, error) -> {
                    looking.set(false);
                    if (error != null && running()) {
                        settle(
                                Status.DOWN,
                                String.valueOf(Redis.unwrapped(error).getMessage()));
                    }
                });
    }

    private RedisStatus answered(List<Object> facts, List<Object> slowlog, long begin) {
        Map<String, String> said = new HashMap<>();
        Redis.text(facts.get(0)).lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                said.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        smooth(begin);
        long evictedNow = number(said, "evicted_keys");
        long evictedSince = evicted < 0 || evictedNow < evicted ? 0 : evictedNow - evicted; // fewer: it was restarted
        evicted = evictedNow;
        List<String> reasons = new ArrayList<>();
        judgeLatency(reasons);
        judgeMemory(said, evictedSince, reasons);
        String persistence = judgePersistence(said, reasons);
        judgeReplication(said, reasons);
        List<SlowCommand> fresh = fresh(slowlog);
        long newest = fresh.stream().mapToLong(SlowCommand::id).max().orElse(slowId);
        long slowSince = slowId == NOT_LOOKED ? 0 : newest - slowId;
        slowId = Math.max(newest, -1);
        Health health = settle(reasons.isEmpty() ? Status.UP : Status.DEGRADED, String.join("; ", reasons));
        RedisStatus seen = new RedisStatus(
                health,
                latency(),
                Instant.ofEpochMilli(clock.millis()),
                number(said, "used_memory"),
                number(said, "maxmemory"),
                evictedNow,
                evictedSince,
                said.getOrDefault("role", "unknown"),
                !"down".equals(said.get("master_link_status")),
                (int) number(said, "connected_slaves"),
                persistence,
                number(said, "connected_clients"),
                slowSince,
                slowSince == 0 ? List.of() : fresh.stream().limit(SLOWEST_SHOWN).toList());
        status = seen;
        return seen;
    }

    /** The mean of the answers since the look before, this look's own at least. */
    private void smooth(long begin) {
        long now = clock.nanos();
        double mean = redis.latency().takeMeanMillis();
        double period = mean > 0 ? mean : (now - begin) / 1e6;
        ewmaMillis = ewmaMillis < 0 ? period : ewmaMillis + WEIGHT * (period - ewmaMillis);
        Latency all = redis.latency();
        ring.add(clock.millis(), period, all.percentileMillis(0.99), all.maxMillis());
        if (now - rolledNanos >= WINDOW_NANOS) {
            rolledNanos = now;
            redis.latency().roll();
        }
    }

    private void judgeLatency(List<String> reasons) {
        slow = ewmaMillis > thresholdMillis * (slow ? RELEASE : 1);
        if (slow) {
            reasons.add("latency %.1f ms, bound %.0f ms".formatted(ewmaMillis, thresholdMillis));
        }
    }

    private void judgeMemory(Map<String, String> said, long evictedSince, List<String> reasons) {
        long most = number(said, "maxmemory");
        double share = most == 0 ? 0 : (double) number(said, "used_memory") / most;
        full = share > (full ? ROOMY_SHARE : FULL_SHARE);
        if (full) {
            reasons.add("memory %.0f %% of maxmemory %d bytes, bound %.0f %%"
                    .formatted(share * 100, most, FULL_SHARE * 100));
        }
        if (evictedSince > 0) {
            reasons.add(evictedSince + " keys evicted since the last look, bound 0: jobs may be lost");
        }
    }

    private static String judgePersistence(Map<String, String> said, List<String> reasons) {
        boolean aof = number(said, "aof_enabled") == 1;
        String failed = "";
        if (aof && "err".equals(said.get("aof_last_write_status"))) {
            failed = "aof write";
        } else if ("err".equals(said.get("rdb_last_bgsave_status"))) {
            failed = "rdb save";
        } else if (aof && "err".equals(said.get("aof_last_bgrewrite_status"))) {
            failed = "aof rewrite";
        }
        if (!failed.isEmpty()) {
            reasons.add("last " + failed + " failed: what is acknowledged may not survive a restart");
            return failed;
        }
        return aof || number(said, "rdb_saves") > 0 ? "ok" : "off";
    }

    private static void judgeReplication(Map<String, String> said, List<String> reasons) {
        if ("slave".equals(said.get("role"))) {
            reasons.add("this is a replica, and we need the primary");
        }
        if ("down".equals(said.get("master_link_status"))) {
            reasons.add("the replica has lost its primary");
        }
    }

    /** The entries newer than the last look's, the slowest first. An id below it: the server was restarted. */
    private List<SlowCommand> fresh(List<Object> slowlog) {
        List<SlowCommand> all = new ArrayList<>();
        for (Object entry : slowlog) {
            if (entry instanceof List<?> fields && fields.size() >= 4 && fields.get(3) instanceof List<?> words) {
                StringBuilder text = new StringBuilder();
                for (Object word : words) {
                    if (text.length() < COMMAND_CHARS && word instanceof byte[] bytes) {
                        int most = Math.min(bytes.length, COMMAND_CHARS);
                        text.append(text.isEmpty() ? "" : " ")
                                .append(new String(bytes, 0, most, StandardCharsets.UTF_8));
                    }
                }
                text.setLength(Math.min(text.length(), COMMAND_CHARS));
                all.add(new SlowCommand(
                        (Long) fields.get(0),
                        Instant.ofEpochSecond((Long) fields.get(1)),
                        (Long) fields.get(2),
                        text.toString()));
            }
        }
        long newest = all.stream().mapToLong(SlowCommand::id).max().orElse(slowId);
        if (newest < slowId) {
            slowId = -1;
        }
        return all.stream()
                .filter(command -> command.id() > slowId)
                .sorted(Comparator.comparingLong(SlowCommand::micros).reversed())
                .toList();
    }

    private Health settle(Status seen, String reason) {
        Health was = hysteresis.health();
        Health now = hysteresis.look(seen, reason);
        if (now.status() != was.status()) {
            log.atLevel(now.status() == Status.UP ? Level.INFO : Level.WARN)
                    .log("redis health={} was={} reason=\"{}\"", now.status(), was.status(), now.reason());
        }
        RedisStatus last = status;
        status = last.with(now, latency());
        return now;
    }

    /** Returns how fast Redis answers by now. */
    public LatencyStats latency() {
        return redis.latency().stats(Math.max(0, ewmaMillis));
    }

    private static long number(Map<String, String> said, String key) {
        try {
            return Long.parseLong(said.getOrDefault(key, "0"));
        } catch (NumberFormatException odd) {
            return 0; // a proxy or another product; one odd number must not hide the others
        }
    }
}
