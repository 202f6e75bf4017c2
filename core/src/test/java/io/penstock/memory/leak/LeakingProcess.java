package io.penstock.memory.leak;

import io.penstock.memory.gc.GcFeed;
import io.penstock.memory.trend.FloorTrend;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that runs four types of jobs, of which one may keep some of its jobs for ever, and prints what its detector
 * says: {@code named=... leakedShare=... verdict=...}.
 *
 * <p>Arguments: which share of the leaking type is kept (one in n, 0 = none), the most seconds, and MB that live on.
 */
final class LeakingProcess {
    private static final int PAYLOAD = 16 << 10;
    private static final int CACHED = 200;

    /** Jobs of each type a second, so that the leak is slow enough for several markings. */
    private static final int PER_SECOND = 400;

    private record Context(byte[] payload, JobToken token) {}

    private LeakingProcess() {}

    public static void main(String[] args) {
        int oneIn = Integer.parseInt(args[0]);
        long end =
                System.nanoTime() + Duration.ofSeconds(Long.parseLong(args[1])).toNanos();
        long max = Runtime.getRuntime().maxMemory();
        int ballastBytes = Integer.parseInt(args[2]) << 20;
        List<byte[]> ballast = new ArrayList<>();
        for (int i = 0; i < ballastBytes / PAYLOAD; i++) {
            ballast.add(new byte[PAYLOAD]);
        }
        FloorTrend trend = new FloorTrend(Clock.system(), max, 0.75, Duration.ofSeconds(4));
        TreeSet<String> everNamed = new TreeSet<>();
        try (GcFeed feed = new GcFeed(Clock.system());
                LeakDetector detector = new LeakDetector(trend, max)) {
            feed.onCollection(detector::onCollection);
            List<Context> leaked = new ArrayList<>();
            Deque<Context> cache = new ArrayDeque<>();
            double room = max - ballastBytes - (double) CACHED * PAYLOAD;
            double namedAt = Double.NaN;
            double grewAt = Double.NaN;
            long began = System.nanoTime();
            for (int job = 0; System.nanoTime() - end < 0; job++) {
                work(detector, "clean");
                cache.addLast(work(detector, "cached"));
                if (cache.size() > CACHED) {
                    cache.removeFirst();
                }
                work(detector, "large", 4);
                Context last = work(detector, "leaking");
                if (oneIn > 0 && job % oneIn == 0) {
                    leaked.add(last);
                }
                double leakedShare = (double) leaked.size() * PAYLOAD / room;
                if (job % 100 == 0) {
                    LeakReport report = detector.report();
                    report.jobs().stream().filter(RetainedJobs::named).forEach(t -> everNamed.add(t.jobType()));
                    namedAt = Double.isNaN(namedAt) && !everNamed.isEmpty() ? leakedShare : namedAt;
                    grewAt = Double.isNaN(grewAt) && report.trend().growing() ? leakedShare : grewAt;
                }
                if (leakedShare > 0.7) {
                    break;
                }
                long due = began + (job + 1) * 1_000_000_000L / PER_SECOND;
                LockSupport.parkNanos(due - System.nanoTime());
            }
            LeakReport report = detector.report();
            System.out.printf(
                    "named=%s namedAtShare=%.2f growthAtShare=%.2f verdict=%s markings=%d floors=%d jobs=%s%n",
                    everNamed,
                    namedAt,
                    grewAt,
                    report.verdict(),
                    report.markings(),
                    report.trend().valleys(),
                    report.jobs());
            report.evidence().forEach(System.out::println);
            System.out.println(ballast.size() + leaked.size());
        }
    }

    private static Context work(LeakDetector detector, String type) {
        return work(detector, type, 1);
    }

    private static Context work(LeakDetector detector, String type, int times) {
        Context context = new Context(new byte[PAYLOAD * times], detector.watch(type));
        context.token().payload(context.payload(), context.payload().length);
        detector.finished(context.token());
        return context;
    }
}
