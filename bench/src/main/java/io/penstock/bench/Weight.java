package io.penstock.bench;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.bench.Line.Column;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.queue.Ending;
import io.penstock.queue.Lease;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueSettings;
import io.penstock.queue.QueueStore;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What jobs weigh in Redis, and what they cost while many others wait; by the protocol itself, so that nothing else moves. */
final class Weight implements AutoCloseable {
    /** Between powers of two, as a table of this many is on average: at 65,537 it has just doubled. */
    private static final int JOBS = 50_000;

    private static final Duration LEASE = Duration.ofHours(1);

    /** Jobs of one round of the comparison, in batches as a worker takes them. */
    private static final int CYCLED = 20_000;

    private static final int NEAR = 10_000;
    private static final long MOST_BYTES = 64 << 20;

    private final Site site;
    private final Options options;
    private final Results results;
    private final Clock clock = Clock.system();
    private final Penstock penstock;

    Weight(Site site, Options options, Results results) {
        this.site = site;
        this.options = options;
        this.results = results;
        this.penstock = Penstock.connect(PenstockConfig.of(site.uri));
    }

    /** The lines of one payload size. */
    private record Lines(int payload, Line waiting, Line active, Line delayed, Line kept) {}

    void bytes() {
        int jobs = Math.min(JOBS, options.jobs());
        for (Lines lines : List.of(
                new Lines(200, Line.BYTES_WAITING, Line.BYTES_ACTIVE, Line.BYTES_DELAYED, Line.BYTES_KEPT),
                new Lines(20, Line.BYTES_WAITING_20, Line.BYTES_ACTIVE_20, Line.BYTES_DELAYED_20, Line.BYTES_KEPT_20),
                new Lines(
                        2_000,
                        Line.BYTES_WAITING_2000,
                        Line.BYTES_ACTIVE_2000,
                        Line.BYTES_DELAYED_2000,
                        Line.BYTES_KEPT_2000))) {
            bytes(lines, jobs);
        }
    }

    private void bytes(Lines lines, int jobs) {
        String name = "bench-weight-" + lines.payload;
        Queue queue = penstock.queue(name);
        queue.configure(keeping(jobs));
        double empty = site.dataBytes();
        add(queue, jobs, lines.payload, JobOptions.NONE);
        weigh(lines.waiting, lines, empty, jobs);
        QueueStore store = queue.store();
        Lease lease = penstock.redis().await(store.join(LEASE));
        List<List<LeasedJob>> batches = new java.util.ArrayList<>();
        for (int taken = 0; taken < jobs; ) {
            List<LeasedJob> batch = take(store, lease);
            batches.add(batch);
            taken += batch.size();
        }
        weigh(lines.active, lines, empty, jobs);
        batches.forEach(batch -> finish(store, lease, batch));
        weigh(lines.kept, lines, empty, jobs);
        penstock.redis().await(store.leave(lease, 0));
        penstock.delete(name, true);

        empty = site.dataBytes();
        add(penstock.queue(name), jobs, lines.payload, JobOptions.NONE.in(Duration.ofHours(1)));
        weigh(lines.delayed, lines, empty, jobs);
        penstock.delete(name, true);
    }

    /** As by default, but keeping them all. */
    private static QueueSettings keeping(int jobs) {
        QueueSettings d = QueueSettings.DEFAULT;
        QueueSettings.Keep all = new QueueSettings.Keep(Duration.ofHours(1), 2L * jobs, 1L << 30);
        return new QueueSettings(d.maxJobs(), d.maxBytes(), d.maxPayloadBytes(), all, d.failed(), d.aging());
    }

    private void weigh(Line line, Lines lines, double empty, int jobs) {
        results.add(line, Column.OFF, (site.dataBytes() - empty) / jobs - lines.payload);
    }

    private static void add(Queue queue, int jobs, int payload, JobOptions how) {
        byte[] body = new byte[payload];
        Arrays.fill(body, (byte) '1');
        var summary = queue.enqueueAll(
                IntStream.range(0, jobs).mapToObj(i -> new JobSpec(queue.name(), Mail.TYPE, body, how)));
        if (summary.accepted() != jobs) {
            throw new IllegalStateException("not all jobs were accepted: " + summary + "; the benchmark ends");
        }
    }

    private List<LeasedJob> take(QueueStore store, Lease lease) {
        return penstock.redis().await(store.take(lease, QueueStore.MAX_BATCH, MOST_BYTES));
    }

    private void finish(QueueStore store, Lease lease, List<LeasedJob> batch) {
        long now = clock.millis();
        List<Ending> ends =
                batch.stream().map(job -> Ending.completed(job, now, now, null)).toList();
        penstock.redis().await(store.finish(lease, ends));
    }

    /** The whole cycle, once in front of a short line and once in front of a long one, in turns. */
    void growth() {
        Queue near = penstock.queue("bench-near");
        Queue far = penstock.queue("bench-far");
        add(near, Math.min(NEAR, options.large()), options.payload(), JobOptions.NONE);
        add(far, options.large(), options.payload(), JobOptions.NONE);
        Lease atNear = penstock.redis().await(near.store().join(LEASE));
        Lease atFar = penstock.redis().await(far.store().join(LEASE));
        for (int round = 0; round <= options.rounds(); round++) {
            results.counting(round > 0);
            cycle(near, atNear, Line.GROWTH_NEAR);
            cycle(far, atFar, Line.GROWTH_FAR);
        }
        results.ratio(Line.GROWTH, Line.GROWTH_FAR, Line.GROWTH_NEAR);
        penstock.delete(near.name(), true);
        penstock.delete(far.name(), true);
    }

    private void cycle(Queue queue, Lease lease, Line line) {
        double cpu = site.cpuMicros();
        int jobs = Math.min(CYCLED, options.jobs());
        for (int done = 0; done < jobs; ) {
            add(queue, QueueStore.MAX_BATCH, options.payload(), JobOptions.NONE);
            List<LeasedJob> batch = take(queue.store(), lease);
            finish(queue.store(), lease, batch);
            done += batch.size();
        }
        while (penstock.redis().await(queue.store().prune(QueueStore.MAX_BATCH)) > 0) {
            // until nothing is over its budget, as the pruner does
        }
        results.add(line, Column.OFF, (site.cpuMicros() - cpu) / jobs);
    }

    @Override
    public void close() {
        penstock.close();
    }
}
