package io.penstock.server.operation;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.JobState;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far an operation is, and what it left undone; written down after each step. Bound: the first {@value #MOST_FAILURES}
 * failures and {@value #MOST_SKIPS} skipped jobs are named, the rest counted. Threads: one.
 */
final class Tally {
    static final int MOST_FAILURES = 100;
    static final int MOST_SKIPS = 20;

    /** Characters of a reason: 100 of them stay under 32 KiB. */
    private static final int MOST_REASON = 200;

    private static final Set<String> FIELDS = Set.of(
            "state",
            "startedAt",
            "finishedAt",
            "total",
            "looked",
            "matched",
            "done",
            "asked",
            "skipped",
            "failed",
            "failures",
            "skips",
            "queue",
            "in",
            "inner",
            "at",
            "pass",
            "moved",
            "resumed",
            "error");

    /** Where an operation is in its life. */
    enum State {
        QUEUED,
        RUNNING,
        COMPLETED,
        CANCELLED,
        FAILED;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean over() {
            return this != QUEUED && this != RUNNING;
        }
    }

    /** A job to which it was not done, and why. */
    record Left(String id, String reason) {}

    State state = State.QUEUED;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant finishedAt;

    long total;
    long looked;
    long matched;
    long done;
    long asked;
    long skipped;
    long failed;
    final List<Left> failures = new ArrayList<>();
    final List<Left> skips = new ArrayList<>();

    /** Where the walk is; null = at its begin. */
    @Nullable
    String queue;

    @Nullable
    JobState in;

    @Nullable
    String inner;

    /** Ids that were dealt with. */
    int at;

    /** Times that the state was begun again, and jobs that this time moved. */
    int pass;

    long moved;

    /** Times that another server, or this one anew, went on with it. */
    int resumed;

    @Nullable
    String error;

    void fail(String id, String reason) {
        failed++;
        add(failures, MOST_FAILURES, id, reason);
    }

    void skip(String id, String reason) {
        skipped++;
        add(skips, MOST_SKIPS, id, reason);
    }

    private static void add(List<Left> list, int most, String id, String reason) {
        if (list.size() < most) {
            list.add(new Left(id, reason.length() <= MOST_REASON ? reason : reason.substring(0, MOST_REASON) + "..."));
        }
    }

    void end(State as, Instant when) {
        state = as;
        finishedAt = when;
    }

    /** Share of what there was to look at; what came meanwhile is not known, so 1 is said at the end only. */
    double share() {
        if (state == State.COMPLETED) {
            return 1;
        }
        return total == 0 ? 0 : Math.min(0.99, Math.floor(looked * 1e4 / total) / 1e4);
    }

    /** Writes what people see. */
    void counts(JsonGenerator json) throws IOException {
        Json.instant(json, "startedAt", startedAt);
        Json.instant(json, "finishedAt", finishedAt);
        json.writeNumberField("total", total);
        json.writeNumberField("looked", looked);
        json.writeNumberField("matched", matched);
        json.writeNumberField("done", done);
        json.writeNumberField("asked", asked);
        json.writeNumberField("skipped", skipped);
        json.writeNumberField("failed", failed);
        left(json, "failures", failures);
        left(json, "skips", skips);
        json.writeNumberField("resumed", resumed);
        Json.text(json, "error", error);
    }

    private static void left(JsonGenerator json, String name, List<Left> list) throws IOException {
        Json.objects(json, name, list, left -> {
            json.writeStringField("id", left.id());
            json.writeStringField("reason", left.reason());
        });
    }

    byte[] encode() {
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("state", state.wire());
            counts(json);
            Json.text(json, "queue", queue);
            Json.text(json, "in", in == null ? null : in.wire());
            Json.text(json, "inner", inner);
            json.writeNumberField("at", at);
            json.writeNumberField("pass", pass);
            json.writeNumberField("moved", moved);
            json.writeEndObject();
        });
    }

    static Tally decode(byte[] bytes) {
        Fields fields = Fields.of(Slice.of(bytes), FIELDS);
        Tally tally = new Tally();
        tally.state = State.valueOf(fields.requiredText("state").toUpperCase(Locale.ROOT));
        tally.startedAt = fields.instant("startedAt");
        tally.finishedAt = fields.instant("finishedAt");
        tally.total = number(fields, "total");
        tally.looked = number(fields, "looked");
        tally.matched = number(fields, "matched");
        tally.done = number(fields, "done");
        tally.asked = number(fields, "asked");
        tally.skipped = number(fields, "skipped");
        tally.failed = number(fields, "failed");
        read(fields, "failures", tally.failures);
        read(fields, "skips", tally.skips);
        tally.queue = fields.text("queue");
        String in = fields.text("in");
        tally.in = in == null ? null : JobState.of(in);
        tally.inner = fields.text("inner");
        tally.at = (int) number(fields, "at");
        tally.pass = (int) number(fields, "pass");
        tally.moved = number(fields, "moved");
        tally.resumed = (int) number(fields, "resumed");
        tally.error = fields.text("error");
        return tally;
    }

    private static long number(Fields fields, String name) {
        return Objects.requireNonNullElse(fields.integer(name, 0, Long.MAX_VALUE), 0L);
    }

    private static void read(Fields fields, String name, List<Left> into) {
        for (Slice each : Objects.requireNonNullElse(fields.array(name, MOST_FAILURES), List.<Slice>of())) {
            Fields left = Fields.of(each, Set.of("id", "reason"));
            into.add(new Left(left.requiredText("id"), left.requiredText("reason")));
        }
    }
}
