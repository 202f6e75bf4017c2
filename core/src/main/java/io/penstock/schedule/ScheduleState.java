package io.penstock.schedule;

import io.penstock.job.JobId;
import io.penstock.job.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
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

    private ScheduleState with(
            boolean nowPaused, @Nullable Instant run, int nowGranted, boolean nowHeld, boolean nowWatching) {
        Long millis = run == null ? null : (Long) run.toEpochMilli();
        return new ScheduleState(
                made,
                changed,
                nowPaused,
                millis,
                nowGranted,
                nowHeld,
                nowWatching,
                job,
                this.run,
                enqueued,
                overlapped,
                missed,
                null,
                newMark());
    }

    /** Waits for this run, or for none. */
    ScheduleState awaits(@Nullable Instant run) {
        return with(paused, run, 0, false, false);
    }

    /** Waits for this run, one of so many that are made up for. */
    ScheduleState awaits(@Nullable Instant run, int nowGranted) {
        return with(paused, run, nowGranted, false, false);
    }

    /** Waits for the end of the run before. */
    ScheduleState holds() {
        return with(paused, nextRun(), granted, true, false);
    }

    /** Looks at the last job at this instant. */
    ScheduleState watches(Instant at) {
        return with(paused, at, 0, false, true);
    }

    ScheduleState paused(boolean on) {
        return with(on, null, 0, false, watching).changedAt(changed);
    }

    ScheduleState changedAt(long millis) {
        return new ScheduleState(
                made,
                millis,
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

    /** Has enqueued this job. */
    ScheduleState enqueued(Instant forRun, JobId id) {
        return new ScheduleState(
                made,
                changed,
                paused,
                next,
                granted,
                held,
                watching,
                id.toString(),
                forRun.toEpochMilli(),
                enqueued + 1,
                overlapped,
                missed,
                null,
                newMark());
    }

    ScheduleState leftOut(int moreOverlapped, int moreMissed) {
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
                overlapped + moreOverlapped,
                missed + moreMissed,
                problem,
                newMark());
    }

    ScheduleState fails(String why) {
        String told = why.length() > MOST_PROBLEM ? why.substring(0, MOST_PROBLEM) : why;
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
                told,
                newMark());
    }
}
