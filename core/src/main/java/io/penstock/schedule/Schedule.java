package io.penstock.schedule;

import io.penstock.cron.Cron;
import io.penstock.cron.SkipDays;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Names;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The wish that a job be enqueued again and again.
 *
 * <p>Each run is named by the schedule and the instant it is for, and is enqueued once under that name, however many processes
 * look and whatever clocks do. Immutable: each method answers a changed copy.
 *
 * @param zone of cron and of the days to skip
 * @param job what is enqueued; without delay, runAt and unique key of its own, and with at most 14 notes, because each run
 *     adds two: {@code schedule} and {@code run}
 * @param misfire what becomes of runs that nobody could start within {@link #PATIENCE}
 * @param catchUp the most such runs that {@link Misfire#CATCH_UP} makes up for, 1 to 100
 * @param overlap what becomes of a run whose predecessor has not ended
 * @param jitter each run starts up to this much later, always as much for the same run; 0 to a day, and never past the next run
 * @param start no run is before it
 * @param end no run is at or after it
 */
public record Schedule(
        String id,
        Rhythm rhythm,
        ZoneId zone,
        JobSpec job,
        Misfire misfire,
        int catchUp,
        Overlap overlap,
        Duration jitter,
        @Nullable Instant start,
        @Nullable Instant end,
        SkipDays skip) {
    /** A run that is later than this has misfired: a restart and a failover are shorter, an outage is longer. */
    public static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Runs that are made up for unless it is said. */
    static final int USUAL_CATCH_UP = 10;

    static final int MOST_CATCH_UP = 100;
    static final Duration LONGEST_JITTER = Duration.ofDays(1);

    /** Bytes of a payload: definitions are read whole by every list. */
    static final int MOST_PAYLOAD = 32 << 10;

    /** What the cipher adds. */
    private static final int SEAL_BYTES = 256;

    private static final int MOST_NOTES = JobOptions.MAX_METADATA - 2;

    /** What becomes of runs that were missed, because no process was there or the queue took no job. */
    public enum Misfire {
        /** They are left out. */
        SKIP,
        /** One run, for the last of them. */
        ONCE,
        /** The last of them, up to {@code catchUp}, one after the other. */
        CATCH_UP;

        /** Returns the name used in JSON. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /**
         * Reads the wire name.
         *
         * @throws IllegalArgumentException listing the legal names
         */
        public static Misfire of(String wire) {
            for (Misfire one : values()) {
                if (one.wire().equals(wire)) {
                    return one;
                }
            }
            throw unknown("misfire", wire, "skip, once or catch-up");
        }
    }

    /** What becomes of a run whose predecessor is still waiting, delayed or running. */
    public enum Overlap {
        /** It runs beside it. */
        ALLOW,
        /** It is left out. */
        SKIP,
        /** It waits for the end of it; what falls due meanwhile is treated as {@link Misfire} says. */
        QUEUE,
        /** The predecessor is cancelled; one that runs already is asked to stop and not waited for. */
        REPLACE;

        /** Returns the name used in JSON. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * Reads the wire name.
         *
         * @throws IllegalArgumentException listing the legal names
         */
        public static Overlap of(String wire) {
            for (Overlap one : values()) {
                if (one.wire().equals(wire)) {
                    return one;
                }
            }
            throw unknown("overlap", wire, "allow, skip, queue or replace");
        }
    }

    public Schedule {
        Names.check("schedule", id);
        start = start == null ? null : start.truncatedTo(ChronoUnit.MILLIS);
        end = end == null ? null : end.truncatedTo(ChronoUnit.MILLIS);
        range("jitter", jitter, LONGEST_JITTER);
        if (catchUp < 1 || catchUp > MOST_CATCH_UP) {
            throw fault(id, "catchUp " + catchUp + " is outside 1 to " + MOST_CATCH_UP, "give a number between them");
        }
        if (start != null && end != null && !start.isBefore(end)) {
            throw fault(
                    id, "its end " + end + " is not after its start " + start, "it would never run; move one of them");
        }
        JobOptions options = job.options();
        if (options.delay() != null || options.runAt() != null || options.keyed()) {
            throw fault(
                    id,
                    "its job has a delay, a runAt or a unique key of its own",
                    "leave them out: the schedule says when, and overlap=skip keeps runs apart");
        }
        if (options.metadata().size() > MOST_NOTES) {
            throw fault(id, "its job has more than " + MOST_NOTES + " notes", "leave room for those of the schedule");
        }
        if (job.payload().length > MOST_PAYLOAD + (job.encoding().isEmpty() ? 0 : SEAL_BYTES)) {
            throw fault(
                    id,
                    "its payload of " + job.payload().length + " bytes is over " + MOST_PAYLOAD,
                    "keep the data elsewhere and name it in the payload");
        }
    }

    private static IllegalArgumentException unknown(String what, String wire, String legal) {
        return new IllegalArgumentException(
                what + " \"" + (wire.length() > 40 ? wire.substring(0, 40) : wire).replaceAll("\\p{Cntrl}", "?")
                        + "\" is unknown; nothing was scheduled; use " + legal);
    }

    private static IllegalArgumentException fault(String id, String what, String advice) {
        return new IllegalArgumentException("schedule " + id + ": " + what + "; nothing was scheduled; " + advice);
    }

    private static void range(String what, Duration value, Duration most) {
        if (value.isNegative() || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " " + value + " is outside 0 to " + most
                    + "; nothing was scheduled; give a span between them");
        }
    }

    /** A schedule of this rhythm with everything else as usual: UTC, one run for all that were missed, overlaps allowed. */
    public static Schedule of(String id, Rhythm rhythm, JobSpec job) {
        return new Schedule(
                id,
                rhythm,
                ZoneId.of("UTC"),
                job,
                Misfire.ONCE,
                USUAL_CATCH_UP,
                Overlap.ALLOW,
                Duration.ZERO,
                null,
                null,
                SkipDays.NONE);
    }

    /**
     * A schedule by cron.
     *
     * @throws IllegalArgumentException naming what is wrong with the expression
     */
    public static Schedule cron(String id, String cron, ZoneId zone, JobSpec job) {
        return of(id, new Rhythm.ByCron(Cron.parse(cron)), job).zone(zone);
    }

    /** A schedule at a fixed rate. */
    public static Schedule every(String id, Duration period, JobSpec job) {
        return of(id, new Rhythm.Every(period), job);
    }

    /** A schedule that waits this long after the end of each run. */
    public static Schedule fixedDelay(String id, Duration pause, JobSpec job) {
        return of(id, new Rhythm.FixedDelay(pause), job);
    }

    Schedule job(JobSpec other) {
        return new Schedule(id, rhythm, zone, other, misfire, catchUp, overlap, jitter, start, end, skip);
    }

    /** Goes by the clocks of this zone. */
    public Schedule zone(ZoneId where) {
        return new Schedule(id, rhythm, where, job, misfire, catchUp, overlap, jitter, start, end, skip);
    }

    /** Treats missed runs like this. */
    public Schedule misfire(Misfire policy) {
        return new Schedule(id, rhythm, zone, job, policy, catchUp, overlap, jitter, start, end, skip);
    }

    /** Makes up for the last missed runs, at most so many. */
    public Schedule catchUp(int most) {
        return new Schedule(id, rhythm, zone, job, Misfire.CATCH_UP, most, overlap, jitter, start, end, skip);
    }

    /** Treats a run whose predecessor has not ended like this. */
    public Schedule overlap(Overlap policy) {
        return new Schedule(id, rhythm, zone, job, misfire, catchUp, policy, jitter, start, end, skip);
    }

    /** Spreads runs over this span. */
    public Schedule jitter(Duration most) {
        return new Schedule(id, rhythm, zone, job, misfire, catchUp, overlap, most, start, end, skip);
    }

    /** Runs from the one instant on and before the other; null = no bound. */
    public Schedule between(@Nullable Instant from, @Nullable Instant to) {
        return new Schedule(id, rhythm, zone, job, misfire, catchUp, overlap, jitter, from, to, skip);
    }

    /** Leaves these days out. */
    public Schedule skip(SkipDays days) {
        return new Schedule(id, rhythm, zone, job, misfire, catchUp, overlap, jitter, start, end, days);
    }

    /** Leaves these days out; see {@link SkipDays}. */
    public Schedule skip(String... days) {
        return skip(SkipDays.of(List.of(days)));
    }

    /** Says in words when it runs: in Chinese for {@code zh}, in English for all others. */
    public String describe(Locale locale) {
        boolean named = rhythm instanceof Rhythm.ByCron && !zone.normalized().equals(ZoneOffset.UTC);
        return rhythm.describe(locale) + (named ? " (" + zone + ")" : "");
    }

    /** Names the run for an instant, for ever. */
    public String runId(Instant run) {
        return id + "@" + run;
    }
}
