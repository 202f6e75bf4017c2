package io.penstock.cache;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the other processes what the caches of this one do, and reads what they told.
 *
 * <p>One field of one hash a process, written every {@value #PERIOD_SECONDS} s; a process that is silent for a minute is
 * dropped, and the hash expires with the last of them. Bound: 128 lines of some 100 bytes a process.
 */
final class CacheReports implements AutoCloseable {
    private static final int PERIOD_SECONDS = 5;
    private static final byte[] KEY = Redis.utf8("pk:caches");
    private static final int NUMBERS = 14;

    private final String process = FarTier.nonce();
    private final Redis redis;
    private final Timer timer;
    private final Supplier<List<CacheStats>> stats;
    private @Nullable Task task; // guarded by this

    CacheReports(Redis redis, Timer timer, Supplier<List<CacheStats>> stats) {
        this.redis = redis;
        this.timer = timer;
        this.stats = stats;
    }

    synchronized void start() {
        if (task == null) {
            task = timer.every("cache-report", Duration.ofSeconds(PERIOD_SECONDS), () -> send(text()));
        }
        task.runNow();
    }

    /** @param report null = only read, empty = this process has none any more */
    private CompletionStage<List<Object>> send(@Nullable String report) {
        Call call = new Call(256).key(KEY).arg(process);
        return redis.eval(Scripts.REPORT, report == null ? call : call.arg(report));
    }

    List<CacheOverview> read() {
        Map<String, CacheOverview> all = new TreeMap<>();
        List<CacheStats> own = stats.get();
        own.forEach(line -> add(all, line));
        List<Object> told = redis.await(send(own.isEmpty() ? null : text()));
        for (int i = 0; i + 1 < told.size(); i += 2) {
            if (!Redis.text(told.get(i)).equals(process)) {
                Redis.text(told.get(i + 1)).lines().forEach(line -> {
                    CacheStats one = parse(line);
                    if (one != null) {
                        add(all, one);
                    }
                });
            }
        }
        return List.copyOf(all.values());
    }

    private static void add(Map<String, CacheOverview> all, CacheStats line) {
        all.merge(
                line.name(),
                new CacheOverview(line, 1),
                (a, b) -> new CacheOverview(a.stats().plus(b.stats()), a.processes() + b.processes()));
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (CacheStats s : stats.get()) {
            text.append(s.name());
            long[] numbers = {
                s.nearHits(), s.nearMisses(), s.farHits(), s.farMisses(), s.farFailures(), s.loads(), s.loadFailures(),
                s.loadMillis(), s.staleServed(), s.notKept(), s.evictions(), s.entries(), s.bytes(), s.waiting()
            };
            for (long number : numbers) {
                text.append(' ').append(number);
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** Returns null for a line that is none: another release may have another one. */
    private static @Nullable CacheStats parse(String line) {
        String[] part = line.split(" ", -1);
        if (part.length != NUMBERS + 1 || !line.matches("\\S+( \\d{1,18})+")) {
            return null;
        }
        long[] n = Arrays.stream(part).skip(1).mapToLong(Long::parseLong).toArray();
        return new CacheStats(
                part[0], n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13]);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (task == null) {
                return;
            }
            task.close();
        }
        if (redis.connected()) {
            var unused = send("");
        }
    }
}
