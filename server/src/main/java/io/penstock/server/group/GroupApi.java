package io.penstock.server.group;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.queue.GroupPage;
import io.penstock.queue.GroupRule;
import io.penstock.queue.GroupView;
import io.penstock.queue.Groups;
import io.penstock.queue.Rate;
import io.penstock.server.caller.Access;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.redact.Eye;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Groups over HTTP: which have jobs, what each may do, pause and resume; {@code *} stands for all without a rule of their own. */
public final class GroupApi {
    private static final String PATH = "/api/v1/queues/{queue}/groups";
    private static final Set<String> FIELDS = Set.of("weight", "concurrency", "rate", "bytes", "paused");

    private final Engine engine;

    public GroupApi(Engine engine) {
        this.engine = engine;
    }

    /** Returns all routes about groups. */
    public List<Route> routes() {
        return List.of(
                Route.get(PATH, this::list).query("cursor", "limit"),
                Route.get(PATH + "/{group}", call -> shown(groups(call), group(call))),
                Route.put(PATH + "/{group}", this::put),
                Route.delete(PATH + "/{group}", this::delete).by(Access.OPERATE),
                Route.act(PATH + "/{group}:pause", call -> act(call, true)),
                Route.act(PATH + "/{group}:resume", call -> act(call, false)));
    }

    /** @throws Problem NOT_FOUND if there is no such queue */
    private Groups groups(Call call) {
        String queue = Given.queue(call);
        if (!engine.exists(queue)) {
            throw Problem.notFound("queue", queue);
        }
        return engine.tend(queue).groups();
    }

    private static String group(Call call) {
        String name = call.path("group");
        return name.equals(Groups.ALL) ? name : Given.checked("group", name);
    }

    private Reply list(Call call) {
        Groups groups = groups(call);
        GroupPage page;
        try {
            page = groups.list(call.query("cursor"), call.limit());
        } catch (IllegalArgumentException foreign) {
            throw Problem.of(ProblemType.INVALID_VALUE, String.valueOf(foreign.getMessage()));
        }
        Eye eye = call.eye();
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", page.groups(), view -> view(json, eye.text(view.name()), view));
            Json.text(json, "next", page.next());
            json.writeEndObject();
        });
    }

    private static void view(JsonGenerator json, @Nullable String name, GroupView view) throws IOException {
        Json.text(json, "group", name);
        json.writeStringField("status", status(view));
        json.writeNumberField("waiting", view.waiting());
        json.writeNumberField("active", view.active());
        json.writeNumberField("activeBytes", view.activeBytes());
        Json.text(json, "until", view.until() == null ? null : view.until().toString());
        rule(json, view.rule());
    }

    private static String status(GroupView view) {
        return view.rule().paused() ? "paused" : view.held() ? "held" : "active";
    }

    private static void rule(JsonGenerator json, GroupRule rule) throws IOException {
        json.writeObjectFieldStart("rule");
        if (rule.weight() != null) {
            json.writeNumberField("weight", rule.weight());
        }
        if (rule.concurrency() != null) {
            json.writeNumberField("concurrency", rule.concurrency());
        }
        Rate rate = rule.rate();
        if (rate != null) {
            json.writeObjectFieldStart("rate");
            json.writeNumberField("jobs", rate.jobs());
            Json.duration(json, "per", rate.per());
            json.writeEndObject();
        }
        if (rule.bytes() != null) {
            json.writeNumberField("bytes", rule.bytes());
        }
        json.writeBooleanField("paused", rule.paused());
        json.writeEndObject();
    }

    private static Reply shown(Groups groups, String group) {
        if (group.equals(Groups.ALL)) {
            GroupRule rule = groups.rule(group);
            return Reply.ok(json -> {
                json.writeStartObject();
                json.writeStringField("group", group);
                json.writeStringField("status", rule.paused() ? "paused" : "active");
                rule(json, rule);
                json.writeEndObject();
            });
        }
        GroupView view = groups.get(group);
        return Reply.ok(json -> {
            json.writeStartObject();
            view(json, view.name(), view);
            json.writeEndObject();
        });
    }

    private Reply put(Call call) {
        String group = group(call);
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), FIELDS);
        Integer weight = fields.count("weight", 1, 1_000);
        Integer concurrency = fields.count("concurrency", 0, 1_000_000);
        Long bytes = fields.integer("bytes", 0, 1L << 40);
        boolean paused = Boolean.TRUE.equals(fields.flag("paused"));
        Rate rate = rate(fields);
        GroupRule rule = fields.guarded("rate", () -> new GroupRule(weight, concurrency, rate, bytes, paused));
        Groups groups = engine.tend(Given.queue(call)).groups();
        configure(groups, group, rule);
        return shown(groups, group);
    }

    private static @Nullable Rate rate(Fields fields) {
        Fields rate = fields.object("rate", Set.of("jobs", "per"));
        if (rate == null) {
            return null;
        }
        Integer jobs = rate.count("jobs", 1, Rate.MOST_JOBS);
        Duration per = rate.duration("per");
        if (jobs == null || per == null) {
            throw Problem.invalid(
                    fields.pointer("rate"), "rate needs jobs and per; nothing was done; send both, such as 100 and 1s");
        }
        return rate.guarded("per", () -> new Rate(jobs, per));
    }

    private static void configure(Groups groups, String group, GroupRule rule) {
        try {
            groups.configure(group, rule);
        } catch (IllegalStateException tooMany) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(tooMany.getMessage()));
        }
    }

    private Reply delete(Call call) {
        groups(call).configure(group(call), GroupRule.NONE);
        return Reply.noContent();
    }

    private Reply act(Call call, boolean pause) {
        Groups groups = groups(call);
        String group = group(call);
        try {
            if (pause) {
                groups.pause(group);
            } else {
                groups.resume(group);
            }
        } catch (IllegalStateException tooMany) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(tooMany.getMessage()));
        }
        return shown(groups, group);
    }
}
