package io.penstock.server.schedule;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.schedule.Schedule;
import io.penstock.schedule.ScheduleCheck;
import io.penstock.schedule.SchedulePage;
import io.penstock.schedule.ScheduleRun;
import io.penstock.schedule.ScheduleView;
import io.penstock.schedule.Schedules;
import io.penstock.server.caller.Access;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Precondition;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.redact.Eye;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Schedules over HTTP: read, written whole, deleted, paused, run by hand, and tried out before they are written. */
public final class ScheduleApi {
    private static final String PATH = "/api/v1/schedules";

    /** Runs shown ahead of each schedule that is looked at. */
    private static final int UPCOMING = 10;

    private static final int USUAL_PREVIEW = 10;

    /** Looks at a schedule that others change at the same time. */
    private static final int MOST_TRIES = 5;

    /** Stands for the job where only times matter. */
    private static final JobSpec ANY = new JobSpec("any", "any", new byte[] {'{', '}'}, JobOptions.NONE);

    private final Engine engine;
    private final Schedules schedules;
    private final Function<Slice, JobSpec> jobs;
    private final Writer job;

    /** Writes a wish for a job as it is read. */
    @FunctionalInterface
    public interface Writer {
        void write(JsonGenerator json, JobSpec spec, Eye eye) throws IOException;
    }

    /** @param jobs reads the wish for a job, {@code job} writes one */
    public ScheduleApi(Engine engine, Function<Slice, JobSpec> jobs, Writer job) {
        this.engine = engine;
        this.schedules = engine.schedules();
        this.jobs = jobs;
        this.job = job;
    }

    /** Returns all routes about schedules. */
    public List<Route> routes() {
        return List.of(
                Route.get(PATH, this::list).query("cursor", "limit").asNarrow(),
                Route.post(PATH + ":preview", this::preview)
                        .by(Access.READ)
                        .asNarrow()
                        .asHarmless(),
                Route.post(PATH + ":fsck", this::fsck),
                Route.get(PATH + "/{id}", call -> shown(200, id(call), call.eye()))
                        .asNarrow(),
                Route.put(PATH + "/{id}", this::put).large().asNarrow(),
                Route.delete(PATH + "/{id}", this::delete).by(Access.OPERATE).asNarrow(),
                Route.act(PATH + "/{id}:pause", call -> act(call, () -> schedules.pause(id(call))))
                        .asNarrow(),
                Route.act(PATH + "/{id}:resume", call -> act(call, () -> schedules.resume(id(call))))
                        .asNarrow(),
                Route.act(PATH + "/{id}:run", this::run).creating().asNarrow(),
                Route.get(PATH + "/{id}/runs", this::runs).asNarrow());
    }

    /** @throws Problem NOT_FOUND if the schedule is for a queue that is not one of the caller's: its id does not name it */
    private String id(Call call) {
        String id = Given.checked("schedule", call.path("id"));
        boolean foreign = call.caller().narrowed()
                && schedules.get(id).filter(view -> !sees(call.caller(), view)).isPresent();
        if (foreign) {
            throw missing(id);
        }
        return id;
    }

    private static boolean sees(Caller caller, ScheduleView view) {
        return caller.sees(view.schedule().job().queue());
    }

    /** No schedule has this tag, so that whoever names one of a schedule that is gone is told so. */
    private static String tag(@Nullable ScheduleView view) {
        return '"' + (view == null ? "none" : Digest.hex(view.version(), 8)) + '"';
    }

    private static Problem missing(String id) {
        return Problem.notFound("schedule", Text.shown(id));
    }

    private Reply list(Call call) {
        String cursor = call.query("cursor");
        return page(call.caller(), cursor == null ? null : Given.checked("schedule", cursor), call.limit());
    }

