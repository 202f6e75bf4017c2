package io.penstock.alert;

import io.penstock.notice.Notice;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timer's part of {@link Alerts}: signs of life, looks, and what Redis has to know of them.
 *
 * <p>At most one call of each kind is under way. Threads: the timer's and the connection's; it never waits.
 */
final class Patrol implements AutoCloseable {
    /** Signs of life in a period. */
    private static final int BEATS = 5;

    /** How long the lease lasts, in beats: with the one that finds it free, four fifths of a period after a death. */
    private static final int LEASE_BEATS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);

    final Board board;
    final AlertStore store;
    final Leadership leadership;
    final Timeline timeline;
    private final Clock clock;
    private final Duration period;
    private final Readout readout;
    private final Consumer<Notice> tell;
    private final Outage away;
    private final Outage deaf;
    private final AtomicBoolean beating = new AtomicBoolean();
    private final AtomicBoolean loading = new AtomicBoolean();
    private final AtomicBoolean committing = new AtomicBoolean();
    private final Object time = new Object(); // taken before the board's lock: the time does not move during a look

    private volatile @Nullable Task task;
    private volatile boolean loaded;
    private volatile boolean looked; // as the holder of the lease, and Redis was not told so yet
    private volatile long rulesChange = -1;
    private volatile long marksChange = -1;
    private volatile long heardNanos;
    private volatile long nextLookNanos;
    private volatile long startedNanos;
    private volatile long buryNanos;
    private volatile @Nullable Instant lookedAt;

    Patrol(Redis redis, Clock clock, Readout readout, String process, Consumer<Notice> tell, Duration period) {
        this.clock = clock;
        this.period = period;
        this.readout = readout;
        this.tell = tell;
        this.board = new Board(process, readout);
        this.store = new AlertStore(redis);
        this.leadership = new Leadership(clock, process, period.dividedBy(BEATS).multipliedBy(LEASE_BEATS));
        this.timeline = new Timeline(clock);
        this.away = new Outage(LOG, clock, "keeping alerts in Redis");
        this.deaf = new Outage(LOG, clock, "telling of alerts");
    }

    void start(Timer timer) {
        startedNanos = clock.nanos();
        heardNanos = startedNanos;
        nextLookNanos = startedNanos + period.toNanos();
        beat();
        task = timer.every("alerts", period.dividedBy(BEATS), this::tick);
    }

    /** Lets others go on at once. */
    @Override
    public void close() {
        Task planned = task;
        if (planned != null) {
            planned.close();
            var unused = store.release(leadership.token(), board.process);
        }
    }

    /** Returns when it last looked; null = not yet. */
    @Nullable
    Instant lookedAt() {
        return lookedAt;
    }

    private void tick() {
        if (leadership.ranOut()) {
            board.forgetShared();
        }
        beat();
        long now = clock.nanos();
        // half a beat early rather than a whole one late
        if (now - nextLookNanos >= -period.toNanos() / BEATS / 2) {
            nextLookNanos = now + period.toNanos();
            // for a while rules that nobody could read yet are waited for: they may say that nothing is to be told
            if (loaded || now - startedNanos > 3 * period.toNanos()) {
                look();
            }
        }
        commit();
    }

    private void look() {
        boolean leads = leadership.leads();
        synchronized (time) {
            long now = timeline.now();
            board.evaluate(now, period.toMillis(), leads);
            lookedAt = Instant.ofEpochMilli(now);
        }
        looked |= leads;
        tell(board.news());
        if (leads && clock.nanos() - buryNanos >= 0) {
            bury();
        }
    }

    private void tell(List<Notice> news) {
        for (Notice one : news) {
            try {
                tell.accept(one);
                deaf.worked();
            } catch (RuntimeException refused) {
                deaf.failed(refused);
            }
        }
    }

    private void beat() {
        if (!beating.compareAndSet(false, true)) {
            return;
        }
        boolean said = looked;
        looked = false;
        long asked = clock.nanos();
        store.beat(leadership.token(), readout.measuresShared(), leadership.leaseMillis(), board.process, said)
                .whenComplete((beat, error) -> {
                    beating.set(false);
                    if (error != null) {
                        looked |= said;
                        away.failed(Redis.unwrapped(error));
                    } else {
                        away.worked();
                        heard(beat, asked);
                    }
                });
    }

    private void heard(AlertStore.Beat beat, long asked) {
        synchronized (time) {
            long by = timeline.correct(beat.millis());
            if (by != 0) {
                board.shift(by);
            }
        }
        if (clock.nanos() - heardNanos > AlertStore.GONE_MILLIS * 1_000_000) {
            board.rewrite();
        }
        heardNanos = clock.nanos();
        if (leadership.heard(beat.holder(), beat.leads(), asked)) {
            board.forgetShared();
        }
        boolean takeOver = beat.leads() && !leadership.begun();
        if (!loaded || takeOver || beat.rules() != rulesChange || beat.marks() != marksChange) {
            load(beat, takeOver);
        }
    }

    /** Reads what others have changed; on taking over, or at first, also how the alerts stand. */
    private void load(AlertStore.Beat beat, boolean takeOver) {
        if (!loading.compareAndSet(false, true)) {
            return;
        }
        CompletionStage<List<Stored>> left =
                takeOver || !loaded ? store.alerts() : CompletableFuture.completedFuture(List.of());
        store.rules()
                .thenAcceptBoth(store.marks(), (rules, marks) -> {
                    board.rules(AlertStore.merged(rules));
                    board.marks(marks);
                })
                .thenCombine(left, (done, alerts) -> alerts)
                .whenComplete((alerts, error) -> {
                    loading.set(false);
                    if (error != null) {
                        away.failed(Redis.unwrapped(error));
                        return;
                    }
                    rulesChange = beat.rules();
                    marksChange = beat.marks();
                    if (loaded) {
                        lookSoon();
                    }
                    begin(beat, takeOver, alerts);
                });
    }

    private void begin(AlertStore.Beat beat, boolean takeOver, List<Stored> left) {
        if (!loaded) {
            board.restore(left, board.process, timeline.now());
            loaded = true;
        }
        if (takeOver) {
            board.restore(left, "", beat.lookedAt() == 0 ? timeline.now() : beat.lookedAt());
            // others that were cut off as well shall have said that they live before they are taken for gone
            buryNanos = clock.nanos() + AlertStore.GONE_MILLIS * 1_000_000;
            leadership.begin();
            lookSoon();
        }
    }

    /** Looks as soon as the timer is free: something has changed that people wait for. */
    void lookSoon() {
        nextLookNanos = clock.nanos();
        Task planned = task;
        if (planned != null) {
            planned.runNow();
        }
    }

    private void bury() {
        buryNanos = clock.nanos() + Duration.ofMinutes(1).toNanos();
        long now = timeline.now();
        store.alerts()
                .thenAcceptBoth(store.alive(now), (alerts, alive) -> board.bury(alerts, alive, now))
                .whenComplete((done, error) -> {
                    if (error != null) {
                        away.failed(Redis.unwrapped(error));
                    }
                });
    }

    private void commit() {
        if (!committing.compareAndSet(false, true)) {
            return;
        }
        boolean leads = leadership.leads();
        List<Board.Change> changes = board.changes(timeline.now(), leads);
        if (changes.isEmpty()) {
            committing.set(false);
            return;
        }
        store.commit(leadership.token(), changes).whenComplete((held, error) -> {
            if (error != null) {
                away.failed(Redis.unwrapped(error));
                committing.set(false); // the next tick tries again
                return;
            }
            List<Notice> news = board.saved(changes, leads && held, timeline.now());
            tell(news);
            committing.set(false);
            if (held || !leads) {
                commit(); // what was told, at once: a death in between would have it told again
            }
        });
    }
}
