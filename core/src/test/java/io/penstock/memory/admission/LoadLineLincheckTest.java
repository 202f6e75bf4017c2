package io.penstock.memory.admission;

import io.penstock.runtime.ManualClock;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever the interleaving of threads, the answers are those of some order of the same calls one by one. */
@Tag("lincheck") // runs in a JVM of its own
@Param(name = "job", gen = IntGen.class, conf = "0:4")
public class LoadLineLincheckTest {
    private static final long HEAP = 1_000;
    private static final int JOBS = 5;

    private final LoadLine line =
            new LoadLine(LoadLineConfig.DEFAULT.groupBytes(200), new HeapFacts(HEAP, 0, false), new ManualClock());
    private final Permit[] permits = new Permit[JOBS];

    /** Made anew for each run. */
    public LoadLineLincheckTest() {
        for (int i = 0; i < JOBS; i++) {
            Permit.Request request = new Permit.Request("t", 1, 50 + 50L * i, i % 2 == 0 ? "a" : null);
            permits[i] = line.permit(request, () -> {});
        }
    }

    /** Asks for a place. */
    @Operation
    public boolean enter(int job) {
        return permits[job].enter();
    }

    /** Gives it up. */
    @Operation
    public void leave(int job) {
        permits[job].leave();
    }

    /** Goes out of the line. */
    @Operation
    public boolean withdraw(int job) {
        return permits[job].withdraw();
    }

    /** Tells whether it may run. */
    @Operation
    public boolean held(int job) {
        return permits[job].held();
    }

    /** What is promised. */
    @Operation
    public long promised() {
        LoadLineStats stats = line.stats();
        return stats.runningBytes() * 100 + stats.running() * 10L + stats.waiting();
    }

    @Test
    void answersAsIfOneCallCameAfterTheOther() {
        new ModelCheckingOptions()
                .iterations(2)
                .invocationsPerIteration(30)
                .threads(2)
                .actorsPerThread(3)
                .check(LoadLineLincheckTest.class);
    }

    @Test
    void answersSoUnderStress() {
        new StressOptions()
                .iterations(5)
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(3)
                .check(LoadLineLincheckTest.class);
    }
}