    /** Returns the schedules that a caller may know of, in the order of their ids. */
    public Reply page(Caller caller, @Nullable String cursor, int limit) {
        SchedulePage page = schedules.list(cursor, limit);
        List<ScheduleView> seen =
                page.schedules().stream().filter(view -> sees(caller, view)).toList();
        Map<String, CompletionStage<Optional<Job>>> last = new HashMap<>();
        seen.stream()
                .filter(view -> view.lastJob() != null)
                .forEach(view ->
                        last.put(view.schedule().id(), engine.jobAsync(Objects.requireNonNull(view.lastJob()))));
        Map<String, String> ends = new HashMap<>();
        last.forEach((id, job) -> engine.redis()
                .await(job)
                .ifPresent(found -> ends.put(id, found.state().wire())));
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", seen, view -> {
                ScheduleJson.fields(json, view);
                Json.text(json, "lastState", ends.get(view.schedule().id()));
                json.writeObjectFieldStart("job");
                json.writeStringField("queue", view.schedule().job().queue());
                json.writeStringField("type", view.schedule().job().type());
                json.writeEndObject();
            });
            Json.text(json, "next", page.next());
            json.writeEndObject();
        });
    }

    private Reply fsck(Call call) {
        boolean repair = call.hasBody()
                && Boolean.TRUE.equals(Fields.of(Json.value(Slice.of(call.body())), Set.of("repair"))
                        .flag("repair"));
        ScheduleCheck check = schedules.fsck(repair);
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeBooleanField("repaired", repair);
            json.writeBooleanField("clean", check.faults() == 0);
            json.writeNumberField("looked", check.looked());
            json.writeNumberField("faults", check.faults());
            json.writeNumberField("dropped", check.dropped());
            json.writeNumberField("restored", check.restored());
            json.writeEndObject();
        });
    }

    private Reply shown(int status, String id, Eye eye) {
        ScheduleView view = schedules.get(id).orElseThrow(() -> missing(id));
        List<Instant> upcoming = view.status() == ScheduleView.Status.ACTIVE
                ? Schedules.preview(view, Instant.ofEpochMilli(engine.clock().millis()), UPCOMING)
                : List.of();
        Reply whole = Reply.json(status, json -> {
            json.writeStartObject();
            ScheduleJson.fields(json, view);
            json.writeFieldName("job");
            job.write(json, view.schedule().job(), eye);
            instants(json, "upcoming", upcoming);
            json.writeEndObject();
        });
        return eye.seesValues() ? whole.header("ETag", tag(view)) : whole;
    }

    private static void instants(JsonGenerator json, String name, List<Instant> instants) throws IOException {
        json.writeArrayFieldStart(name);
        for (Instant instant : instants) {
            json.writeString(instant.toString());
        }
        json.writeEndArray();
    }

    /** Looks, and has Redis compare; who was overtaken looks again, and so does the precondition. */
    private Reply put(Call call) {
        String id = id(call);
        Schedule wished = ScheduleInput.read(id, Json.value(Slice.of(call.body())), jobs);
        call.caller().check(wished.job().queue());
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            ScheduleView seen = schedules.get(id).orElse(null);
            Precondition.check(call, tag(seen));
            JobSpec was = seen == null ? null : seen.schedule().job();
            byte[] before = was == null || !was.encoding().isEmpty() ? null : was.payload();
            Eye.refuseMarks(wished.job().payload(), before, "/job/payload");
            if (settled(() -> schedules.put(seen, wished))) {
                engine.tend(wished.job().queue());
                return shown(seen == null ? 201 : 200, id, call.eye());
            }
        }
        throw overtaken(id);
    }

    private Reply delete(Call call) {
        String id = id(call);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            ScheduleView seen = schedules.get(id).orElseThrow(() -> missing(id));
            Precondition.check(call, tag(seen));
            if (settled(() -> schedules.delete(seen))) {
                return Reply.noContent();
            }
        }
        throw overtaken(id);
    }

    private static boolean settled(Supplier<Boolean> change) {
        try {
            return change.get();
        } catch (IllegalArgumentException never) {
            throw Problem.of(ProblemType.INVALID_VALUE, String.valueOf(never.getMessage()));
        } catch (IllegalStateException refused) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(refused.getMessage()));
        }
    }

    private static Problem overtaken(String id) {
        return Problem.of(
                ProblemType.CONFLICT,
                "schedule " + id + " is being changed by others all the time; nothing was done; try again in a second");
    }

    private Reply act(Call call, Supplier<Boolean> change) {
        if (!settled(change)) {
            throw missing(id(call));
        }
        return shown(200, id(call), call.eye());
    }

    private Reply run(Call call) {
        String id = id(call);
        Enqueued answer = schedules.run(id).orElseThrow(() -> missing(id));
        if (answer instanceof Enqueued.Refused refused) {
            throw Problem.refused(refused);
        }
        JobId made = answer instanceof Enqueued.Duplicate known ? known.id() : ((Enqueued.Accepted) answer).id();
        return Reply.json(201, json -> {
                    json.writeStartObject();
                    json.writeStringField("schedule", id);
                    json.writeStringField("job", made.toString());
                    json.writeEndObject();
                })
                .header("Location", "/api/v1/jobs/" + made);
    }

    /** With the state of each job as it is now: at most twenty look-ups. */
    private Reply runs(Call call) {
        String id = id(call);
        if (schedules.get(id).isEmpty()) {
            throw missing(id);
        }
        List<ScheduleRun> runs = schedules.runs(id);
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", runs, run -> {
                Json.instant(json, "run", run.run());
                Json.instant(json, "at", run.at());
                json.writeStringField("outcome", run.outcome().wire());
                json.writeNumberField("count", run.count());
                Json.text(json, "job", run.job() == null ? null : run.job().toString());
                Json.text(json, "jobState", state(run.job()));
                Json.text(json, "note", run.note());
            });
            json.writeNullField("next");
            json.writeEndObject();
        });
    }

    private @Nullable String state(@Nullable JobId id) {
        return id == null
                ? null
                : engine.job(id).map(Job::state).map(is -> is.wire()).orElse(null);
    }

    private Reply preview(Call call) {
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), ScheduleInput.PREVIEW);
        Schedule wished = ScheduleInput.times("preview", fields, ANY);
        Integer count = fields.count("count", 1, Schedules.MOST_PREVIEWED);
        Instant given = fields.instant("from");
        Instant from = given == null ? Instant.ofEpochMilli(engine.clock().millis()) : given;
        List<Instant> runs = Schedules.preview(wished, from, count == null ? USUAL_PREVIEW : count);
        return Reply.ok(json -> {
            json.writeStartObject();
            instants(json, "runs", runs);
            ScheduleJson.words(json, wished);
            json.writeStringField("zone", wished.zone().getId());
            json.writeArrayFieldStart("local");
            for (Instant run : runs) {
                json.writeString(
                        run.atZone(wished.zone()).toOffsetDateTime().toString().toUpperCase(Locale.ROOT));
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }
}
