package io.penstock.memory.admission;

import io.penstock.runtime.Clock;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** What the load line costs a job: made, entered, measured, left. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LoadLineMicro {
    private final LoadLine line =
            new LoadLine(LoadLineConfig.DEFAULT, new HeapFacts(1L << 30, 1 << 20, false), Clock.system());
    private final Permit.Request request = new Permit.Request("mail", 400, 0, null);

    /** One thread, a small known type. */
    @Benchmark
    public boolean enterAndLeave() {
        return job();
    }

    /** Two threads at once. */
    @Benchmark
    @Threads(2)
    public boolean enterAndLeaveByTwo() {
        return job();
    }

    private boolean job() {
        Permit permit = line.permit(request, () -> {});
        boolean entered = permit.enter();
        permit.begin();
        permit.end(null);
        permit.leave();
        return entered;
    }
}
