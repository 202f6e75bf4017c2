package io.penstock.server.audit;

import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import io.penstock.server.caller.Role;
import io.penstock.server.http.Deed;
import io.penstock.server.http.Route;
import io.penstock.server.http.Witness;
import io.penstock.server.redact.Redactor;
import io.penstock.server.wire.Problem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down every write that reached a route: who, from where, what, to what, and how it ended; never what was sent.
 *
 * <p>A line of its own for each, but for what programs do all day (enqueue, lease, ack, extend, heartbeat) and for what goes
 * beyond the pace of {@link Pace}: that is one line a minute for each caller, action, queue and status, with its number.
 * A request waits for nothing here and fails by nothing here. Bound: {@value #MOST_LINES} lines and {@value #MOST_BYTES}
 * bytes wait for Redis; those beyond are counted, told by the log and by a line of their own. Threads: safe; one batch is
 * under way at a time.
 */
public final class Audit extends Service implements Witness {
    static final int MOST_LINES = 4_096;
    static final int MOST_BYTES = 2 << 20;

    private static final int BATCH_LINES = 200;
    private static final int BATCH_BYTES = 128 << 10;
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    /** The last lines get this long at the end. */
    private static final int CLOSE_SECONDS = 2;

    /** What programs do all day; a line each would be most of the log, and a Redis command each. */
    private static final Set<String> BY_NUMBER = Set.of(
            "POST /api/v1/queues/{queue}/jobs",
            "POST /api/v1/jobs:batch",
            "POST /api/v1/jobs:import",
            "POST /api/v1/batches/{id}/jobs",
            "POST /api/v1/leases",
            "POST /api/v1/leases/{token}:extend",
            "POST /api/v1/leases/{token}:ack",
            "POST /api/v1/leases/{token}:nack",
            "POST /api/v1/workers/{id}:heartbeat",
            "POST /api/v1/limits/{key}:acquire");

    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

    private final Timer timer;
    private final Clock clock;
    private final Redactor redactor;
    private final Trail trail;
    private final Outage outage;
    private final Sums sums = new Sums();
    private final Pace pace = new Pace();
    private final Map<Route, Kind> kinds = new ConcurrentHashMap<>(); // as many as routes
    private final Deque<byte[]> waiting = new ArrayDeque<>(); // guarded by itself
    private long bytes; // guarded by waiting
    private long untold; // guarded by waiting: lost since the last line that said so
    private final AtomicLong lost = new AtomicLong();
    private List<byte[]> sending = List.of(); // of whoever holds the turn
    private long batch; // of whoever holds the turn
    private boolean turn; // guarded by waiting: a batch is under way
    private volatile long minute;
    private @Nullable Task task;

    /** What a route means here. */
    private record Kind(String action, boolean byNumber) {}

    /** @param retention age at which lines go */
    public Audit(Redis redis, Timer timer, Redactor redactor, Duration retention) {
        this(new Trail(redis, retention), timer, redactor);
    }

    Audit(Trail trail, Timer timer, Redactor redactor) {
        this.trail = trail;
        this.timer = timer;
        this.clock = timer.clock();
        this.redactor = redactor;
        this.outage = new Outage(LOG, clock, "writing the audit");
        this.minute = clock.nanos();
    }

    /** Returns the route by which it is read. */
    public Route route() {
        return new AuditApi(trail, clock).route();
    }

    /** Returns how many lines were lost because Redis was away for too long. */
    public long lost() {
        return lost.get();
    }

    @Override
    public void saw(Deed deed) {
        Kind kind = kinds.computeIfAbsent(deed.route(), Audit::kind);
        boolean refused = deed.status() == 401 || deed.status() == 403;
        boolean byNumber = kind.byNumber && !refused && deed.status() < 500;
        // who is refused as nobody and who is refused by his role are both nobody to the pace
        String who = deed.caller() == null || refused ? "" : Line.caller(deed.caller());
        if (byNumber || !pace.take(who)) {
            sums.add(Line.key(deed, kind.action, redactor), deed.durationNanos(), clock.millis());
        } else {
            offer(Line.one(deed, kind.action, redactor, clock.millis()));
        }
    }

    private static Kind kind(Route route) {
        return new Kind(Meaning.action(route), BY_NUMBER.contains(route.method() + " " + route.template()));
    }

    private void offer(byte[] line) {
        synchronized (waiting) {
            if (waiting.size() >= MOST_LINES || bytes + line.length > MOST_BYTES) {
                untold++;
                lost.incrementAndGet();
                return;
            }
            waiting.add(line);
            bytes += line.length;
        }
    }

    @Override
    protected void onStart() {
        task = timer.every("audit", TICK, this::tick);
    }

    void tick() {
        long now = clock.nanos();
        if (now - minute >= MINUTE_NANOS) {
            minute = now;
            total();
        }
        send();
    }

    /** Turns what was counted into lines. */
    void total() {
        pace.renew();
        sums.drain((key, sum) -> offer(Line.many(key, sum, clock.millis())));
    }

    /** Sends a batch unless one is under way; what failed is sent again as the same batch. */
    @Nullable
    CompletionStage<Boolean> send() {
        synchronized (waiting) {
            if (turn || (waiting.isEmpty() && sending.isEmpty())) {
                return null;
            }
            turn = true;
            if (sending.isEmpty()) {
                sending = next();
                batch++;
            }
        }
        CompletionStage<List<Object>> written;
        try {
            written = trail.write(batch, sending);
        } catch (RuntimeException refused) {
            done(refused);
            return null;
        }
        return written.handle((reply, failure) -> done(failure));
    }

    private List<byte[]> next() {
        List<byte[]> next = new ArrayList<>();
        int size = 0;
        while (!waiting.isEmpty() && next.size() < BATCH_LINES && size < BATCH_BYTES) {
            byte[] line = waiting.remove();
            next.add(line);
            size += line.length;
            bytes -= line.length;
        }
        if (untold > 0) {
            next.add(loss(untold));
            untold = 0;
        }
        return next;
    }

    private byte[] loss(long lines) {
        LOG.warn(
                "{} lines of the audit were lost: more than {} waited for Redis; what they told of was done all the same",
                lines,
                MOST_LINES);
        Line.Key key = new Line.Key("", Role.ADMIN.name().toLowerCase(java.util.Locale.ROOT), "", "audit.lost", "", 0);
        return Line.many(key, new Sums.Sum(lines, 0, clock.millis()), clock.millis());
    }

    private boolean done(@Nullable Throwable failure) {
        synchronized (waiting) {
            turn = false;
            if (failure == null) {
                sending = List.of();
            }
        }
        if (failure == null) {
            outage.worked();
        } else {
            outage.failed(Problem.cause(failure));
        }
        return failure == null;
    }

    /** Writes what is left, if Redis takes it within {@value #CLOSE_SECONDS} s. */
    @Override
    protected void onStop() {
        if (task != null) {
            task.close();
        }
        total();
        long end = clock.nanos() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        try {
            CompletionStage<Boolean> last = send();
            while (last != null && end - clock.nanos() > 0) {
                boolean written =
                        last.toCompletableFuture().get(Math.max(1, end - clock.nanos()), TimeUnit.NANOSECONDS);
                last = written ? send() : null;
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException
                | CompletionException away) {
            LOG.warn("the last lines of the audit were not written: Redis did not answer within {} s", CLOSE_SECONDS);
        }
    }
}
