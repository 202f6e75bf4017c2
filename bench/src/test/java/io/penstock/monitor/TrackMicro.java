package io.penstock.monitor;

import io.penstock.series.Histogram;
import io.penstock.series.Readings;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it costs to keep the thirteen numbers of a queue, to count a job, to read a number, and to ask for an hour. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TrackMicro {
    private static final int COLUMNS = QueueTrack.metrics();
    private static final double[] SHARES = {0.5, 0.99};

    private final Track track =
            new Track(IntStream.range(0, COLUMNS).mapToObj(i -> "metric" + i).toList(), true);
    private final Metrics metrics = new Metrics();
    private final Readings readings = metrics;
    private final Histogram histogram = new Histogram();
    private final double[] row = new double[COLUMNS];
    private long millis = 1_767_225_600_000L;

    public TrackMicro() {
        metrics.add(track);
        for (int i = 0; i < 100_000; i++) {
            append();
        }
    }

    @Benchmark
    public void append() {
        millis += 10_000;
        row[0]++;
        track.append(millis, row);
    }

    @Benchmark
    public void count() {
        histogram.record(millis & 1_023);
    }

    @Benchmark
    public double percentiles() {
        histogram.record(5);
        histogram.take(SHARES, row, 7);
        return row[8];
    }

    @Benchmark
    public double latest() {
        return readings.latest("metric7");
    }

    @Benchmark
    public int hour() {
        return track.query(3, millis - 3_600_000, millis, 100, 1).points().size();
    }
}
