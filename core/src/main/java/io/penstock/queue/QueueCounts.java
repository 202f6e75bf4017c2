package io.penstock.queue;

import io.penstock.job.JobState;

/** How many jobs of a queue are in each state; kept by the scripts, so reading them costs the same for any number. */
public record QueueCounts(
        long waiting, long delayed, long active, long blocked, long completed, long failed, long cancelled) {
    /** Returns the count of one state. */
    public long of(JobState state) {
        return switch (state) {
            case WAITING -> waiting;
            case DELAYED -> delayed;
            case ACTIVE -> active;
            case BLOCKED -> blocked;
            case COMPLETED -> completed;
            case FAILED -> failed;
            case CANCELLED -> cancelled;
        };
    }

    /** Returns the jobs that have not ended. */
    public long pending() {
        return waiting + delayed + active + blocked;
    }
}
