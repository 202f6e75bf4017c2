package io.penstock.bench.survival;

import io.penstock.job.JobType;

/** A job as it goes through Redis: what to do and a filling. */
record Job(int live, int chunk, int churn, int millis, byte[] filling) {
    static final String QUEUE = "survival";
    static final int TYPES = 4;

    static JobType<Job> type(int number) {
        return JobType.of("hungry-" + number, Job.class).queue(QUEUE);
    }
}
