package io.penstock.server.live;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.memory.MemoryLevel;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Service;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.engine.Engine.QueueView;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells everybody who listens how things stand: one snapshot an interval, whoever and however many they are.
 *
 * <p>Callers of some queues are told of those only; each such set of queues costs a snapshot of its own, of the same look.
 * While nobody listens nothing is computed. As memory tightens the interval grows. Bound: {@value #MOST} listeners, each
 * with the topics of one page. Threads: one, {@code penstock-live}; it waits for Redis.
 */
public final class Live extends Service {
    /** Listeners at once: a team with some tabs each. */
    static final int MOST = 64;

    static final String QUEUES = "queues";
    static final String OVERVIEW = "overview";
    static final String ONE_QUEUE = "queue:";
    private static final String WORKERS = "workers";

    /** Topics whose routes wait for Redis. */
    private static final Set<String> WAITING = Set.of(WORKERS, "alerts", "operations", "schedules", "flows");

    private static final Json.Writing NO_MORE = json -> {};

    /** New listeners are answered at once, but a storm of them costs four snapshots a second. */
    private static final Duration LEAST_GAP = Duration.ofMillis(250);

    /** A look at the queues is good for this long when a page is opened. */
    private static final long FRESH_NANOS = Duration.ofMillis(500).toNanos();

    /** Shorter than the least patience of proxies in between, which is 30 s or more. */
    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(15).toNanos();

    /** Who comes wakes it; this is only how long a lost wake-up could cost. */
    private static final long LONGEST_SLEEP = Duration.ofMinutes(1).toNanos();

    private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final Logger LOG = LoggerFactory.getLogger(Live.class);

    private final Engine engine;
    private final Map<String, Function<Caller, byte[]>> topics;
    private final Figures figures;
    private final QueueBoard board;
    private final Overview overview;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock look = new ReentrantLock(); // guards the board
    private final Condition changed = lock.newCondition();
    private final String run;
    private long number;
    private boolean newcomer; // guarded by lock
    private boolean closing; // guarded by lock
    private boolean failedBefore;
    private long lookedNanos; // guarded by look
    private int misses; // guarded by look: looks in a row without an answer; one may be a hiccup and is not told
    private boolean away; // guarded by look: Redis did not answer the last time

    /** Writes the figures of a queue into an object that is open. */
    @FunctionalInterface
    public interface Figures {
        void write(JsonGenerator json, QueueView view) throws IOException;
    }

    /**
     * Knows the topics that REST has a route for; those of the queues it makes itself.
     *
     * @param topics what each answers a caller: the same bytes as the route
     */
    public Live(Engine engine, Map<String, Function<Caller, byte[]>> topics, Figures figures) {
        this.engine = engine;
        this.topics = new TreeMap<>(topics);
        this.figures = figures;
        this.board = new QueueBoard(engine);
        this.overview = new Overview(engine, board, figures);
        this.lookedNanos = engine.clock().nanos() - FRESH_NANOS * 2;
        this.run = Digest.hex(engine.clock().millis() + " " + engine.clock().nanos(), 4);
    }

    @Override
    protected void onStart() {
        engine.threads().start("live", this::loop);
    }

    @Override
    protected void onStop() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        listeners.forEach(Listener::close);
    }

    /** Returns how many listen. */
    public int size() {
        return listeners.size();
    }

    /** Returns the names of the topics, but for those of single queues. */
    Set<String> topics() {
        Set<String> names = new TreeSet<>(topics.keySet());
        names.add(QUEUES);
        names.add(OVERVIEW);
        return names;
    }

    /** Returns how long a snapshot is good for at this level. */
    static Duration interval(MemoryLevel level) {
        if (level.atLeast(MemoryLevel.CRITICAL)) {
            return Duration.ofSeconds(15);
        }
        return Duration.ofSeconds(level.atLeast(MemoryLevel.HIGH) ? 5 : 2);
    }

    /**
     * Returns the overview as it stands now, as the caller may see it.
     *
     * @param queues the busiest of them, so many at most
     * @param workers whether they are in it too, which asks Redis about every queue
     */
    byte[] overview(Caller caller, int queues, boolean workers) {
        look.lock();
        try {
            long now = engine.clock().nanos();
            if (away || now - lookedNanos > FRESH_NANOS) { // however many pages are opened at once
                refresh();
            }
            byte[] known = workers ? data(caller, WORKERS) : null;
            Json.Writing more = json -> Json.raw(json, WORKERS, known);
            return overview.write(caller, away, !away || misses == 1, queues, workers ? more : NO_MORE);
        } finally {
            look.unlock();
        }
    }

    private void refresh() {
        boolean connected = engine.redis().connected();
        misses = !connected || board.refresh() ? 0 : misses + 1;
        away = !connected || misses > 0;
        lookedNanos = engine.clock().nanos();
    }

    /**
     * Takes the exchange over.
     *
     * @param lastId what the client heard last, from whichever server; null = nothing
     */
    void join(HttpServerExchange exchange, Listener.Ears ears, @Nullable String lastId) {
        Listener listener = new Listener(exchange, ears, listeners::remove);
        listeners.add(listener);
        listener.say("retry: 2000\n\n".getBytes(StandardCharsets.US_ASCII));
        if (lastId != null) {
            // every topic begins with a full snapshot, so whatever was missed is in it
            listener.say(event("reset", "{}".getBytes(StandardCharsets.US_ASCII)));
        }
        if (listener.closed()) {
            listeners.remove(listener); // it left before it was in
        } else if (listeners.size() > MOST || !running()) {
            listener.close();
        }
        lock.lock();
        try {
            newcomer = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void loop() {
        while (awaitTurn()) {
            try {
                tell();
                failedBefore = false;
            } catch (RuntimeException failed) {
                if (!failedBefore) {
                    LOG.warn("what changed was not told; it is tried again in a while", failed);
                }
                failedBefore = true;
            }
        }
    }

    /** Waits for the end of the interval or for somebody new; false = it is over. */
    private boolean awaitTurn() {
        lock.lock();
        try {
            for (long left = LEAST_GAP.toNanos(); left > 0 && !closing; ) {
                left = changed.awaitNanos(left);
            }
            long left = interval().minus(LEAST_GAP).toNanos();
            while (!closing && (listeners.isEmpty() || (left > 0 && !newcomer))) {
                // nobody there: as soon as somebody is, without the rest of the interval
                left = listeners.isEmpty() ? Math.min(0, changed.awaitNanos(LONGEST_SLEEP)) : changed.awaitNanos(left);
            }
            newcomer = false;
            return !closing;
        } catch (InterruptedException stop) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private Duration interval() {
        return interval(engine.memory().monitor().level());
    }

    private void tell() {
        Map<List<String>, Audience> audiences = new HashMap<>();
        for (Listener listener : listeners) {
            if (listener.welcome()) {
                audiences
                        .computeIfAbsent(listener.caller().queues(), same -> new Audience(listener.caller()))
                        .add(listener);
            }
        }
        look.lock();
        try {
            refresh();
            audiences.values().forEach(this::prepare);
        } finally {
            look.unlock();
        }
        byte[] hello = event("hello", Json.bytes(json -> {
            json.writeStartObject();
            json.writeNumberField("intervalMillis", interval().toMillis());
            json.writeEndObject();
        }));
        for (Audience audience : audiences.values()) {
            audience.listeners.forEach(listener -> tell(listener, audience, hello));
        }
    }

    /** Those who may see the same queues, and what they are told: one snapshot for all of them. */
    private static final class Audience {
        final Caller caller;
        final List<Listener> listeners = new ArrayList<>();
        final Set<String> wanted = new TreeSet<>();
        final Map<String, byte[]> events = new HashMap<>();
        byte @Nullable [] whole;

        Audience(Caller caller) {
            this.caller = caller;
        }

        void add(Listener listener) {
            listeners.add(listener);
            wanted.addAll(listener.topics());
        }
    }

    private void prepare(Audience audience) {
        for (String topic : audience.wanted) {
            byte[] data = data(audience.caller, topic);
            if (data != null) {
                audience.events.put(topic, event(topic, data));
            }
        }
        if (audience.wanted.contains(QUEUES)) {
            audience.whole = event(QUEUES, queues(audience.caller, board.all(), true));
        }
    }

    private void tell(Listener listener, Audience audience, byte[] hello) {
        long now = engine.clock().nanos();
        boolean first = !listener.greeted();
        if (first) {
            listener.say(hello);
        }
        boolean said = first;
        for (String topic : listener.topics()) {
            byte[] event = topic.equals(QUEUES) && first ? audience.whole : audience.events.get(topic);
            if (event != null) {
                listener.say(event);
                said = true;
            }
        }
        if (!said && now - listener.saidNanos() > HEARTBEAT_NANOS) {
            listener.say(HEARTBEAT);
            said = true;
        }
        if (said) {
            listener.said(now);
        }
    }

    /** Returns what there is to say, null = nothing, or nobody knows just now. */
    private byte @Nullable [] data(Caller caller, String topic) {
        try {
            if (topic.equals(OVERVIEW)) {
                return overview.write(caller, away, !away || misses == 1, Overview.QUEUES, NO_MORE);
            }
            if (topic.equals(QUEUES)) {
                return board.changed().isEmpty() && board.gone().isEmpty()
                        ? null
                        : queues(caller, board.changed(), false);
            }
            if (topic.startsWith(ONE_QUEUE)) {
                return away ? null : queue(topic.substring(ONE_QUEUE.length()));
            }
            Function<Caller, byte[]> known = topics.get(topic);
            return known == null || (away && WAITING.contains(topic)) ? null : known.apply(caller);
        } catch (RedisException | Problem away) {
            return null; // the overview says that Redis is away
        }
    }

    private byte @Nullable [] queue(String name) {
        QueueView view = board.knows(name) ? board.one(name) : null;
        return view == null
                ? null
                : Json.bytes(json -> {
                    json.writeStartObject();
                    figures.write(json, view);
                    json.writeNumberField("completedTotal", view.stats().completedTotal());
                    json.writeNumberField("retriedTotal", view.stats().retriedTotal());
                    json.writeEndObject();
                });
    }

    private byte[] queues(Caller caller, Collection<QueueView> views, boolean all) {
        List<QueueView> seen =
                views.stream().filter(view -> caller.sees(view.stats().name())).toList();
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeBooleanField("all", all);
            Json.objects(json, "items", seen, view -> figures.write(json, view));
            json.writeArrayFieldStart("gone");
            for (String name : all ? List.<String>of() : board.gone()) {
                if (caller.sees(name)) {
                    json.writeString(name);
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** JSON of ours has no line breaks, so one data line holds it. */
    private synchronized byte[] event(String topic, byte[] data) {
        byte[] head =
                ("id: " + run + "-" + ++number + "\nevent: " + topic + "\ndata: ").getBytes(StandardCharsets.UTF_8);
        byte[] event = new byte[head.length + data.length + 2];
        System.arraycopy(head, 0, event, 0, head.length);
        System.arraycopy(data, 0, event, head.length, data.length);
        event[event.length - 2] = '\n';
        event[event.length - 1] = '\n';
        return event;
    }
}
