package io.penstock.resilience;

import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The resilient calls of one process: they share one task of the timer and the maker of threads.
 *
 * <p>Bound: {@value #MOST} names; one more takes the place of the one that was used longest ago, if nothing of it is under way
 * and nobody has used it for a minute. Who kept that one goes on with it, unlisted. Threads: safe. The owner closes it; who waits between attempts then gets the failure of
 * the last.
 */
public final class Resilience implements AutoCloseable {
    static final int MOST = 128;

    /** So that a flood of names does not forget which of them is broken. */
    private static final Duration IDLE = Duration.ofMinutes(1);

    /** Results whose window is over are forgotten at the latest after this. */
    private static final Duration FORGET = Duration.ofSeconds(10);

    private final Timer timer;
    private final Threads threads;
    private final Map<String, ResilientCall> calls = new ConcurrentHashMap<>();
    private @Nullable Alarms alarms; // guarded by this; made with the first call, as the task
    private @Nullable Task forgetting; // guarded by this

    /** No calls yet, and nothing on the timer before the first. */
    public Resilience(Timer timer, Threads threads) {
        this.timer = timer;
        this.threads = threads;
    }

    /**
     * Opens calls of a name.
     *
     * @throws IllegalStateException if there are such already, or {@value #MOST} names in use
     */
    public synchronized ResilientCall open(CallPolicy policy) {
        if (calls.containsKey(policy.name())) {
            throw refused(policy, "they are open already");
        }
        return opened(policy);
    }

    /**
     * Returns the calls of a name, and opens them if there are none: for names that come from data, as of tenants or addresses.
     * Ask for them at each call instead of keeping them, so that they are listed when they are used.
     *
     * @param policy counts when they are opened
     * @throws IllegalStateException if {@value #MOST} other names are in use
     */
    public synchronized ResilientCall of(CallPolicy policy) {
        ResilientCall known = calls.get(policy.name());
        return known == null ? opened(policy) : known;
    }

    /** Forgets a name, with what its breaker knows; calls under way go on. False if there is none. */
    public synchronized boolean remove(String name) {
        return calls.remove(name) != null;
    }

    private static IllegalStateException refused(CallPolicy policy, String why) {
        return new IllegalStateException("calls of " + policy.name() + " were not opened: " + why
                + "; nothing was changed; open each name once and keep it");
    }

    /** Called under the lock. */
    private void makeRoom(CallPolicy policy) {
        if (calls.size() < MOST) {
            return;
        }
        ResilientCall oldest = calls.values().stream()
                .filter(ResilientCall::quiet)
                .max(Comparator.comparing(ResilientCall::unused))
                .filter(call -> call.unused().compareTo(IDLE) >= 0)
                .orElseThrow(() -> refused(
                        policy,
                        calls.size() + " names are in use, the most there may be (one unused for " + IDLE.toSeconds()
                                + " s makes room)"));
        calls.remove(oldest.policy().name());
    }

    /** Called under the lock. */
    private ResilientCall opened(CallPolicy policy) {
        makeRoom(policy);
        Alarms waits = alarms;
        if (waits == null) {
            waits = new Alarms(timer);
            alarms = waits;
            forgetting =
                    timer.every("calls-forget", FORGET, () -> calls.values().forEach(ResilientCall::forget));
        }
        ResilientCall call = new ResilientCall(policy, timer.clock(), waits, threads);
        calls.put(policy.name(), call);
        return call;
    }

    /** Returns what the calls of each name came to, by name. */
    public List<CallStats> stats() {
        return calls.values().stream()
                .map(ResilientCall::stats)
                .sorted(Comparator.comparing(CallStats::name))
                .toList();
    }

    @Override
    public synchronized void close() {
        if (forgetting != null) {
            forgetting.close();
        }
        if (alarms != null) {
            alarms.close();
        }
    }
}
