package io.penstock.schedule;

import io.penstock.job.JobId;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line in the history of a schedule.
 *
 * @param run the instant it was for; of missed runs the first
 * @param at when that became of it
 * @param job what was enqueued, null if nothing was
 * @param count runs that the line stands for; {@value Plan#MOST_COUNTED} = that many or more
 * @param note why, for people; null if there is nothing to say
 */
public record ScheduleRun(
        Instant run,
        Instant at,
        Outcome outcome,
        @Nullable JobId job,
        int count,
        @Nullable String note) {
    /** What became of it. */
    public enum Outcome {
        /** Its job was enqueued. */
        ENQUEUED,
        /** Its job was enqueued because somebody asked for it. */
        BY_HAND,
        /** Left out because the run before it had not ended. */
        OVERLAPPED,
        /** Left out because nobody could start it in time. */
        MISSED,
        /** The queue will not take such a job. */
        REFUSED;

        /** Returns the name used in JSON. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
