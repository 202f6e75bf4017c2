package io.penstock.schedule;

import io.penstock.job.JobId;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as it stood when it was looked at.
 *
 * @param definedBy the program whose code defines it; null = an operator made it
 * @param next the instant that the next run is for; null while it is paused, when it has ended, and while a fixed delay
 *     waits for the end of a run
 * @param nextAt when that run starts, jitter included
 * @param lastRun the instant of the last run that was enqueued, null if there was none
 * @param lastJob its job
 * @param enqueued runs enqueued since it was made; {@code overlapped} and {@code missed} left out, each for its reason
 * @param problem why the next run cannot be enqueued just now, null if nothing is known to be wrong
 * @param version changes with its definition and with pause and resume, not with runs
 */
public record ScheduleView(
        Schedule schedule,
        Status status,
        @Nullable String definedBy,
        Instant createdAt,
        Instant changedAt,
        @Nullable Instant next,
        @Nullable Instant nextAt,
        @Nullable Instant lastRun,
        @Nullable JobId lastJob,
        long enqueued,
        long overlapped,
        long missed,
        @Nullable String problem,
        String version) {
    /** Whether it will run. */
    public enum Status {
        ACTIVE,
        PAUSED,
        /** No run is left before its end. */
        ENDED;

        /** Returns the name used in JSON. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
