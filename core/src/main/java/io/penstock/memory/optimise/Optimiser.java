package io.penstock.memory.optimise;

import io.penstock.memory.gc.GcFeed;
import io.penstock.memory.optimise.Optimisation.Reading;
import io.penstock.memory.optimise.OptimisationRefused.Reason;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees memory when somebody asks, or when the live set stands above the threshold; tells what that gave by measuring it.
 *
 * <p>It is the exception, not the rule: what is merely used is left to the collector, and runs that give less than 1 % of the
 * heap are spaced further and further apart. It knows nothing of what it frees: owners contribute {@link Step steps}.
 *
 * <p>Threads: safe. Bound: one started optimiser a process, one run at once, {@value #MOST_STEPS} steps, {@value #MOST_LISTENERS}
 * listeners, {@value Records#MOST} reports; a thread for a run and one for a step while it lasts, and at most
 * {@value Isolation#MOST_HANGING} left behind by steps that hang. Time: a look at the gauge every interval, on the timer.
 */
public final class Optimiser extends Service {
    static final int MOST_STEPS = 32;
    static final int MOST_LISTENERS = 8;

    /** Shares of the maximum from which on a scheduled run goes further than the usual one. */
    private static final double AGGRESSIVE_SHARE = 0.9;

    private static final Logger LOG = LoggerFactory.getLogger(Optimiser.class);

    private final Timer timer;
    private final Threads threads;
    private final Collector collector;
    private final Run.Means means;
    private final Knobs knobs;
    private final Claim claim = new Claim();
    private final Map<String, Strategy> strategies;
    private final Restraint restraint = new Restraint();
    private final Records records = new Records();
    private final StepGains gains = new StepGains();
    private final Isolation isolation;
    private final List<Step> steps = new CopyOnWriteArrayList<>();
    private final List<Consumer<Optimisation>> listeners = new CopyOnWriteArrayList<>();
    private final Outage listening;

    private final Object lock = new Object();
    private boolean underway; // guarded by lock
    private volatile @Nullable String current; // id of the run that is under way
    private long begun; // guarded by lock
    private @Nullable Thread runner; // guarded by lock
    private @Nullable Task looking; // guarded by lock
    private @Nullable Subscription place; // guarded by lock
    private volatile OptimiserPolicy policy;

    /** Makes one that does nothing before it is started. */
    public Optimiser(Gauge gauge, GcFeed feed, OptimiserPolicy policy, Timer timer, Threads threads) {
        this(gauge, new HotSpotCollector(feed, timer.clock()), policy, timer, threads);
    }

    Optimiser(Gauge gauge, Collector collector, OptimiserPolicy policy, Timer timer, Threads threads) {
        this.collector = collector;
        this.policy = policy;
        this.timer = timer;
        this.threads = threads;
        isolation = new Isolation(timer, threads);
        means = new Run.Means(gauge, collector, isolation, gains, timer);
        strategies = Strategies.load();
        listening = new Outage(LOG, timer.clock(), "listener to optimisations");
        knobs = new Knobs(gauge);
        steps.add(knobs);
        steps.add(new NativeTrim());
    }

    /**
     * Starts it unless another optimiser of this process is started: then it may be asked again, because the other may
     * have been closed by then.
     *
     * @return whether it runs
     */
    public boolean startIfFree() {
        if (!running() && claim.tryTake(timer.clock())) {
            try {
                start();
            } catch (IllegalStateException closed) { // by somebody else, just now
                claim.release();
                LOG.debug("the optimiser was not started: it is closed", closed);
            }
        }
        return running();
    }

    @Override
    protected void onStart() {
        claim.take(timer.clock());
        synchronized (lock) {
            place = collector.listen();
            looking = timer.every("memory-optimise", policy.interval(), this::look);
        }
    }

    /** Interrupts a run, puts the collector's options back, and waits for its thread unless it is the caller. */
    @Override
    protected void onStop() {
        Thread running;
        synchronized (lock) {
            if (looking != null) {
                looking.close();
            }
            if (place != null) {
                place.close();
            }
            running = runner;
        }
        if (running != null && running != Thread.currentThread()) {
            running.interrupt();
            join(running);
        }
        knobs.close();
        claim.release();
    }

    /** A run heeds its interrupt at once, except while listeners are told; they have the time of one step. */
    private void join(Thread running) {
        try {
            running.join(policy.stepDeadline().toMillis());
        } catch (InterruptedException remembered) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Adds a way to free memory; the subscription takes it back.
     *
     * @throws IllegalStateException if there are {@value #MOST_STEPS}, or one of that name
     */
    public Subscription contribute(Step step) {
        synchronized (lock) {
            boolean twin = steps.stream().anyMatch(known -> known.name().equals(step.name()));
            if (twin || steps.size() >= MOST_STEPS) {
                throw new IllegalStateException("step " + step.name() + " was not added: "
                        + (twin ? "there is one of that name" : "there are " + steps.size() + ", the most there may be")
                        + "; the others stay; close the subscriptions of those that are no longer needed");
            }
            steps.add(step);
        }
        return () -> {
            if (steps.remove(step)) {
                gains.forget(step.name());
            }
        };
    }

    /**
     * Adds a listener, told of every report on the thread of the run.
     *
     * @throws IllegalStateException if there are {@value #MOST_LISTENERS}
     */
    public Subscription onOptimisation(Consumer<Optimisation> listener) {
        synchronized (lock) {
            if (listeners.size() >= MOST_LISTENERS) {
                throw new IllegalStateException("listener to optimisations was not added: there are " + listeners.size()
                        + ", the most there may be; the others stay; close those that are no longer needed");
            }
            listeners.add(listener);
        }
        return () -> listeners.remove(listener);
    }

    /**
     * Begins a run and returns at once; the report comes when it has ended.
     *
     * @return fails with {@link OptimisationRefused} if it was not begun, with IllegalArgumentException if there is no such
     *     strategy
     */
    public CompletionStage<Optimisation> optimise(Request request) {
        CompletableFuture<Optimisation> report = new CompletableFuture<>();
        try {
            begin(request, Strategies.find(strategies, request.strategy()), report);
        } catch (OptimisationRefused refused) {
            records.refused();
            report.completeExceptionally(refused);
        } catch (RuntimeException wrong) { // no such strategy, no thread to be had, a gauge that throws
            report.completeExceptionally(wrong);
        }
        return report.minimalCompletionStage();
    }

    private void begin(Request request, Strategy strategy, CompletableFuture<Optimisation> report) {
        OptimiserPolicy how = policy;
        if (!running() || !how.enabled() || (request.trigger().automatic() && !how.autoOptimization())) {
            String why = !running()
                    ? "the optimiser is not running"
                    : !how.enabled() ? "memory optimisation is switched off" : "automatic optimisation is switched off";
            throw new OptimisationRefused(Reason.OFF, Duration.ZERO, refusal(request, why, "start it or switch it on"));
        }
        synchronized (lock) {
            if (underway) {
                throw new OptimisationRefused(
                        Reason.UNDERWAY,
                        how.stepDeadline(),
                        refusal(request, "another run is under way", "ask again when its report is there"));
            }
            Duration left = left(request.trigger(), how);
            if (!left.isZero() && !request.force()) {
                boolean backingOff = request.trigger().automatic() && !restraint.helping();
                throw new OptimisationRefused(
                        backingOff ? Reason.BACKING_OFF : Reason.COOLDOWN,
                        left,
                        refusal(
                                request,
                                backingOff
                                        ? "the last runs gave less than 1 % of the heap"
                                        : "the last run of this trigger is not long enough ago",
                                "ask again after " + Texts.span(left) + ", or force it"));
            }
            String id = id();
            Run run = new Run(id, request, strategy, steps, how, means);
            runner = threads.start("optimise", () -> perform(run, report));
            underway = true;
            current = id;
        }
    }

    private static String refusal(Request request, String why, String advice) {
        return "optimisation " + request.strategy() + " (" + request.trigger() + ") was not begun: " + why
                + "; nothing was freed; " + advice;
    }

    private Duration left(Trigger trigger, OptimiserPolicy how) {
        return restraint.left(
                trigger, how.cooldown(), means.reading(how), timer.clock().nanos());
    }

    /** Unique across restarts: the second at which this process began the run, and its number. */
    private String id() {
        begun++;
        return Long.toString(timer.clock().millis() / 1000, 36) + "-" + begun;
    }

    private void perform(Run run, CompletableFuture<Optimisation> report) {
        Optimisation done = null;
        Throwable failed = null;
        try {
            done = advised(run.perform());
        } catch (InterruptedException closing) {
            failed = new OptimisationRefused(
                    Reason.OFF,
                    Duration.ZERO,
                    "optimisation was cut short: the optimiser is closing; what the steps did stays; nothing to do");
        } catch (RuntimeException broken) { // a gauge or a strategy that throws
            LOG.warn("optimisation failed: {}; nothing is reported, the next one goes on as planned", broken, broken);
            failed = broken;
        } finally {
            knobs.close();
            synchronized (lock) {
                underway = false;
                current = null;
                runner = running() ? null : runner; // whoever closes still wants to wait for it
            }
        }
        if (done == null) {
            report.completeExceptionally(
                    failed == null ? new IllegalStateException("the run ended by an error") : failed);
        } else {
            tell(done); // first, so that who waits for the report finds it told
            report.complete(done);
        }
    }

    private Optimisation advised(Optimisation run) {
        restraint.ended(run, timer.clock().nanos());
        String advice = restraint.advice(policy.cooldown());
        Optimisation advised = run.trigger().automatic() && !advice.isEmpty() ? run.with(advice) : run;
        records.add(advised);
        return advised;
    }

    private void tell(Optimisation done) {
        LOG.info(
                "optimisation id={} strategy={} trigger={} freedBytes={} rssReturnedBytes={} success={} millis={}: {}",
                done.id(),
                done.strategy(),
                done.trigger(),
                done.freedBytes(),
                done.rssReturnedBytes(),
                done.success(),
                done.durationMillis(),
                done.outcome());
        for (Consumer<Optimisation> listener : listeners) {
            try {
                listener.accept(done);
                listening.worked();
            } catch (RuntimeException failed) {
                listening.failed(failed);
            }
        }
    }

    /** Looks whether memory stands above the threshold. Garbage does not count: the collector takes it when it needs room. */
    private void look() {
        OptimiserPolicy how = policy;
        Reading now = means.reading(how);
        double share = Math.max(share(now.liveSetBytes(), now.maxBytes()), share(now.rssBytes(), how.maxRssBytes()));
        if (!how.enabled() || !how.autoOptimization() || share * 100 < how.threshold()) {
            return;
        }
        synchronized (lock) {
            if (underway || !left(Trigger.SCHEDULED, how).isZero()) {
                return;
            }
        }
        boolean further = share >= AGGRESSIVE_SHARE || records.lastWasUseless("standard");
        String reason =
                "at " + Math.round(share * 100) + " % of the maximum, the threshold is " + how.threshold() + " %";
        optimise(new Request(Trigger.SCHEDULED, further ? "aggressive" : "standard", reason, false));
    }

    private static double share(long bytes, long max) {
        return bytes <= 0 || max <= 0 ? 0 : (double) bytes / max;
    }

    /** Tells whether an optimiser is started in this process, so that another would be refused. */
    public static boolean taken() {
        return Claim.taken();
    }

    /** Returns the policy that it goes by. */
    public OptimiserPolicy policy() {
        return policy;
    }

    /** Goes by another policy from now on; a run that has begun ends by the old one. */
    public void policy(OptimiserPolicy next) {
        synchronized (lock) {
            policy = next;
            if (looking != null && running()) {
                looking.close();
                looking = timer.every("memory-optimise", next.interval(), this::look);
            }
        }
    }

    /** Returns the names of the strategies it knows, in order. */
    public List<String> strategies() {
        return strategies.keySet().stream().sorted().toList();
    }

    /** Returns the names of its steps, the built-in ones included. */
    public List<String> steps() {
        return new ArrayList<>(steps.stream().map(Step::name).toList());
    }

    /** Returns the newest reports, newest first. */
    public List<Optimisation> history(int most) {
        return records.latest(most);
    }

    /** Returns the id of the run that is under way, if one is. */
    public Optional<String> underway() {
        return Optional.ofNullable(current);
    }

    /** Returns what it has done since it started. */
    public OptimiserStats stats() {
        Duration cooldown = policy.cooldown();
        return records.stats(
                isolation.hanging(), restraint.helping(), restraint.spacing(cooldown), restraint.advice(cooldown));
    }
}
