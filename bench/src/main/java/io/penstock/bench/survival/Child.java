package io.penstock.bench.survival;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.MemoryPolicy;
import io.penstock.memory.admission.LoadLine;
import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.memory.admission.LoadLineConfig.Mode;
import io.penstock.memory.admission.LoadLineStats;
import io.penstock.memory.gc.GcFeed;
import io.penstock.runtime.Clock;
import io.penstock.worker.Interceptor;
import io.penstock.worker.JobContext;
import io.penstock.worker.Worker;
import io.penstock.worker.WorkerConfig;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The process that shall survive: a worker with real jobs from a real Redis, and a rule. */
final class Child {
    private static final Clock CLOCK = Clock.system();
    private static final long TICK_NANOS = 100_000_000;

    /** A JVM of 64 MB on two busy cores needs a second before it runs anything at its pace. */
    static final long WARM_NANOS = 1_000_000_000;

    private final Rule rule;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong outOfMemory = new AtomicLong();
    private final AtomicLong permits = new AtomicLong(Runtime.getRuntime().maxMemory() * 3 / 4);
    private final AtomicInteger running = new AtomicInteger();
    private long mostRss;

    private Child(Rule rule) {
        this.rule = rule;
    }

    /** Arguments: address of Redis, rule, concurrency, shape, millis of the run. */
    public static void main(String[] args) {
        Child child = new Child(Rule.named(args[1]));
        child.run(args[0], Integer.parseInt(args[2]), Shape.named(args[3]), Long.parseLong(args[4]));
        Runtime.getRuntime().halt(0); // whatever still runs has been measured
    }

    private void run(String uri, int concurrency, Shape shape, long millis) {
        Mode mode = rule == Rule.LINE ? Mode.ENFORCE : Mode.OFF;
        PenstockConfig config = PenstockConfig.of(uri)
                .worker(WorkerConfig.named("hungry").concurrency(concurrency))
                .loadLine(LoadLineConfig.DEFAULT
                        .mode(mode)
                        .line(Double.parseDouble(System.getProperty("survival.line", "0"))))
                .memory(budget(rule == Rule.LINE));
        Penstock penstock = Penstock.connect(config);
        for (int type = 0; type < Job.TYPES; type++) {
            penstock.handle(Job.type(type), (job, context) -> work(job, shape));
        }
        penstock.intercept(new Interceptor() {
            @Override
            public void error(JobContext context, Throwable error) {
                if (LoadLine.ranOut(error)) {
                    outOfMemory.incrementAndGet();
                }
            }
        });
        Worker worker = penstock.start();
        if (Boolean.getBoolean("survival.collections")) {
            new GcFeed(CLOCK).onCollection(event -> say("gc " + event));
        }
        watch(penstock.memory(), shape, millis);
        say("done " + done.get() + " " + outOfMemory.get());
        say("rss " + penstock.memory().status().sample().rssBytes() / 1_000_000 + " MB at the end, most "
                + mostRss / 1_000_000);
        if (rule == Rule.LINE) {
            say("stats " + penstock.memory().line().stats());
            finish(penstock);
            say("left " + penstock.queue(Job.QUEUE).counts());
            say("end " + done.get() + " " + outOfMemory.get() + " "
                    + worker.stats().failed());
        }
    }

    /** With {@code -Dsurvival.rss=MB} the process has so much in all, as under a container's limit that nobody enforces. */
    private static MemoryPolicy budget(boolean governed) {
        MemoryPolicy usual = MemoryPolicy.DEFAULT;
        return new MemoryPolicy(
                usual.enabled(),
                usual.autoOptimization(),
                usual.threshold(),
                usual.intervalMs(),
                usual.maxHeapSizeMB(),
                governed ? Long.getLong("survival.rss", usual.maxRSSSizeMB()) : usual.maxRSSSizeMB());
    }

    /** Every job must be done in the end. */
    private void finish(Penstock penstock) {
        long deadline = CLOCK.nanos() + 200 * TICK_NANOS;
        while (penstock.queue(Job.QUEUE).counts().pending() > 0 && CLOCK.nanos() - deadline < 0) {
            LockSupport.parkNanos(TICK_NANOS);
        }
    }

