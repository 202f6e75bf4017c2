package io.penstock.server.demo;

import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import java.util.Map;

/** Halts the JVM in the middle of a job, as a crash of native code or the kernel's memory killer would. */
final class DemoCrash implements Handler<Map<String, Object>> {
    /** What a process ends with that was killed. */
    private static final int KILLED = 137;

    @SuppressWarnings({"unchecked", "rawtypes"}) // any object will do
    static final JobType<Map<String, Object>> TYPE = (JobType) JobType.of("demo.crash", Map.class);

    @Override
    public void handle(Map<String, Object> payload, JobContext context) {
        Runtime.getRuntime().halt(KILLED);
    }
}
