package io.penstock.memory;

import io.penstock.memory.probe.Column;
import io.penstock.memory.probe.Outside;
import io.penstock.memory.probe.Probes;
import io.penstock.runtime.Clock;
import io.penstock.series.Series;
import io.penstock.series.Tier;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What one look at memory costs, one after the other and with 20 ms of rest before each, and what keeping it costs. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SampleMicro {
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int COLUMNS = 18; // as many as the history of memory has

    private final Probes probes = Probes.ofThisProcess(Clock.system(), new Outside("redis", () -> 1, () -> 2));
    private final Series series = new Series(
            Collections.nCopies(COLUMNS, "column"),
            1_000,
            List.of(
                    new Tier(Duration.ofSeconds(1), Duration.ofMinutes(5)),
                    new Tier(Duration.ofSeconds(10), Duration.ofHours(1)),
                    new Tier(Duration.ofSeconds(60), Duration.ofHours(24)),
                    new Tier(Duration.ofMinutes(15), Duration.ofDays(7))));

    private final double[] row = new double[COLUMNS];
    private long millis = 1_767_225_600_000L;

    /** Caches and branch predictors of the processor belong to somebody else by then. */
    @State(Scope.Thread)
    public static class Rest {
        @Setup(Level.Invocation)
        public void rest() {
            LockSupport.parkNanos(REST_NANOS);
        }
    }

    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    public long hot() {
        probes.read();
        return probes.get(Column.RSS);
    }

    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    public long cold(Rest rest) {
        probes.read();
        return probes.get(Column.RSS);
    }

    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    public void append() {
        millis += 1_000;
        series.append(millis, row);
    }

    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    public int query() {
        return series.query(millis - 86_400_000, millis, 100).points().size();
    }

    @TearDown
    public void close() {
        probes.close();
    }
}
