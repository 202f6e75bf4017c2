package io.penstock.memory;

import io.penstock.memory.probe.Column;
import io.penstock.memory.probe.Probes;
import io.penstock.series.Series;
import io.penstock.series.Tier;
import io.penstock.series.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What memory looked like, up to seven days back, in a fixed number of bytes below 1 MB.
 *
 * <p>The last 1,000 samples as they came, then steps of 1 s, 10 s, 60 s and 15 min with minimum, mean and maximum.
 *
 * <p>Threads: safe.
 */
public final class MemoryHistory {
    /** The newest samples that are kept as they came. */
    public static final int POINTS = 1_000;

    private static final List<Tier> TIERS = List.of(
            new Tier(Duration.ofSeconds(1), Duration.ofMinutes(5)),
            new Tier(Duration.ofSeconds(10), Duration.ofHours(1)),
            new Tier(Duration.ofSeconds(60), Duration.ofHours(24)),
            new Tier(Duration.ofMinutes(15), Duration.ofDays(7)));

    private static final Column[] READ = {
        Column.HEAP_USED,
        Column.HEAP_COMMITTED,
        Column.RSS,
        Column.CGROUP_USED,
        Column.NON_HEAP_USED,
        Column.METASPACE_USED,
        Column.CODE_CACHE_USED,
        Column.DIRECT_USED,
        Column.MAPPED_USED,
        Column.THREADS,
        Column.COLLECTIONS,
        Column.GC_PAUSE_MILLIS,
        Column.CPU_MILLIS,
        Column.OUTSIDE_USED
    };

    private static final List<String> DERIVED = List.of("liveSetBytes", "liveFloorBytes", "gcPauseShare", "pressure");

    private static final List<String> COLUMNS = columns();

    private final Series series = new Series(COLUMNS, POINTS, TIERS);
    private final double[] row = new double[COLUMNS.size()]; // the monitor's lock guards it

    MemoryHistory() {}

    private static List<String> columns() {
        List<String> names = new ArrayList<>(List.of(
                "heapUsedBytes",
                "heapCommittedBytes",
                "rssBytes",
                "cgroupUsedBytes",
                "nonHeapBytes",
                "metaspaceBytes",
                "codeCacheBytes",
                "directBytes",
                "mappedBytes",
                "threads",
                "gcCount",
                "gcMillis",
                "cpuMillis",
                "outsideUsedBytes"));
        names.addAll(DERIVED);
        return List.copyOf(names);
    }

    void append(long millis, Probes probes, LiveSet live, double pauseShare, double pressure) {
        for (int i = 0; i < READ.length; i++) {
            row[i] = known(probes.get(READ[i]));
        }
        row[READ.length] = known(live.liveBytes());
        row[READ.length + 1] = known(live.floorBytes());
        row[READ.length + 2] = pauseShare;
        row[READ.length + 3] = pressure;
        series.append(millis, row);
    }

    private static double known(long value) {
        return value < 0 ? Series.UNKNOWN : value;
    }

    /** Returns the names of the numbers of a point, the same for every answer. */
    public List<String> names() {
        return COLUMNS;
    }

    /** Returns a span in at most this many points; see {@link Series#query}. */
    public Window query(long fromMillis, long toMillis, int points) {
        return series.query(fromMillis, toMillis, points);
    }

    /** Returns the newest samples, {@value #POINTS} at most, as they came. */
    public Window latest(int most) {
        return series.latest(most);
    }

    /** Returns the bytes it holds, the same from the first to the last day. */
    public long retainedBytes() {
        return series.retainedBytes();
    }
}
