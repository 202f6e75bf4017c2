package io.penstock.bench;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.job.Enqueued;
import io.penstock.job.JobType;
import io.penstock.queue.EnqueueSummary;
import io.penstock.runtime.Clock;
import io.penstock.worker.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** An application on Penstock as its users write it: typed jobs, the default settings, one handler that does nothing. */
final class House implements AutoCloseable {
    private static final Meter.Lines PRODUCER =
            new Meter.Lines(Line.PRODUCER, Line.PRODUCER_REDIS, Line.PRODUCER_CLIENT);
    private static final Meter.Lines WORKER = new Meter.Lines(Line.WORKER, Line.WORKER_REDIS, Line.WORKER_CLIENT);
    private static final Meter.Lines CYCLE = new Meter.Lines(Line.CYCLE, Line.CYCLE_REDIS, Line.CYCLE_CLIENT);

    /** Far more than any of this takes; what hangs must say so. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** Long enough that everything sleeps again before the next job comes. */
    private static final long IDLE_NANOS = Duration.ofMillis(5).toNanos();

    private static final long LOOK_NANOS = 200_000;

    private final Site site;
    private final Options options;
    private final Results results;
    private final Clock clock = Clock.system();
    private final String filling;
    private final Penstock penstock;
    private final JobType<Mail> line;
    private final JobType<Mail> cycle;
    private final JobType<Mail> single;
    private final AtomicLong handled = new AtomicLong();
    private final Semaphore started = new Semaphore(0);
    private volatile boolean idle;
    private volatile long startedNanos;

    House(Site site, Options options, Results results) {
        this.site = site;
        this.options = options;
        this.results = results;
        this.filling = Mail.filling(options.payload());
        this.penstock = Penstock.connect(PenstockConfig.of(site.uri));
        this.line = Mail.to("bench-line");
        this.cycle = Mail.to("bench-cycle");
        this.single = Mail.to("bench-single");
        penstock.handle(cycle, (mail, ctx) -> handle());
    }

    private void handle() {
        if (idle) {
            startedNanos = clock.nanos();
            started.release();
        }
        handled.incrementAndGet();
    }

    /** Producer alone, worker alone, and both at once. */
    void throughput() {
        int jobs = options.jobs();
        Meter meter = new Meter(site, results);
        meter.start();
        enqueue(line, jobs);
        meter.stop(PRODUCER, jobs);

        meter.start();
        try (Worker worker = penstock.work(penstock.config().worker(), Set.of(line.queue()))) {
            await(worker, jobs);
            meter.stop(WORKER, jobs);
        }
        try (Worker worker = penstock.work(penstock.config().worker(), Set.of(cycle.queue()))) {
            meter.start();
            enqueue(cycle, jobs);
            await(worker, jobs);
            meter.stop(CYCLE, jobs);
        }
    }

    private void enqueue(JobType<Mail> type, int jobs) {
        EnqueueSummary summary =
                penstock.enqueueAll(type, IntStream.range(0, jobs).mapToObj(i -> Mail.of(i, filling)));
        if (summary.accepted() != jobs) {
            throw new IllegalStateException("not all jobs were accepted: " + summary + "; the benchmark ends");
        }
    }

    /** Waits until the end of so many jobs has been confirmed by Redis. */
    private void await(Worker worker, long jobs) {
        long deadline = clock.nanos() + LONGEST.toNanos();
        while (worker.stats().completed() < jobs) {
            if (clock.nanos() - deadline > 0) {
                throw new IllegalStateException("only " + worker.stats().completed() + " of " + jobs
                        + " jobs were done after " + LONGEST + "; the benchmark ends");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Callers that add one job after the other, each waiting for its answer. */
    void single() throws InterruptedException {
        single(1, options.jobs() / 20, new Meter.Lines(Line.SINGLE_1, Line.SINGLE_1_REDIS, Line.SINGLE_1_CLIENT));
        single(16, options.jobs() / 4, new Meter.Lines(Line.SINGLE_16, Line.SINGLE_16_REDIS, Line.SINGLE_16_CLIENT));
        single(200, options.jobs(), new Meter.Lines(Line.SINGLE_200, Line.SINGLE_200_REDIS, Line.SINGLE_200_CLIENT));
        penstock.delete(single.queue(), true);
    }

    private void single(int callers, int jobs, Meter.Lines lines) throws InterruptedException {
        int each = Math.max(1, jobs / callers);
        AtomicLong refused = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        Meter meter = new Meter(site, results);
        meter.start();
        for (int caller = 0; caller < callers; caller++) {
            threads.add(penstock.threads().startLight("caller-" + caller, () -> {
                for (int i = 0; i < each; i++) {
                    if (!(penstock.enqueue(single, Mail.of(i, filling)) instanceof Enqueued.Accepted)) {
                        refused.incrementAndGet();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        meter.stop(lines, (long) callers * each);
        if (refused.get() > 0) {
            throw new IllegalStateException(refused + " jobs were refused; the benchmark ends");
        }
    }

    /** From the call that adds a job to its handler, when nothing else goes on. */
    void idle() throws InterruptedException {
        int samples = Math.max(20, Math.min(500, options.jobs() / 500));
        long[] nanos = new long[samples];
        try (Worker worker = penstock.work(penstock.config().worker(), Set.of(cycle.queue()))) {
            idle = true;
            for (int i = 0; i < samples; i++) {
                LockSupport.parkNanos(IDLE_NANOS);
                long began = clock.nanos();
                penstock.enqueue(cycle, Mail.of(i, filling));
                if (!started.tryAcquire(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException("a job never started; the benchmark ends");
                }
                nanos[i] = startedNanos - began;
            }
            await(worker, samples);
        } finally {
            idle = false;
        }
        Arrays.sort(nanos);
        results.add(Line.IDLE_P50, site.column, nanos[samples / 2] / 1e6);
        results.add(Line.IDLE_P99, site.column, nanos[(int) (samples * 0.99)] / 1e6);
        results.add(Line.IDLE_MAX, site.column, nanos[samples - 1] / 1e6);
    }

    @Override
    public void close() {
        penstock.delete(line.queue(), true);
        penstock.delete(cycle.queue(), true);
        penstock.close();
    }
}