    private void watch(MemoryGovernor memory, Shape shape, long millis) {
        long start = CLOCK.nanos();
        long half = start + millis * 500_000;
        long end = start + millis * 1_000_000;
        byte[][] ballast = {};
        long before = -1;
        for (long now = start; now - end < 0; now = CLOCK.nanos()) {
            if (before < 0 && now - start >= WARM_NANOS) {
                before = done.get();
            }
            if (shape == Shape.BALLAST && ballast.length == 0 && now - half > 0) {
                ballast = hold(Shape.BALLAST_BYTES, 64 << 10, 0);
            }
            LockSupport.parkNanos(TICK_NANOS);
            mostRss = Math.max(mostRss, memory.monitor().sampleNow().rssBytes());
            LoadLineStats seen = memory.line().stats();
            say("at " + done.get() + " " + outOfMemory.get() + " running " + running.get() + " base "
                    + seen.baseBytes() / 1_000_000 + " promised " + seen.runningBytes() / 1_000_000 + " hand "
                    + seen.handBytes() / 1_000_000 + " throttle " + Math.round(seen.throttle() * 100) + " left "
                    + Math.round(seen.liveShare() * 100) + " discount " + Math.round(seen.garbageDiscount() * 100));
        }
        say("rate " + (done.get() - before) * 1e9 / (CLOCK.nanos() - start - WARM_NANOS));
        if (ballast.length == Integer.MAX_VALUE) {
            say("kept");
        }
    }

    private void work(Job job, Shape shape) {
        long cost = 3L * job.filling().length * 4 / 3;
        if (rule == Rule.PERMITS) {
            while (permits.addAndGet(-cost) < 0 && running.get() > 0) {
                permits.addAndGet(cost);
                LockSupport.parkNanos(2_000_000);
            }
        } else if (rule == Rule.BREAKER) {
            Runtime heap = Runtime.getRuntime();
            while (heap.totalMemory() - heap.freeMemory() > heap.maxMemory() * 95 / 100) {
                LockSupport.parkNanos(2_000_000);
            }
        }
        running.incrementAndGet();
        try {
            if (shape == Shape.DIRECT) {
                direct(job);
            } else {
                consume(job);
            }
            done.incrementAndGet();
        } finally {
            running.decrementAndGet();
            if (rule == Rule.PERMITS) {
                permits.addAndGet(cost);
            }
        }
    }

    /** Allocates over the first half of its time, then holds. */
    private static void consume(Job job) {
        long half = job.millis() * 500_000L;
        byte[][] kept = hold(job.live(), job.chunk(), half);
        churn(job.churn());
        LockSupport.parkNanos(half);
        if (kept.length > 0 && kept[0][0] != 1) {
            throw new IllegalStateException("lost");
        }
    }

    private static void direct(Job job) {
        long part = job.millis() * 1_000_000L / 3;
        ByteBuffer first = ByteBuffer.allocateDirect(job.live() / 2);
        LockSupport.parkNanos(part);
        ByteBuffer second = ByteBuffer.allocateDirect(job.live() / 2);
        LockSupport.parkNanos(2 * part);
        if (first.get(0) != second.get(0)) {
            throw new IllegalStateException("lost");
        }
    }

    private static byte[][] hold(int bytes, int chunk, long nanos) {
        byte[][] kept = new byte[Math.max(1, bytes / chunk)][];
        int rests = Math.min(4, kept.length);
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new byte[chunk];
            kept[i][0] = 1;
            if (nanos > 0 && i % Math.max(1, kept.length / rests) == 0) {
                LockSupport.parkNanos(nanos / rests);
            }
        }
        return kept;
    }

    private static void churn(int bytes) {
        long sum = 0;
        for (int left = bytes; left > 0; left -= 16 << 10) {
            byte[] dropped = new byte[16 << 10];
            dropped[left & 0x3fff] = 1;
            sum += dropped[0];
        }
        if (sum == -1) {
            throw new IllegalStateException();
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
