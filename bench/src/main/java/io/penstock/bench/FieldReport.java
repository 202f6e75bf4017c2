package io.penstock.bench;

import io.penstock.Penstock;
import io.penstock.bench.Line.Column;
import io.penstock.job.JobType;
import io.penstock.redis.Call;
import io.penstock.redis.PooledConnection;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisPool;
import io.penstock.runtime.Task;
import io.penstock.worker.WorkerConfig;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The table of the field report: what it told of, the same design replayed on this machine, and ours under the same load.
 *
 * <p>The load: 1,000 callers that ask Redis once a second each, while 3 queues of 5 workers run jobs as fast as one producer
 * adds them, a thousand a second. Time: a minute.
 */
final class FieldReport {
    private static final int QUEUES = 3;
    private static final int WORKERS = 5;
    private static final int MANY_WORKERS = 200;
    private static final Duration SPAN = Duration.ofSeconds(8);

    /** A thousand callers that ask once a second each: more than the replay can answer, a hundredth of what one line can. */
    private static final Callers.Load LOAD = new Callers.Load(1_000, Duration.ofSeconds(1), SPAN);

    /** Ten thousand questions a second. */
    private static final Callers.Load TENFOLD = new Callers.Load(1_000, Duration.ofMillis(100), SPAN);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PRODUCE = Duration.ofMillis(10);
    private static final int PRODUCED_AT_ONCE = 10;
    private static final byte[] KEY = Redis.utf8("bench:report");

    private final PrintStream out;

    private FieldReport(PrintStream out) {
        this.out = out;
    }

    /** Measures and prints it; 0, or 1 if it could not be measured. */
    static int run(PrintStream out) {
        try {
            new FieldReport(out).measure();
            return 0;
        } catch (Exception failed) {
            System.err.println("the report could not be measured: " + failed);
            return 1;
        }
    }

    private void measure() throws Exception {
        out.printf(Locale.ROOT, "java %s, %d cores, load before %.2f%n", Facts.java(), Facts.cores(), Facts.load());
        out.printf("%-44s %-20s %-22s %s%n", "", "the report", "replayed here", "ours");
        try (Site site = Site.embedded(Column.OFF)) {
            Callers.Outcome then = replay(site);
            site.clear();
            ours(site, then);
        }
    }

    private void row(String what, String then, String replayed, String now) {
        out.printf("%-44s %-20s %-22s %s%n", what, then, replayed, now);
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.1f ms", millis);
    }

    private static String answers(Callers.Outcome outcome) {
        return String.format(Locale.ROOT, "%,.0f/s", outcome.perSecond());
    }

    private Callers.Outcome replay(Site site) throws Exception {
        AtomicInteger mostAsking = new AtomicInteger();
        try (Replay replay = new Replay(site.uri)) {
            Callers.Outcome outcome = Callers.run(
                    LOAD,
                    () -> {
                        mostAsking.accumulateAndGet(replay.asking(), Math::max);
                        return replay.waiting();
                    },
                    () -> replay.call("INCR", "bench:report"));
            row("connections asked for, of 20", "32", mostAsking.toString(), "(below)");
            return outcome;
        }
    }

    private void ours(Site site, Callers.Outcome then) throws Exception {
        int before = site.clients();
        try (Penstock penstock = Penstock.connect(site.uri)) {
            List<String> queues = new ArrayList<>();
            JobType<Mail> type = Mail.to("bench-queue-0");
            penstock.handle(type, (mail, ctx) -> {});
            for (int i = 0; i < QUEUES; i++) {
                queues.add("bench-queue-" + i);
                penstock.work(WorkerConfig.named("bench-" + i).concurrency(WORKERS), Set.of("bench-queue-" + i));
            }
            String filling = Mail.filling(200);
            Task producer = penstock.timer().every("bench-produce", PRODUCE, () -> {
                for (int i = 0; i < PRODUCED_AT_ONCE; i++) {
                    penstock.enqueueAsync(Mail.to(queues.get(i % QUEUES)).spec(Mail.of(i, filling)));
                }
            });
            under(site, penstock, then, before);
            producer.close();
        }
        many(site);
    }

    private void under(Site site, Penstock penstock, Callers.Outcome then, int before) throws Exception {
        Redis redis = penstock.redis();
        RedisPool pool = penstock.redisPool();
        Callers.Operation multiplexed = () -> redis.await(redis.command("INCR", new Call(64).key(KEY)));
        Callers.Operation dedicated = () -> {
            try (PooledConnection mine = pool.acquire("bench")) {
                mine.await(mine.command("INCR", new Call(64).key(KEY)), PATIENCE);
            }
        };
        Callers.run(TENFOLD, () -> 0, multiplexed); // warms up
        Callers.Outcome now = Callers.run(LOAD, () -> 0, multiplexed);
        row("connections, 3 queues x 5 workers", "32 of 20", "" + Replay.CONNECTIONS, "" + (site.clients() - before));
        row("callers that wait for one, at most", "282", "" + then.mostWaiting(), "0");
        row("Redis answers, p50 of 1,000 callers", "1,540-2,716 ms", millis(then.p50()), millis(now.p50()));
        row("  p99", "", millis(then.p99()), millis(now.p99()));
        row("  longest", "", millis(then.longest()), millis(now.longest()));
        row("  answers", "", answers(then), answers(now));
        Callers.Outcome tenfold = Callers.run(TENFOLD, () -> 0, multiplexed);
        row("  ten times the load", "", "", all(tenfold));
        Callers.run(LOAD, () -> 0, dedicated);
        row("  each with a connection of the pool", "", "", pooled(pool, LOAD, dedicated));
        row("  the same, ten times the load", "", "", pooled(pool, TENFOLD, dedicated));
        row("timers", "50+", "" + Replay.timers(), timers(penstock));
    }

    private static String timers(Penstock penstock) {
        return "1 thread and its guard, " + penstock.timer().stats().size() + " tasks";
    }

    private static String pooled(RedisPool pool, Callers.Load load, Callers.Operation operation) throws Exception {
        Callers.Outcome outcome = Callers.run(load, () -> pool.stats().waiting(), operation);
        return all(outcome) + ", " + pool.stats().total() + " of "
                + pool.stats().max() + ", " + outcome.mostWaiting() + " waited";
    }

    private static String all(Callers.Outcome outcome) {
        return "p50 " + millis(outcome.p50()) + " p99 " + millis(outcome.p99()) + ", " + answers(outcome)
                + (outcome.failed() == 0 ? "" : ", " + outcome.failed() + " failed");
    }

    private void many(Site site) {
        int before = site.clients();
        try (Penstock penstock = Penstock.connect(site.uri)) {
            penstock.handle(Mail.to("bench-queue-0"), (mail, ctx) -> {});
            for (int i = 0; i < MANY_WORKERS; i++) {
                penstock.work(WorkerConfig.named("bench-" + i).concurrency(1), Set.of("bench-queue-" + i % QUEUES));
            }
            row("connections, 200 workers", "(42-79 thought)", "", "" + (site.clients() - before));
        }
    }
}
