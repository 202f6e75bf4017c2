package io.penstock.server.live;

import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The overview, and what changes as it changes, over HTTP. */
public final class LiveApi {
    /** Topics of one listener: those of a page and its frame. */
    private static final int MOST_TOPICS = 8;

    private final Live live;

    public LiveApi(Live live) {
        this.live = live;
    }

    /** Returns the routes of what changes. */
    public List<Route> routes() {
        return List.of(
                Route.get("/api/v1/overview", this::overview)
                        .query("queues", "workers")
                        .asNarrow(),
                Route.get("/api/v1/events", this::events).query("topics").asNarrow());
    }

    private Reply overview(Call call) {
        int queues = call.query("queues", Overview.QUEUES, 0, Limits.PAGE);
        boolean workers = call.query("workers", 0, 0, 1) == 1;
        return Reply.of(200, "application/json", live.overview(call.caller(), queues, workers));
    }

    private Reply events(Call call) {
        Set<String> topics = topics(call, call.query("topics"));
        if (live.size() >= Live.MOST) {
            throw Problem.later(
                    ProblemType.BUSY,
                    Live.MOST + " clients listen, the most there may be; you were not added; ask again later, or read"
                            + " /api/v1/overview now and then",
                    Duration.ofSeconds(10));
        }
        Listener.Ears ears = new Listener.Ears(topics, call.caller(), call.still());
        String lastId = call.header("Last-Event-ID");
        // a proxy that gathers answers would gather this one for ever
        return Reply.stream("text/event-stream; charset=utf-8", exchange -> live.join(exchange, ears, lastId))
                .header("X-Accel-Buffering", "no");
    }

    private Set<String> topics(Call call, @Nullable String text) {
        Set<String> known = live.topics();
        Set<String> topics = new TreeSet<>();
        for (String topic : text == null ? new String[0] : text.split(",", -1)) {
            if (topic.startsWith(Live.ONE_QUEUE)) {
                Given.queue(call, topic.substring(Live.ONE_QUEUE.length()));
            } else if (!known.contains(topic)) {
                throw Problem.of(
                        ProblemType.INVALID_VALUE,
                        "topic \"" + Text.shown(topic) + "\" is unknown; nothing was begun; " + Text.legal(topic, known)
                                + ", or queue:NAME");
            }
            topics.add(topic);
        }
        if (topics.isEmpty() || topics.size() > MOST_TOPICS) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    topics.size() + " topics, and it must be 1 to " + MOST_TOPICS + "; nothing was begun; send topics="
                            + String.join(",", known) + " or some of them, or queue:NAME");
        }
        return topics;
    }
}
