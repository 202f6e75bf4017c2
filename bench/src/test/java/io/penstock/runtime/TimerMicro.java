package io.penstock.runtime;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What moving a task costs while as many tasks are planned as a process of ten queues has. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TimerMicro {
    private static final int TASKS = 32;
    private static final Duration FAR = Duration.ofHours(1);

    private final Threads threads = new Threads(4);
    private final Timer timer = new Timer(Clock.system(), threads);
    private final Task task = timer.every("moved", FAR, () -> {});

    public TimerMicro() {
        for (int i = 0; i < TASKS; i++) {
            timer.every("task-" + i, FAR, () -> {});
        }
    }

    @Benchmark
    public void reschedule() {
        task.reschedule(FAR);
    }

    @TearDown
    public void close() {
        timer.close();
        threads.close();
    }
}
