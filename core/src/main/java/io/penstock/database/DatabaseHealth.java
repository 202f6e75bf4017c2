package io.penstock.database;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Health;
import io.penstock.runtime.Health.Status;
import io.penstock.runtime.Hysteresis;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Looks at a database again and again and says how it does, as {@link io.penstock.redis.RedisHealth} does for Redis.
 *
 * <p>A look takes a connection of the source and lets it prove that it is alive. It runs on a thread of its own, since JDBC
 * blocks: the timer starts it, gives it its time, and interrupts it after that. One that does not heed that is never joined
 * by a second: until it returns the database is DOWN. A database that is slow, takes no writes or whose pool has no
 * connection to give is DEGRADED, one that does not answer DOWN; {@link Hysteresis} keeps it from flapping and lets it
 * recover by itself. Bound: one thread, while a look is under way. Threads: safe.
 */
public final class DatabaseHealth extends Service {
    /** As for Redis: an outage is told within 20 s and the time a look may take. */
    public static final Duration DEFAULT_PERIOD = Duration.ofSeconds(10);

    /** Above any healthy answer, also of one that opens a connection over TLS first. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** As for Redis. */
    static final double THRESHOLD_MILLIS = 100;

    /** Below this share of the threshold it is no longer slow: a value at the threshold does not make it flap. */
    private static final double RELEASE = 0.8;

    /** One late answer moves the mean by a third of itself. */
    private static final double WEIGHT = 0.3;

    /** A driver's message may hold a whole query. */
    private static final int REASON_CHARS = 300;

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseHealth.class);

    private final String name;
    private final DataSource source;
    private final Duration period;
    private final Duration timeout;
    private final Timer timer;
    private final Threads threads;
    private final Clock clock;
    private final Hysteresis hysteresis;
    private final Object lock = new Object();
    private @Nullable Underway underway; // guarded by lock
    private @Nullable Task task; // guarded by lock
    private boolean slow; // guarded by lock
    private double ewmaMillis = -1; // guarded by lock
    private volatile DatabaseStatus status;

    /** A look that has not come back; {@code late} once its time was over. */
    private static final class Underway {
        final Look look;
        final long beginNanos;

        @Nullable
        Thread thread;

        boolean late;

        Underway(Look look, long beginNanos) {
            this.look = look;
            this.beginNanos = beginNanos;
        }
    }

    /**
     * One that does nothing before it is started.
     *
     * @param name for logs and reasons; never the address, which may hold a password
     * @param source of connections; its owner closes it, after this
     * @param timeout of one look, 1 s at least
     */
    public DatabaseHealth(
            String name, DataSource source, Duration period, Duration timeout, Timer timer, Threads threads) {
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || period.compareTo(Duration.ZERO) <= 0) {
            throw new IllegalArgumentException("database " + name + ": timeout " + timeout + " is below PT1S or period "
                    + period + " is not above 0; nothing is watched; give a look a second or more");
        }
        this.name = name;
        this.source = source;
        this.period = period;
        this.timeout = timeout;
        this.timer = timer;
        this.threads = threads;
        this.clock = timer.clock();
        this.hysteresis = new Hysteresis(clock);
        this.status = new DatabaseStatus(name, hysteresis.health(), null, "", "", 0, 0, 0, false);
    }

    @Override
    protected void onStart() {
        synchronized (lock) {
            Task planned = timer.every("database-health " + name, period, this::tick);
            task = planned;
            planned.runNow();
        }
    }

    /** Interrupts a look that is under way, and leaves it to the threads to wait for it. */
    @Override
    protected void onStop() {
        synchronized (lock) {
            if (task != null) {
                task.close();
            }
            if (underway != null && underway.thread != null) {
                underway.thread.interrupt();
            }
        }
    }

    /** Returns what the last look saw; costs nothing. */
    public DatabaseStatus status() {
        return status;
    }

    /** Returns how it does. */
    public Health health() {
        return hysteresis.health();
    }

    private void tick() {
        synchronized (lock) {
            Underway before = underway;
            if (before == null) {
                begin();
            } else if (clock.nanos() - before.beginNanos >= timeout.toNanos()) {
                overdue(before);
            }
        }
    }

    private void begin() {
        Underway now = new Underway(new Look(source, clock, timeout), clock.nanos());
        underway = now;
        try {
            now.thread = threads.start("database-health", () -> back(now, now.look.run()));
        } catch (IllegalStateException noThread) {
            underway = null; // says nothing about the database
            return;
        }
        plan(timeout); // to see whether it is back
    }

    private void overdue(Underway late) {
        late.late = true;
        if (late.thread != null) {
            late.thread.interrupt();
        }
        long waited = (clock.nanos() - late.beginNanos) / 1_000_000;
        settle(
                Status.DOWN,
                "no answer after " + waited + " ms, bound " + timeout.toMillis() + " ms: " + late.look.phase().meaning);
        plan(period);
    }

    /** On the thread of the look. */
    private void back(Underway mine, Look.Seen seen) {
        synchronized (lock) {
            underway = null;
            if (!running()) {
                return;
            }
            plan(period);
            if (mine.late) {
                return; // it has been judged already
            }
            Throwable failure = seen.failure();
            if (failure == null) {
                answered(seen);
            } else if (Look.exhausted(failure)) {
                settle(
                        Status.DEGRADED,
                        "its pool had no connection for " + Math.round(seen.acquireMillis()) + " ms: "
                                + reason(failure));
            } else {
                settle(Status.DOWN, reason(failure));
            }
        }
    }

    private void answered(Look.Seen seen) {
        double took = seen.answerMillis();
        ewmaMillis = ewmaMillis < 0 ? took : ewmaMillis + WEIGHT * (took - ewmaMillis);
        slow = ewmaMillis > THRESHOLD_MILLIS * (slow ? RELEASE : 1);
        List<String> reasons = new ArrayList<>();
        if (slow) {
            reasons.add("latency %.1f ms, bound %.0f ms".formatted(ewmaMillis, THRESHOLD_MILLIS));
        }
        if (seen.readOnly()) {
            reasons.add("it is read-only, and we need to write");
        }
        status = new DatabaseStatus(
                name,
                status.health(),
                Instant.ofEpochMilli(clock.millis()),
                seen.product(),
                seen.version(),
                seen.acquireMillis(),
                took,
                ewmaMillis,
                seen.readOnly());
        settle(reasons.isEmpty() ? Status.UP : Status.DEGRADED, String.join("; ", reasons));
    }

    private void settle(Status seen, String reason) {
        Health was = hysteresis.health();
        Health now = hysteresis.look(seen, reason);
        if (now.status() != was.status()) {
            LOG.atLevel(now.status() == Status.UP ? Level.INFO : Level.WARN)
                    .log("database={} health={} was={} reason=\"{}\"", name, now.status(), was.status(), now.reason());
        }
        status = status.with(now);
    }

    private void plan(Duration wait) {
        if (task != null) {
            task.reschedule(wait);
        }
    }

    /** The first line is enough, and control characters of a driver do not belong in a log. */
    private static String reason(Throwable failure) {
        String text = failure.getClass().getSimpleName() + ": "
                + String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        String safe = text.replaceAll("\\p{Cntrl}", "?");
        return safe.length() <= REASON_CHARS ? safe : safe.substring(0, REASON_CHARS) + "...";
    }
}
