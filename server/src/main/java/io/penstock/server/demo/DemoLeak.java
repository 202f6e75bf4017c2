package io.penstock.server.demo;

import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import java.util.ArrayList;
import java.util.List;

/** Keeps {@code mb} of heap for ever: the one collection of this house without a bound, on purpose. */
final class DemoLeak implements Handler<DemoLeak.Leak> {
    static final JobType<Leak> TYPE = JobType.of("demo.leak", Leak.class);

    private static final int MOST_MB = 1 << 20;

    private final List<byte[]> kept = new ArrayList<>();

    record Leak(int mb) {}

    @Override
    public void handle(Leak leak, JobContext context) {
        for (int i = 0; i < Demo.clamp(leak.mb(), MOST_MB); i++) {
            synchronized (kept) {
                Demo.hold(1, kept);
            }
        }
        context.result(kept.size() / Demo.PIECES);
    }
}
