package io.penstock.server.demo;

import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import org.jspecify.annotations.Nullable;

/** Fails its first {@code times} attempts (all of them without the field) with the message. */
final class DemoFail implements Handler<DemoFail.Mishap> {
    static final JobType<Mishap> TYPE = JobType.of("demo.fail", Mishap.class);

    record Mishap(@Nullable Integer times, @Nullable String message) {}

    @Override
    public void handle(Mishap mishap, JobContext context) {
        context.log("attempt " + context.attempt());
        if (mishap.times() == null || context.attempt() <= mishap.times()) {
            throw new IllegalStateException(mishap.message() == null ? "demo failure" : mishap.message());
        }
    }
}
