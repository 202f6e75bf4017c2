package io.penstock.server.scaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.queue.QueueStats;
import io.penstock.queue.WorkerView;
import io.penstock.server.engine.Engine;
import io.penstock.server.engine.Engine.QueueView;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Spans;
import io.penstock.server.wire.Text;
import java.time.Duration;
import java.util.List;

/**
 * What an autoscaler asks: how many jobs of a queue should run at once, and how many workers that takes.
 *
 * <p>By Little's law the jobs that run at once are those that end in a second times the seconds of one; to those that end today comes
 * the share of the backlog that is to be gone within the target. A queue that has run nothing yet has no run time to
 * reckon with: one job is taken for a second. Cost: two round trips and one for each worker of the queue.
 */
public final class ScalingApi {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TARGET = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final double UNKNOWN_RUN_MILLIS = 1_000;

    private final Engine engine;

    public ScalingApi(Engine engine) {
        this.engine = engine;
    }

    /** Returns its route. */
    public Route route() {
        return Route.get("/api/v1/queues/{queue}/scaling", this::scaling).query("target");
    }

    /** Workers of a queue and the jobs that they may run at once; one elsewhere that does not say runs one. */
    private record Crew(int workers, int concurrency) {}

    private Reply scaling(Call call) {
        String name = Given.queue(call);
        if (!engine.exists(name)) {
            throw Problem.notFound("queue", name);
        }
        double target = target(call).toMillis() / 1_000.0;
        QueueView view = engine.queue(name);
        QueueStats stats = view.stats();
        Crew crew = crew(engine.workers(name));
        long waiting = stats.counts().waiting();
        long active = stats.counts().active();
        double run = stats.avgRunMillis() > 0 ? stats.avgRunMillis() : UNKNOWN_RUN_MILLIS;
        int most = engine.settings(name).maxActive();
        long wanted = stats.paused() ? 0 : wanted(view.throughputPerSecond(), waiting, run, target);
        long desired = most == 0 ? wanted : Math.min(most, wanted);
        double each = crew.workers() == 0 ? 1 : (double) crew.concurrency() / crew.workers();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeStringField("queue", name);
            json.writeStringField("status", view.status());
            json.writeNumberField("waiting", waiting);
            json.writeNumberField("active", active);
            json.writeNumberField("oldestWaitingMillis", stats.oldestWaitingMillis());
            json.writeNumberField("throughputPerSecond", view.throughputPerSecond());
            json.writeNumberField("avgProcessingMillis", Math.round(stats.avgRunMillis() * 100) / 100.0);
            json.writeNumberField("targetSeconds", target);
            json.writeNumberField("workers", crew.workers());
            json.writeNumberField("concurrency", crew.concurrency());
            json.writeNumberField("desiredConcurrency", desired);
            json.writeNumberField("desiredWorkers", (long) Math.ceil(desired / Math.max(1, each)));
            json.writeEndObject();
        });
    }

    /** Whatever waits wants one at least. */
    static long wanted(double throughputPerSecond, long waiting, double runMillis, double targetSeconds) {
        double perSecond = throughputPerSecond + waiting / targetSeconds;
        long wanted = (long) Math.ceil(perSecond * runMillis / 1_000);
        return waiting > 0 ? Math.max(1, wanted) : wanted;
    }

    private static Crew crew(List<WorkerView> workers) {
        int taking = 0;
        int concurrency = 0;
        for (WorkerView worker : workers) {
            if (!worker.quiet()) {
                taking++;
                concurrency += concurrency(worker.report());
            }
        }
        return new Crew(taking, concurrency);
    }

    private static int concurrency(String report) {
        try {
            JsonNode said = JSON.readTree(report);
            return said == null ? 1 : Math.max(1, said.path("concurrency").asInt(1));
        } catch (com.fasterxml.jackson.core.JsonProcessingException foreign) {
            return 1;
        }
    }

    private static Duration target(Call call) {
        String text = call.query("target");
        if (text == null) {
            return TARGET;
        }
        try {
            Duration target = Spans.parse(text);
            Duration least = target.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : target;
            return least.compareTo(LONGEST) > 0 ? LONGEST : least;
        } catch (IllegalArgumentException none) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter target \"" + Text.shown(text)
                            + "\" is no duration; nothing was read; send 1s to 1h, such as 60s");
        }
    }
}
