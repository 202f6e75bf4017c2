package io.penstock.monitor;

import io.penstock.series.Series;
import io.penstock.series.Tier;
import io.penstock.series.Window;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Metrics that are measured at the same time: their latest numbers, and their past.
 *
 * <p>Bound: {@link #bytes}, from the first reading to the last. Threads: safe.
 */
final class Track {
    /** Each a little longer than its name says, so that the last hour, day and week are found in it whole. */
    private static final List<Tier> TIERS = List.of(
            new Tier(Duration.ofSeconds(10), Duration.ofMinutes(61)),
            new Tier(Duration.ofMinutes(1), Duration.ofMinutes(24 * 60 + 10)),
            new Tier(Duration.ofMinutes(10), Duration.ofHours(7 * 24 + 1)));

    /** A name of 90 characters, its entry in the map and its place: measured about 180. */
    private static final int NAME_BYTES = 256;

    private final List<String> names;
    private final double[] latest; // guarded by this
    private final @Nullable Series series;

    /** @param names of the metrics, whole */
    Track(List<String> names, boolean history) {
        this.names = List.copyOf(names);
        latest = new double[names.size()];
        Arrays.fill(latest, Series.UNKNOWN);
        series = history ? Series.compact(this.names, TIERS) : null;
    }

    /** Returns what one of so many metrics holds. */
    static long bytes(int metrics, boolean history) {
        List<String> names = Collections.nCopies(metrics, "");
        long past = history ? Series.compact(names, TIERS).retainedBytes() : 0;
        return past + 64 + (long) metrics * (Double.BYTES + NAME_BYTES);
    }

    List<String> names() {
        return names;
    }

    /** Keeps a reading; allocates nothing. */
    void append(long millis, double[] row) {
        synchronized (this) {
            System.arraycopy(row, 0, latest, 0, latest.length);
        }
        if (series != null) {
            series.append(millis, row);
        }
    }

    /** Nobody could tell this time: a gap. */
    synchronized void unknown() {
        Arrays.fill(latest, Series.UNKNOWN);
    }

    synchronized double latest(int column) {
        return latest[column];
    }

    @Nullable
    Window query(int column, long fromMillis, long toMillis, int points, int least) {
        return series == null ? null : series.query(column, fromMillis, toMillis, points, least);
    }
}
