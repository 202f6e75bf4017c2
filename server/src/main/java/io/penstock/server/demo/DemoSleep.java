package io.penstock.server.demo;

import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;

/** Sleeps for {@code ms}, telling its progress. */
final class DemoSleep implements Handler<DemoSleep.Nap> {
    static final JobType<Nap> TYPE = JobType.of("demo.sleep", Nap.class);

    /** An hour: longer ones are typing mistakes. */
    private static final int LONGEST_MILLIS = 3_600_000;

    private static final int STEP_MILLIS = 1_000;

    record Nap(int ms) {}

    @Override
    @SuppressWarnings("ThreadSleep") // it is what this handler is for
    public void handle(Nap nap, JobContext context) throws InterruptedException {
        int millis = Demo.clamp(nap.ms(), LONGEST_MILLIS);
        for (int done = 0; done < millis; done += STEP_MILLIS) {
            if (done > 0) {
                context.progress(Math.round(100.0 * done / millis));
            }
            Thread.sleep(Math.min(STEP_MILLIS, millis - done));
        }
    }
}
