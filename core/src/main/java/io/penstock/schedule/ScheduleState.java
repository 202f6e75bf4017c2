package io.penstock.schedule;

import io.penstock.job.JobId;
import io.penstock.job.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a schedule stands. Every change is written only if the text is still what its writer saw, and has a new mark, so that
 * no two texts are equal.
 *
 * @param next millis of the instant that the next run is for; null = none
 * @param granted missed runs, the next one included, that were decided to be made up for
 * @param held whether the next run waits for the end of the one before it
 * @param watching whether a fixed delay waits for the end of a run; {@code next} is then the next look at it
 * @param job the last job that was enqueued, {@code run} the instant it was for
 */
record ScheduleState(
        long made,
        long changed,
        boolean paused,
        @Nullable Long next,
        int granted,
        boolean held,
        boolean watching,
        @Nullable String job,
        @Nullable Long run,
        long enqueued,
        long overlapped,
        long missed,
        @Nullable String problem,
        String mark) {
    private static final int MOST_PROBLEM = 300;

    static ScheduleState made(Instant now) {
        long millis = now.toEpochMilli();
        return new ScheduleState(millis, millis, false, null, 0, false, false, null, null, 0, 0, 0, null, newMark());
    }

    static ScheduleState read(String text) {
        return Payload.decode(text.getBytes(StandardCharsets.UTF_8), ScheduleState.class);
    }

    String write() {
        return new String(Payload.encode(this), StandardCharsets.UTF_8);
    }

    private static String newMark() {
        return Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, 36);
    }

    @Nullable
    Instant nextRun() {
        return next == null ? null : Instant.ofEpochMilli(next);
    }

    @Nullable
    JobId lastJob() {
        return job == null ? null : JobId.parse(job);
    }

    /** Waits for this run, or for none. */
    ScheduleState awaits(@Nullable Instant forRun) {
        return awaits(forRun, 0);
    }

    /** Waits for this run, one of so many that are made up for. */
    ScheduleState awaits(@Nullable Instant forRun, int nowGranted) {
        return with(parts -> parts.look(forRun, nowGranted));
    }

    /** Waits for the end of the run before. */
    ScheduleState holds() {
        return with(parts -> {
            parts.look(nextRun(), granted);
            parts.held = true;
        });
    }

    /** Looks at the last job at this instant. */
    ScheduleState watches(Instant at) {
        return with(parts -> {
            parts.look(at, 0);
            parts.watching = true;
        });
    }

    ScheduleState paused(boolean on) {
        return with(parts -> {
            parts.look(null, 0);
            parts.watching = watching;
            parts.paused = on;
        });
    }

    ScheduleState changedAt(long millis) {
        return with(parts -> parts.changed = millis);
    }

    /** Has enqueued this job. */
    ScheduleState enqueued(Instant forRun, JobId id) {
        return with(parts -> {
            parts.job = id.toString();
            parts.run = forRun.toEpochMilli();
            parts.enqueued++;
            parts.problem = null;
        });
    }

    ScheduleState leftOut(int moreOverlapped, int moreMissed) {
        return with(parts -> {
            parts.overlapped += moreOverlapped;
            parts.missed += moreMissed;
        });
    }

    ScheduleState fails(String why) {
        return with(parts -> parts.problem = why.length() > MOST_PROBLEM ? why.substring(0, MOST_PROBLEM) : why);
    }

    private ScheduleState with(Consumer<Parts> change) {
        Parts parts = new Parts(this);
        change.accept(parts);
        return parts.state();
    }

    /** All of a state but its mark, of which a method changes a few; a mark is new with each change. */
    private static final class Parts {
        private final long made;
        private long changed;
        private boolean paused;
        private @Nullable Long next;
        private int granted;
        private boolean held;
        private boolean watching;
        private @Nullable String job;
        private @Nullable Long run;
        private long enqueued;
        private long overlapped;
        private long missed;
        private @Nullable String problem;

        Parts(ScheduleState from) {
            made = from.made;
            changed = from.changed;
            paused = from.paused;
            next = from.next;
            granted = from.granted;
            held = from.held;
            watching = from.watching;
            job = from.job;
            run = from.run;
            enqueued = from.enqueued;
            overlapped = from.overlapped;
            missed = from.missed;
            problem = from.problem;
        }

        /** The next look is at this instant, and for nothing else than to start that run. */
        void look(@Nullable Instant at, int nowGranted) {
            next = at == null ? null : (Long) at.toEpochMilli();
            granted = nowGranted;
            held = false;
            watching = false;
            problem = null;
        }

        ScheduleState state() {
            return new ScheduleState(
                    made,
                    changed,
                    paused,
                    next,
                    granted,
                    held,
                    watching,
                    job,
                    run,
                    enqueued,
                    overlapped,
                    missed,
                    problem,
                    newMark());
        }
    }
}
