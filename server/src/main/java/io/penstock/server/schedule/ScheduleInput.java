package io.penstock.server.schedule;

import io.penstock.cron.Cron;
import io.penstock.cron.SkipDays;
import io.penstock.job.JobSpec;
import io.penstock.schedule.Rhythm;
import io.penstock.schedule.Schedule;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads schedules from JSON, refusing whatever it does not know. */
final class ScheduleInput {
    private static final Set<String> TIMES =
            Set.of("cron", "every", "fixedDelay", "clockChange", "zone", "start", "end", "skip");
    private static final Set<String> FIELDS = with("job", "misfire", "catchUp", "overlap", "jitter");

    /** What a preview reads. */
    static final Set<String> PREVIEW = with("from", "count");

    private static final int MOST_DAYS = 400;
    private static final int MOST_CATCH_UP = 100;

    private ScheduleInput() {}

    private static Set<String> with(String... more) {
        Set<String> all = new TreeSet<>(TIMES);
        all.addAll(List.of(more));
        return all;
    }

    /** Reads a schedule whole. */
    static Schedule read(String id, Slice body, Function<Slice, JobSpec> jobs) {
        Fields fields = Fields.of(body, FIELDS);
        Slice job = fields.raw("job");
        if (job == null) {
            throw Problem.invalid(
                    fields.pointer("job"),
                    "job is missing; nothing was scheduled; send {\"queue\":…,\"type\":…,\"payload\":…}");
        }
        JobSpec spec = jobs.apply(job);
        Schedule schedule = times(id, fields, spec);
        String misfire = fields.text("misfire");
        if (misfire != null) {
            schedule = schedule.misfire(fields.guarded("misfire", () -> Schedule.Misfire.of(misfire)));
        }
        Integer catchUp = fields.count("catchUp", 1, MOST_CATCH_UP);
        if (catchUp != null) {
            if (misfire != null && schedule.misfire() != Schedule.Misfire.CATCH_UP) {
                throw Problem.invalid(
                        fields.pointer("catchUp"),
                        "catchUp belongs to misfire catch-up, not " + misfire
                                + "; nothing was scheduled; leave one of them out");
            }
            schedule = schedule.catchUp(catchUp);
        }
        String overlap = fields.text("overlap");
        if (overlap != null) {
            schedule = schedule.overlap(fields.guarded("overlap", () -> Schedule.Overlap.of(overlap)));
        }
        Duration jitter = fields.duration("jitter");
        Schedule whole = schedule;
        return jitter == null ? whole : fields.guarded("jitter", () -> whole.jitter(jitter));
    }

    /** Reads when a schedule runs. */
    static Schedule times(String id, Fields fields, JobSpec job) {
        Schedule schedule = fields.guarded("job", () -> Schedule.of(id, rhythm(fields), job));
        ZoneId zone = zone(fields);
        if (zone != null) {
            schedule = schedule.zone(zone);
        }
        List<String> skip = fields.texts("skip", MOST_DAYS);
        if (skip != null) {
            schedule = schedule.skip(fields.guarded("skip", () -> SkipDays.of(skip)));
        }
        Instant start = fields.instant("start");
        Instant end = fields.instant("end");
        Schedule whole = schedule;
        return fields.guarded("end", () -> whole.between(start, end));
    }

    private static Rhythm rhythm(Fields fields) {
        String cron = fields.text("cron");
        Duration every = fields.duration("every");
        Duration delay = fields.duration("fixedDelay");
        int said = (cron == null ? 0 : 1) + (every == null ? 0 : 1) + (delay == null ? 0 : 1);
        if (said != 1) {
            throw Problem.invalid(
                    fields.pointer("cron"),
                    said + " of cron, every and fixedDelay are there; nothing was scheduled; send one of them, such as"
                            + " {\"cron\":\"0 9 * * MON-FRI\",\"zone\":\"Europe/Paris\"} or {\"every\":\"15m\"}");
        }
        String change = fields.text("clockChange");
        if (cron == null && change != null) {
            throw Problem.invalid(
                    fields.pointer("clockChange"),
                    "clockChange is for cron; nothing was scheduled; leave it out: a rate does not look at clocks");
        }
        if (cron != null) {
            Cron read = fields.guarded("cron", () -> Cron.parse(cron));
            return change == null ? new Rhythm.ByCron(read) : new Rhythm.ByCron(read, change(fields, change));
        }
        return every != null
                ? fields.guarded("every", () -> new Rhythm.Every(every))
                : fields.guarded("fixedDelay", () -> new Rhythm.FixedDelay(delay == null ? Duration.ZERO : delay));
    }

    private static Cron.ClockChange change(Fields fields, String text) {
        for (Cron.ClockChange change : Cron.ClockChange.values()) {
            if (change.wire().equals(text.toLowerCase(Locale.ROOT))) {
                return change;
            }
        }
        throw Problem.invalid(
                fields.pointer("clockChange"),
                "clockChange \"" + Text.shown(text)
                        + "\" is unknown; nothing was scheduled; use clock (a time of day) or" + " elapsed (a rate)");
    }

    private static @Nullable ZoneId zone(Fields fields) {
        String text = fields.text("zone");
        if (text == null) {
            return null;
        }
        try {
            return ZoneId.of(text);
        } catch (DateTimeException unknown) {
            throw Problem.invalid(
                    fields.pointer("zone"),
                    "zone \"" + Text.shown(text)
                            + "\" is unknown; nothing was scheduled; write UTC or an IANA name such"
                            + " as Europe/Berlin or Asia/Shanghai");
        }
    }
}
