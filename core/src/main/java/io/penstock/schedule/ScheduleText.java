package io.penstock.schedule;

import io.penstock.cron.Cron;
import io.penstock.cron.SkipDays;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Payload;
import io.penstock.payload.PayloadException;
import io.penstock.queue.Queue;
import io.penstock.schedule.ScheduleStore.Entry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Schedules and their runs as JSON in Redis. Equal schedules have equal texts, so that a deploy that changes nothing writes
 * nothing. Unknown fields are skipped: an older process reads what a newer one wrote.
 */
final class ScheduleText {
    /**
     * @param payload JSON text, so that people can read it; sealed, in base 64
     * @param encoding how it was sealed, null if it was not
     */
    private record Definition(
            @Nullable String cron,
            Cron.@Nullable ClockChange clockChange,
            @Nullable Duration every,
            @Nullable Duration fixedDelay,
            String zone,
            String queue,
            String type,
            String payload,
            @Nullable String encoding,
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
        boolean plain = job.encoding().isEmpty();
        Definition text = new Definition(
                rhythm instanceof Rhythm.ByCron by ? by.cron().toString() : null,
                rhythm instanceof Rhythm.ByCron by ? by.clockChange() : null,
                rhythm instanceof Rhythm.Every every ? every.period() : null,
                rhythm instanceof Rhythm.FixedDelay delay ? delay.pause() : null,
                schedule.zone().getId(),
                job.queue(),
                job.type(),
                plain
                        ? new String(job.payload(), StandardCharsets.UTF_8)
                        : Base64.getEncoder().encodeToString(job.payload()),
                plain ? null : job.encoding(),
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
                job(is),
                is.misfire,
                is.catchUp,
                is.overlap,
                is.jitter,
                is.start,
                is.end,
                SkipDays.of(is.skip));
    }

    private static JobSpec job(Definition is) {
        return is.encoding == null
                ? new JobSpec(is.queue, is.type, is.payload.getBytes(StandardCharsets.UTF_8), is.options)
                : new JobSpec(is.queue, is.type, Base64.getDecoder().decode(is.payload), is.options, is.encoding);
    }

    /** Whether it is defined like this; what is sealed is never the same twice, so it is opened. With another key it is not. */
    static boolean says(Entry entry, Schedule schedule, @Nullable String definedBy, Function<String, Queue> queues) {
        Schedule sealed = sealed(schedule, queues);
        if (sealed.job().encoding().isEmpty()) {
            return entry.definition().equals(write(schedule, definedBy));
        }
        try {
            Schedule is = read(entry.id(), entry.definition());
            Schedule plain = is.job(queues.apply(is.job().queue()).open(is.job()));
            return is.job().encoding().equals(sealed.job().encoding())
                    && write(plain, definedBy(entry.definition())).equals(write(schedule, definedBy));
        } catch (IllegalArgumentException | PayloadException unreadable) {
            return false;
        }
    }

    /** Refuses to change what code defines. */
    static void operators(Entry entry, String done) {
        String program = definedBy(entry.definition());
        if (program != null) {
            throw new IllegalStateException(
                    "schedule " + entry.id() + " is defined by the code of " + program + " and was not " + done
                            + ", because its next start would undo that; change it there, or pause it");
        }
    }

    static Schedule sealed(Schedule schedule, Function<String, Queue> queues) {
        return schedule.job(queues.apply(schedule.job().queue()).sealHere(schedule.job()));
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
