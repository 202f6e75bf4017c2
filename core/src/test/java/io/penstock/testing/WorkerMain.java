package io.penstock.testing;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.job.JobId;
import io.penstock.job.JobType;
import io.penstock.worker.Interceptor;
import io.penstock.worker.WorkerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A worker process for fault tests: runs {@link Step}s, keeps a {@link Journal}, ends when its standard input does. */
public final class WorkerMain {
    /** What one job does: takes so long; halts its JVM; does not heed interrupts. */
    public record Step(int n, int millis, boolean halt, boolean stubborn) {}

    private WorkerMain() {}

    public static JobType<Step> type(String queue) {
        return JobType.of("step", Step.class).queue(queue);
    }

    /** Arguments: address of Redis, queue, journal, concurrency, lease in millis. */
    public static void main(String[] args) throws Exception {
        PenstockConfig config = PenstockConfig.of(args[0])
                .worker(WorkerConfig.named("w" + ProcessHandle.current().pid())
                        .concurrency(Integer.parseInt(args[3]))
                        .leaseLength(Duration.ofMillis(Long.parseLong(args[4]))));
        try (Journal journal = new Journal(Path.of(args[2]));
                Penstock penstock = Penstock.connect(config)) {
            penstock.intercept(new Interceptor() {
                @Override
                public void refused(JobId id) {
                    journal.write('R', id.serial(), 0);
                }
            });
            penstock.handle(type(args[1]), (step, context) -> {
                journal.write('S', step.n(), context.deliveries());
                if (step.halt()) {
                    Runtime.getRuntime().halt(137);
                }
                boolean interrupted = hold(step);
                journal.write(interrupted ? 'I' : 'E', step.n(), context.deliveries());
                if (interrupted) {
                    throw new InterruptedException();
                }
            });
            penstock.start();
            while (System.in.read() >= 0) {
                // only its end means anything
            }
        }
    }

    private static boolean hold(Step step) {
        long end = System.nanoTime() + step.millis() * 1_000_000L;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(step, left);
            if (!step.stubborn() && Thread.interrupted()) {
                return true;
            }
        }
        return false;
    }
}
