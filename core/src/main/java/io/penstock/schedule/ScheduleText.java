package io.penstock.schedule;

import io.penstock.cron.Cron;
import io.penstock.cron.SkipDays;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Schedules and their runs as JSON in Redis. Equal schedules have equal texts, so that a deploy that changes nothing writes
 * nothing. Unknown fields are skipped: an older process reads what a newer one wrote.
 */
final class ScheduleText {
    /** @param payload JSON text, so that people can read it */
    private record Definition(
            @Nullable String cron,
            Cron.@Nullable ClockChange clockChange,
            @Nullable Duration every,
            @Nullable Duration fixedDelay,
            String zone,
            String queue,
            String type,
            String payload,
            JobOptions options,
            Schedule.Misfire misfire,
            int catchUp,
            Schedule.Overlap overlap,
            Duration jitter,
            @Nullable Instant start,
            @Nullable Instant end,
            List<String> skip,
            @Nullable String definedBy) {}

    private record Line(
            long run,
            long at,
            ScheduleRun.Outcome outcome,
            @Nullable String job,
            int count,
            @Nullable String note) {}

    private ScheduleText() {}

    static String write(Schedule schedule, @Nullable String definedBy) {
        Rhythm rhythm = schedule.rhythm();
        JobSpec job = schedule.job();
        Definition text = new Definition(
                rhythm instanceof Rhythm.ByCron by ? by.cron().toString() : null,
                rhythm instanceof Rhythm.ByCron by ? by.clockChange() : null,
                rhythm instanceof Rhythm.Every every ? every.period() : null,
                rhythm instanceof Rhythm.FixedDelay delay ? delay.pause() : null,
                schedule.zone().getId(),
                job.queue(),
                job.type(),
                new String(job.payload(), StandardCharsets.UTF_8),
                job.options(),
                schedule.misfire(),
                schedule.catchUp(),
                schedule.overlap(),
                schedule.jitter(),
                schedule.start(),
                schedule.end(),
                schedule.skip().entries(),
                definedBy);
        return new String(Payload.encode(text), StandardCharsets.UTF_8);
    }

    /** @throws IllegalArgumentException if it is no schedule */
    static Schedule read(String id, String text) {
        Definition is = definition(text);
        Rhythm rhythm = is.cron != null
                ? new Rhythm.ByCron(Cron.parse(is.cron), Objects.requireNonNull(is.clockChange))
                : is.every != null
                        ? new Rhythm.Every(is.every)
                        : new Rhythm.FixedDelay(Objects.requireNonNull(is.fixedDelay));
        return new Schedule(
                id,
                rhythm,
                ZoneId.of(is.zone),
                new JobSpec(is.queue, is.type, is.payload.getBytes(StandardCharsets.UTF_8), is.options),
                is.misfire,
                is.catchUp,
                is.overlap,
                is.jitter,
                is.start,
                is.end,
                SkipDays.of(is.skip));
    }

    static @Nullable String definedBy(String text) {
        return definition(text).definedBy;
    }

    private static Definition definition(String text) {
        return Payload.decode(text.getBytes(StandardCharsets.UTF_8), Definition.class);
    }

    static String write(ScheduleRun run) {
        return new String(
                Payload.encode(new Line(
                        run.run().toEpochMilli(),
                        run.at().toEpochMilli(),
                        run.outcome(),
                        run.job() == null ? null : run.job().toString(),
                        run.count(),
                        run.note())),
                StandardCharsets.UTF_8);
    }

    static ScheduleRun readRun(byte[] text) {
        Line is = Payload.decode(text, Line.class);
        return new ScheduleRun(
                Instant.ofEpochMilli(is.run),
                Instant.ofEpochMilli(is.at),
                is.outcome,
                is.job == null ? null : JobId.parse(is.job),
                is.count,
                is.note);
    }
}
