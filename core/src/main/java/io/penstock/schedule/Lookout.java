package io.penstock.schedule;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.schedule.ScheduleStore.Claim;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks which schedules are due, has them fired, and rests until the next one is.
 *
 * <p>One command a look, whatever the number of schedules: it claims what is due and tells when the next one is. It rests until
 * then, but never longer than {@link #LONGEST}, so that what another process has defined and left behind is seen. Threads: the
 * timer's for looks; one of its own while something is fired, which ends when nothing is due.
 */
final class Lookout extends Service {
    /** A look costs Redis 3 us, so a hundred processes cost it 60 us a second. */
    static final Duration LONGEST = Duration.ofSeconds(5);

    /** Schedules claimed at once: their jobs go to Redis in a call or two. */
    static final int BATCH = 100;

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);

    private final ScheduleStore store;
    private final Firing firing;
    private final Timer timer;
    private final Clock clock;
    private final Threads threads;
    private final Outage outage;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean again; // somebody asked for a look while one was under way
    private volatile @Nullable Task task;
    private volatile @Nullable Thread runner;

    Lookout(ScheduleStore store, Firing firing, Timer timer, Threads threads) {
        this.store = store;
        this.firing = firing;
        this.timer = timer;
        this.clock = timer.clock();
        this.threads = threads;
        this.outage = new Outage(LOG, clock, "looking for due schedules");
    }

    @Override
    protected void onStart() {
        task = timer.every("schedules", LONGEST, this::look);
        wake();
    }

    @Override
    protected void onStop() {
        Task looking = task;
        if (looking != null) {
            looking.close();
        }
        Threads.join(runner); // what it has enqueued it writes down; each of its calls has a deadline
    }

    /** Looks at once: something may be due sooner than was known. */
    void wake() {
        again = true;
        Task looking = task;
        if (looking != null) {
            looking.runNow();
        }
    }

    private void look() {
        if (!busy.compareAndSet(false, true)) {
            again = true;
            return;
        }
        again = false;
        long began = clock.nanos();
        try {
            store.claim(BATCH).whenComplete((claim, error) -> {
                if (claim == null) {
                    failed(error == null ? new IllegalStateException("no answer") : error);
                } else if (claim.entries().isEmpty()) {
                    outage.worked();
                    rest(claim, clock.nanos());
                } else {
                    begin(claim, began);
                }
            });
        } catch (RuntimeException refused) {
            failed(refused);
        }
    }

    private void begin(Claim claim, long began) {
        try {
            runner = threads.start("schedules", () -> run(claim, began));
        } catch (RuntimeException noThread) {
            failed(noThread);
        }
    }

    private void run(Claim first, long began) {
        try {
            Claim claim = first;
            long since = began;
            while (!claim.entries().isEmpty()) {
                fire(claim, since);
                if (!running()) {
                    return;
                }
                since = clock.nanos();
                claim = store.redis().await(store.claim(BATCH));
            }
            outage.worked();
            rest(claim, clock.nanos());
        } catch (RuntimeException failure) {
            failed(failure);
        }
    }

    private int fire(Claim claim, long since) {
        // half of the lease: the other half is for the way to Redis
        long limit = ScheduleStore.LEASE_MILLIS * 500_000;
        return firing.fire(
                claim.entries(), java.time.Instant.ofEpochMilli(claim.now()), () -> clock.nanos() - since < limit);
    }

    /** Fires all that is due, on the caller's thread; returns how many jobs were enqueued. For tests. */
    int round() {
        int fired = 0;
        while (true) {
            long since = clock.nanos();
            Claim claim = store.redis().await(store.claim(BATCH));
            if (claim.entries().isEmpty()) {
                return fired;
            }
            fired += fire(claim, since);
        }
    }

    private void failed(Throwable error) {
        if (running()) {
            outage.failed(error);
        }
        end(AFTER_FAILURE);
    }

    private void rest(Claim claim, long answeredNanos) {
        long wait = LONGEST.toMillis();
        if (claim.first() >= 0) {
            long past = (clock.nanos() - answeredNanos) / 1_000_000;
            wait = Math.max(0, Math.min(wait, claim.first() - claim.now() - past));
        }
        end(Duration.ofMillis(wait));
    }

    private void end(Duration wait) {
        busy.set(false);
        Task looking = task;
        if (looking != null) {
            looking.reschedule(again ? Duration.ZERO : wait);
        }
    }
}
