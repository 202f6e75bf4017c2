package io.penstock.schedule;

import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.payload.PayloadException;
import io.penstock.queue.Queue;
import io.penstock.schedule.ScheduleStore.Entry;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(ScheduleView.class);

    /** Reads it; empty if a newer process wrote what this one cannot read. */
    static Optional<ScheduleView> of(Entry entry) {
        try {
            Schedule schedule = ScheduleText.read(entry.id(), entry.definition());
            ScheduleState state = ScheduleState.read(entry.state());
            boolean waits = state.nextRun() != null && !state.watching();
            Status status = state.paused() ? Status.PAUSED : state.nextRun() == null ? Status.ENDED : Status.ACTIVE;
            return Optional.of(new ScheduleView(
                    schedule,
                    status,
                    ScheduleText.definedBy(entry.definition()),
                    Instant.ofEpochMilli(state.made()),
                    Instant.ofEpochMilli(state.changed()),
                    waits ? state.nextRun() : null,
                    waits ? Schedules.due(schedule, state) : null,
                    state.run() == null ? null : Instant.ofEpochMilli(state.run()),
                    state.lastJob(),
                    state.enqueued(),
                    state.overlapped(),
                    state.missed(),
                    state.problem(),
                    version(entry)));
        } catch (IllegalArgumentException foreign) {
            LOG.debug("schedule={} cannot be read and is left out: {}", entry.id(), foreign.getMessage());
            return Optional.empty();
        }
    }

    /** With its payload as it was given, where this process can open it. */
    ScheduleView opened(Function<String, Queue> queues) {
        JobSpec job = schedule.job();
        try {
            return job.encoding().isEmpty()
                    ? this
                    : with(schedule.job(queues.apply(job.queue()).open(job)));
        } catch (PayloadException unreadable) {
            return this;
        }
    }

    private ScheduleView with(Schedule other) {
        return new ScheduleView(
                other,
                status,
                definedBy,
                createdAt,
                changedAt,
                next,
                nextAt,
                lastRun,
                lastJob,
                enqueued,
                overlapped,
                missed,
                problem,
                version);
    }

    static String version(Entry entry) {
        return ScheduleState.read(entry.state()).paused() + " " + entry.definition();
    }
}
