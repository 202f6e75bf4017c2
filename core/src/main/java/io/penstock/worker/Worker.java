package io.penstock.worker;

import io.penstock.memory.leak.LeakDetector;
import io.penstock.queue.Ending;
import io.penstock.queue.QueueEvents;
import io.penstock.queue.QueueStore;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Service;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs from one or more queues and runs them, with one concurrency for all of them.
 *
 * <p>Threads: one take loop and up to {@code concurrency} runners; all methods may be called from anywhere. Time:
 * {@link #close} waits {@code shutdownTimeout} for running jobs, then interrupts them, and takes at most about
 * {@code abandonAfter} and 10 s more; whatever has not ended by then is handed back uncharged.
 */
public final class Worker extends Service {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** What a stop waits for the last reports to reach Redis; what cannot be reported is run again by others. */
    private static final Duration LAST_REPORTS = Duration.ofSeconds(5);

    private final WorkerConfig config;
    private final Handlers handlers;
    private final List<QueueStore> stores;
    private final QueueEvents events;
    private final Timer timer;
    private final Threads threads;
    private Admission admission = Admission.OPEN;
    private @Nullable LeakDetector leaks;
    private Upkeep upkeep = new Upkeep() {};
    private final AtomicBoolean dismissed = new AtomicBoolean();
    private volatile @Nullable Crew crew;

    /** What those who look after a queue learn from its workers; called by the take loop, must not block. */
    public interface Upkeep {
        /** The queue keeps so many completed jobs now. */
        default void completedKept(String queue, long jobs) {}

        /** Jobs of the queue were put off, the first of them for this long. */
        default void delayed(String queue, Duration shortest) {}

        /**
         * A handler was called and its end is reported.
         *
         * @param waitMillis from the time that the job was ready, by its producer's clock: may be negative
         */
        default void ran(String queue, long waitMillis, long runMillis) {}
    }

    /** What exists while it runs. */
    private record Crew(
            Runners runners,
            Watch watch,
            LeaseKeeper keeper,
            BytesInHand bytes,
            TakeLoop loop,
            Thread loopThread,
            List<AutoCloseable> subscriptions) {}

    /** Makes a worker; {@link #start} starts it. */
    public Worker(
            WorkerConfig config,
            Handlers handlers,
            Collection<QueueStore> stores,
            QueueEvents events,
            Timer timer,
            Threads threads) {
        if (stores.isEmpty()) {
            throw new IllegalArgumentException(
                    "worker " + config.name() + " has no queue; nothing was started; name at least one");
        }
        this.config = config;
        this.handlers = handlers;
        this.stores = List.copyOf(stores);
        this.events = events;
        this.timer = timer;
        this.threads = threads;
    }

    /** Before the start: who grants bytes for each take. */
    public Worker admission(Admission grants) {
        admission = grants;
        return this;
    }

    /** Before the start: who sees which jobs are held on to after their end. */
    public Worker watch(LeakDetector detector) {
        leaks = detector;
        return this;
    }

    /** Before the start: who is told what may need looking after. */
    public Worker upkeep(Upkeep told) {
        upkeep = told;
        return this;
    }

    /** Gives back the jobs that were taken and have not begun, uncharged; they are taken again as there is room. */
    public void handBack() {
        Crew now = crew;
        if (now != null) {
            now.runners.release(null);
        }
    }

    @Override
    protected void onStart() {
        Clock clock = timer.clock();
        JobRunner runner = new JobRunner(clock, handlers, this::timeoutArmed, leaks);
        Runners runners = new Runners(clock, threads, config, runner);
        Gathering gathering = new Gathering(timer, config.name(), handlers, runner);
        runners.gather(gathering);
        Watch watch = new Watch(timer, config, runners, runner);
        LeaseKeeper keeper = new LeaseKeeper(timer, config, runners, watch);
        BytesInHand bytes = new BytesInHand(config.maxBytesInHand(), admission);
        TakeLoop loop = new TakeLoop(clock, config, runners, bytes, keeper, handlers);
        List<Intake> intakes = loop.serve(stores, upkeep);
        List<AutoCloseable> subscriptions = new ArrayList<>();
        for (Intake intake : intakes) {
            String queue = intake.store().queue();
            subscriptions.add(events.onWake(intake.store(), intake::leases, intake::wake, intake::wakeUnlessAsking));
            subscriptions.add(events.onCancel(queue, serial -> cancel(keeper, intake, serial)));
        }
        keeper.onDismissal(this::leave);
        keeper.keep(intakes, loop::signal);
        gathering.tell(runners::wakeOne, loop::signal);
        Thread thread = threads.start("take-" + config.name(), loop);
        crew = new Crew(runners, watch, keeper, bytes, loop, thread, subscriptions);
    }

    private void leave() {
        if (dismissed.compareAndSet(false, true)) {
            LOG.info("worker={} was asked to stop: it takes no more jobs, ends what it runs and leaves", config.name());
            threads.start("leave-" + config.name(), this::close);
        }
    }

    /** Tells whether an operator asked it to end what it runs and leave; it is then closing, or closed. */
    public boolean dismissed() {
        return dismissed.get();
    }

    private void timeoutArmed() {
        Crew now = crew;
        if (now != null) {
            now.watch.look();
        }
    }

    private static void cancel(LeaseKeeper keeper, Intake intake, String serial) {
        Hold hold = intake.hold();
        if (hold != null) {
            keeper.cancel(hold, serial);
        }
    }

    @Override
    protected void onStop() {
        Crew now = crew;
        if (now == null) {
            return;
        }
        TakeLoop loop = now.loop;
        loop.drain();
        boolean interrupted = false;
        try {
            if (!ends(now.loopThread, config.shutdownTimeout())) {
                interruptRunning(now);
                if (!ends(now.loopThread, config.abandonAfter())) {
                    giveUpRunning(now);
                    ends(now.loopThread, LAST_REPORTS);
                }
            }
        } catch (InterruptedException hurried) {
            interrupted = true;
            interruptRunning(now);
        }
        dismiss(now);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean ends(Thread thread, Duration patience) throws InterruptedException {
        thread.join(Math.max(1, patience.toMillis()));
        return !thread.isAlive();
    }

    private void interruptRunning(Crew now) {
        int stopped = 0;
        for (Slot slot : now.runners.slots()) {
            Run run = slot.running();
            if (run != null && slot.stop(run, Run.Stop.SHUTDOWN, timer.clock().nanos())) {
                stopped++;
            }
        }
        LOG.info(
                "worker={} stops: jobs={} still ran after {} and were interrupted",
                config.name(),
                stopped,
                config.shutdownTimeout());
    }

    private static void giveUpRunning(Crew now) {
        for (Slot slot : now.runners.slots()) {
            Run run = slot.running();
            if (run != null) {
                now.watch.abandon(slot, run, true);
            }
        }
    }

    private void dismiss(Crew now) {
        if (now.loopThread.isAlive()) {
            LOG.warn(
                    "worker={} could not report the end of all its jobs; those are run again when its leases end, within {}",
                    config.name(),
                    config.leaseLength());
        }
        now.loop.end();
        now.runners.close();
        now.watch.close();
        now.keeper.close();
        for (AutoCloseable subscription : now.subscriptions) {
            try {
                subscription.close();
            } catch (Exception ignored) {
                LOG.debug("worker={} a subscription did not close", config.name(), ignored);
            }
        }
    }

    /**
     * Changes how many jobs run at once: upwards at once, downwards as running jobs end.
     *
     * @throws IllegalArgumentException if it is outside 1 to {@value WorkerConfig#MOST_CONCURRENCY}
     */
    public void concurrency(int jobs) {
        int checked = config.concurrency(jobs).concurrency();
        Crew now = crew;
        if (now != null) {
            now.runners.concurrency(checked);
            now.loop.signal();
        }
    }

    /** Returns what it is doing and has done; zeros before the start. */
    public WorkerStats stats() {
        Crew now = crew;
        if (now == null) {
            return new WorkerStats(config.concurrency(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }
        Runners runners = now.runners;
        WorkerStats.Tally tally = now.loop.tally();
        return new WorkerStats(
                runners.concurrency(),
                runners.running(),
                runners.ready(),
                now.bytes.held(),
                runners.abandoned(),
                tally.of(Ending.Kind.COMPLETED),
                tally.of(Ending.Kind.RETRIED),
                tally.of(Ending.Kind.SNOOZED),
                tally.of(Ending.Kind.FAILED),
                tally.of(Ending.Kind.CANCELLED),
                tally.of(Ending.Kind.RELEASED),
                tally.refused());
    }

    /** Returns how it was configured. */
    public WorkerConfig config() {
        return config;
    }

    @Override
    public String toString() {
        return "worker " + config.name();
    }
}
