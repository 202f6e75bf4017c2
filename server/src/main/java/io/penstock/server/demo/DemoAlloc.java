package io.penstock.server.demo;

import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import java.util.ArrayList;
import java.util.List;

/** Holds {@code mb} of heap for {@code ms}. */
final class DemoAlloc implements Handler<DemoAlloc.Load> {
    static final JobType<Load> TYPE = JobType.of("demo.alloc", Load.class);

    private static final int MOST_MB = 1 << 20;
    private static final int LONGEST_MILLIS = 3_600_000;

    record Load(int mb, int ms) {}

    @Override
    @SuppressWarnings("ThreadSleep") // it is what this handler is for
    public void handle(Load load, JobContext context) throws InterruptedException {
        List<byte[]> held = new ArrayList<>();
        int mb = Demo.clamp(load.mb(), MOST_MB);
        for (int i = 0; i < mb; i++) {
            Demo.hold(1, held);
        }
        Thread.sleep(Demo.clamp(load.ms(), LONGEST_MILLIS));
        context.result(mb);
    }
}
