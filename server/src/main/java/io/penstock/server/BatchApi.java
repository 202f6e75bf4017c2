package io.penstock.server;

import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.queue.ImportedJob;
import io.penstock.server.caller.Access;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.limit.KeptLimits;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many jobs in one request, each answered for itself.
 *
 * <p>One bad line does not spoil the others; only when not a single job got in does the whole request fail, as its first
 * line did, so that a producer which is refused sees an honest 429, 503 or 507.
 */
final class BatchApi {
    /** Refusals told in detail; the rest are only counted. */
    private static final int MOST_ERRORS = 1_000;

    private final Engine engine;
    private final Work work;
    private final KeptLimits limits;

    BatchApi(Engine engine, Work work, KeptLimits limits) {
        this.engine = engine;
        this.work = work;
        this.limits = limits;
    }

    List<Route> routes() {
        return List.of(
                many(
                                "/api/v1/jobs:batch",
                                call -> batch(call, slice -> new Read(JobInput.readNaming(slice), null, null))
                                        .unlessNone())
                        .by(Access.ADD),
                many("/api/v1/jobs:import", call -> {
                            Duration window = ImportInput.window(call);
                            return batch(call, slice -> {
                                        ImportedJob job = ImportInput.read(slice, window);
                                        return new Read(job.spec(), job, null);
                                    })
                                    .reply();
                        })
                        .query("window"));
    }

    private static Route many(String template, Route.Blocking answer) {
        return Route.post(template, answer)
                .body(List.of("application/json", "application/x-ndjson", "application/ndjson"), Limits.BODY_BYTES)
                .creating()
                .asNarrow();
    }

    /** What became of one line: an answer of the queue, or a problem of its own. */
    private record Line(
            @Nullable CompletionStage<Enqueued> answer,
            @Nullable Problem problem) {}

    private Tally batch(Call call, Function<Slice, Read> reading) {
        Slice body = Slice.of(call.body());
        List<Slice> slices = call.mediaType().equals("application/json")
                ? Json.elements(Json.value(body), Limits.BATCH_JOBS)
                : lines(body);
        List<Read> read = slices.stream()
                .map(slice -> read(call.caller(), slice, reading))
                .toList();
        Map<String, Problem> denied = denied(read);
        List<Line> lines = new ArrayList<>(slices.size());
        for (Read each : read) {
            lines.add(send(each, denied));
        }
        return new Tally(lines);
    }

    /** One line before it is sent: a job, or a problem of its own. */
    private record Read(
            @Nullable JobSpec spec,
            @Nullable ImportedJob imported,
            @Nullable Problem problem) {}

    private static Read read(Caller caller, Slice slice, Function<Slice, Read> reading) {
        try {
            Read read = reading.apply(Json.value(slice));
            if (read.spec() != null) {
                caller.check(read.spec().queue());
            }
            return read;
        } catch (Problem problem) {
            return new Read(null, null, problem);
        }
    }

    /** Asks the limit of each queue once, for all of its lines. */
    private Map<String, Problem> denied(List<Read> read) {
        Map<String, Integer> jobs = new HashMap<>();
        for (Read each : read) {
            if (each.spec() != null) {
                jobs.merge(each.spec().queue(), 1, Integer::sum);
            }
        }
        Map<String, Problem> denied = new HashMap<>();
        jobs.forEach((queue, count) -> {
            try {
                limits.pass(queue, count);
            } catch (Problem problem) {
                denied.put(queue, problem);
            }
        });
        return denied;
    }

    private Line send(Read read, Map<String, Problem> denied) {
        JobSpec spec = read.spec();
        Problem problem = spec == null ? read.problem() : denied.get(spec.queue());
        if (spec == null || problem != null) {
            return new Line(null, problem);
        }
        try {
            work.came(spec.queue(), spec.type());
            ImportedJob imported = read.imported();
            return new Line(imported == null ? engine.enqueueAsync(spec) : engine.importAsync(imported), null);
        } catch (Problem refused) {
            return new Line(null, refused);
        }
    }

    private static List<Slice> lines(Slice body) {
        List<Slice> lines = new ArrayList<>();
        int from = body.from();
        for (int i = body.from(); i <= body.to(); i++) {
            if (i == body.to() || body.bytes()[i] == '\n') {
                if (!blank(body.bytes(), from, i)) {
                    lines.add(new Slice(body.bytes(), from, i, "/" + lines.size()));
                }
                from = i + 1;
            }
            if (lines.size() > Limits.BATCH_JOBS) {
                throw Problem.of(
                        ProblemType.TOO_LARGE,
                        "the batch has more than " + Limits.BATCH_JOBS
                                + " lines; nothing was done; send them in parts");
            }
        }
        return lines;
    }

    private static boolean blank(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    /** The answers of one batch, counted. */
    private final class Tally {
        private final List<@Nullable JobId> ids = new ArrayList<>();
        private final List<Integer> refusedLines = new ArrayList<>();
        private final List<Problem> refusals = new ArrayList<>();
        private int accepted;
        private int duplicates;

        Tally(List<Line> lines) {
            for (int i = 0; i < lines.size(); i++) {
                count(i, lines.get(i));
            }
        }

        private void count(int index, Line line) {
            Problem problem = line.problem();
            if (line.answer() != null) {
                Enqueued answer = engine.await(line.answer());
                if (answer instanceof Enqueued.Accepted in) {
                    accepted++;
                    ids.add(in.id());
                    return;
                }
                if (answer instanceof Enqueued.Duplicate before) {
                    duplicates++;
                    ids.add(before.id());
                    return;
                }
                problem = Problem.refused((Enqueued.Refused) answer);
            }
            ids.add(null);
            refusedLines.add(index);
            refusals.add(problem == null ? Problem.of(ProblemType.INTERNAL, "no answer") : problem);
        }

        /** A request of which nothing got in fails as its first line did. */
        Reply unlessNone() {
            if (accepted + duplicates == 0 && !refusals.isEmpty()) {
                throw refusals.get(0);
            }
            return reply();
        }

        /** An import goes on past jobs that do not fit, so it is told of each. */
        Reply reply() {
            return Reply.ok(json -> {
                json.writeStartObject();
                json.writeNumberField("accepted", accepted);
                json.writeNumberField("duplicates", duplicates);
                json.writeNumberField("refused", refusals.size());
                json.writeArrayFieldStart("ids");
                for (JobId id : ids) {
                    json.writeString(id == null ? null : id.toString());
                }
                json.writeEndArray();
                json.writeNumberField("retryAfter", retryAfter());
                json.writeArrayFieldStart("errors");
                for (int i = 0; i < Math.min(MOST_ERRORS, refusals.size()); i++) {
                    Problem refusal = refusals.get(i);
                    json.writeStartObject();
                    json.writeNumberField("index", refusedLines.get(i));
                    json.writeStringField("type", refusal.type().uri());
                    json.writeNumberField("status", refusal.type().status());
                    json.writeStringField("detail", refusal.detail());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
            });
        }

        private long retryAfter() {
            return refusals.stream().mapToLong(Problem::retryAfterSeconds).max().orElse(0);
        }
    }
}
