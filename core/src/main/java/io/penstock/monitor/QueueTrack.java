package io.penstock.monitor;

import io.penstock.queue.QueueStats;
import io.penstock.series.Histogram;
import io.penstock.series.Series;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One queue over time: counts of the whole queue, waits and runs of the jobs that this process ran.
 *
 * <p>Threads: {@link #ran} from any, all else by one round of {@link QueueLook} at a time.
 */
final class QueueTrack {
    private static final List<String> COLUMNS = List.of(
            "waiting",
            "delayed",
            "active",
            "failed",
            "throughput.perSecond",
            "failures.perSecond",
            "error.share",
            "wait.p50.millis",
            "wait.p99.millis",
            "run.p50.millis",
            "run.p99.millis",
            "oldest.millis",
            "bytes");

    private static final double[] PERCENTILES = {0.5, 0.99};
    private static final int WAIT = 7;
    private static final int RUN = 9;

    /** The traffic that counts when queues compete is that of the last eight minutes or so, at ten seconds a round. */
    private static final double WEIGHT = 0.02;

    final String name;
    final Track track;
    private final Histogram waits = new Histogram();
    private final Histogram runs = new Histogram();
    private final double[] row = new double[COLUMNS.size()];
    private final long sinceNanos;
    private @Nullable QueueStats before;
    private long beforeNanos;
    private double traffic;

    /** @param traffic a second, by which it won its place; 0 = nothing is known yet */
    QueueTrack(String name, boolean history, long nowNanos, double traffic) {
        this.name = name;
        this.track = new Track(names(name), history);
        this.sinceNanos = nowNanos;
        this.traffic = traffic;
    }

    private static List<String> names(String queue) {
        return COLUMNS.stream().map(column -> "queue." + queue + "." + column).toList();
    }

    static long bytes(boolean history) {
        return Track.bytes(COLUMNS.size(), history) + 2L * Histogram.BYTES + 16 + 8L * COLUMNS.size() + 400;
    }

    static int metrics() {
        return COLUMNS.size();
    }

    void ran(long waitMillis, long runMillis) {
        waits.record(waitMillis);
        runs.record(runMillis);
    }

    /** Keeps what a look has found; a row that cannot be compared with one before has no rates. */
    void keep(QueueStats now, long nanos, long millis) {
        row[0] = now.counts().waiting();
        row[1] = now.counts().delayed();
        row[2] = now.counts().active();
        row[3] = now.counts().failed();
        rates(now, nanos);
        waits.take(PERCENTILES, row, WAIT);
        runs.take(PERCENTILES, row, RUN);
        row[11] = now.oldestWaitingMillis();
        row[12] = now.bytes() + now.keptBytes();
        before = now;
        beforeNanos = nanos;
        track.append(millis, row);
    }

    private void rates(QueueStats now, long nanos) {
        QueueStats last = before;
        double seconds = (nanos - beforeNanos) / 1e9;
        row[4] = row[5] = row[6] = Series.UNKNOWN;
        if (last == null || seconds <= 0 || total(now) < total(last)) {
            return; // totals that shrink are those of a queue that was deleted and made anew
        }
        long completed = Math.max(0, now.completedTotal() - last.completedTotal());
        long failed = Math.max(0, now.retriedTotal() - last.retriedTotal());
        row[4] = completed / seconds;
        row[5] = failed / seconds;
        row[6] = completed + failed == 0 ? Series.UNKNOWN : (double) failed / (completed + failed);
        double rate = (total(now) - total(last)) / seconds;
        traffic = traffic == 0 ? rate : traffic + WEIGHT * (rate - traffic);
    }

    /** As the queue itself tells it to those that have no track. */
    static long total(QueueStats stats) {
        return stats.addedTotal() + stats.completedTotal() + stats.retriedTotal();
    }

    /** What happened to it a second, smoothed. */
    double traffic() {
        return traffic;
    }

    long ageNanos(long nowNanos) {
        return nowNanos - sinceNanos;
    }
}
