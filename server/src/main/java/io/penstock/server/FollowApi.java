package io.penstock.server;

import io.penstock.job.JobId;
import io.penstock.job.Place;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.server.caller.Access;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.live.Listener;
import io.penstock.server.redact.Eye;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.undertow.server.HttpServerExchange;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a running job emits, as it comes: {@code GET /jobs/{id}/progress}, as server-sent events.
 *
 * <p>None holds a thread. Bound: {@link Limits#WAITS} callers, each for {@link #LONGEST}. Threads: safe.
 */
final class FollowApi implements AutoCloseable {
    /** The longest stream: whoever still listens comes again with Last-Event-ID. */
    private static final Duration LONGEST = Duration.ofMinutes(30);

    /** Shorter than the least patience of proxies in between; also how late one who was signed out is hung up on. */
    private static final Duration BEAT = Duration.ofSeconds(10);

    private static final byte[] STILL_HERE = ":\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Engine engine;
    private final Map<Listener, Subscription> listeners = new ConcurrentHashMap<>();
    private final Task beat;
    private volatile boolean closed;

    FollowApi(Engine engine) {
        this.engine = engine;
        this.beat = engine.timer().every("follow-beat", BEAT, this::beat);
    }

    Route route() {
        return Route.get("/api/v1/jobs/{id}/progress", this::follow)
                .by(Access.FOLLOW)
                .asNarrow();
    }

    private Reply follow(Call call) {
        JobId id = Given.job(call);
        Place behind = behind(call.header("Last-Event-ID"));
        if (engine.job(id).isEmpty()) {
            throw Problem.notFound("job", id.toString());
        }
        if (listeners.size() >= Limits.WAITS || closed) {
            throw Problem.later(
                    ProblemType.BUSY,
                    Limits.WAITS
                            + " callers follow jobs, the most there may be; nothing was begun; ask again later, or for"
                            + " the job with ?wait=30s",
                    Duration.ofSeconds(10));
        }
        Eye eye = call.eye();
        Listener.Ears ears = new Listener.Ears(Set.of(), call.caller(), call.still());
        return Reply.stream("text/event-stream; charset=utf-8", exchange -> join(exchange, ears, id, behind, eye))
                .header("X-Accel-Buffering", "no"); // a proxy that gathers answers would gather this one to its end
    }

    private static Place behind(@Nullable String lastId) {
        try {
            return lastId == null ? Place.START : Place.parse(lastId);
        } catch (IllegalArgumentException foreign) {
            throw Problem.of(ProblemType.INVALID_VALUE, "header Last-Event-ID: " + foreign.getMessage());
        }
    }

    private void join(HttpServerExchange exchange, Listener.Ears ears, JobId id, Place behind, Eye eye) {
        Listener listener = new Listener(exchange, ears, this::left);
        listener.say("retry: 2000\n\n".getBytes(StandardCharsets.US_ASCII));
        Subscription following;
        try {
            following = engine.feeds().follow(id, behind, LONGEST, new JobStream(id, listener, eye));
        } catch (RuntimeException refused) { // too many wait already, or Redis has just gone: the client comes again
            listener.close();
            return;
        }
        listeners.put(listener, following);
        if (listener.closed() || closed) { // it left before it was in
            left(listener);
            listener.close();
        }
    }

    private void left(Listener listener) {
        Subscription following = listeners.remove(listener);
        if (following != null) {
            following.close();
        }
    }

    private void beat() {
        for (Listener listener : listeners.keySet()) {
            if (listener.welcome()) {
                listener.say(STILL_HERE);
            }
        }
    }

    int size() {
        return listeners.size();
    }

    @Override
    public void close() {
        closed = true;
        beat.close();
        listeners.keySet().forEach(Listener::close);
    }
}
