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
 * <p>Bound: {@value #MOST} names. Threads: safe. The owner closes it; who waits between attempts then gets the failure of
 * the last.
 */
public final class Resilience implements AutoCloseable {
    static final int MOST = 128;

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
     * @throws IllegalStateException if there are such already, or {@value #MOST} names
     */
    public synchronized ResilientCall open(CallPolicy policy) {
        if (calls.containsKey(policy.name()) || calls.size() >= MOST) {
            throw new IllegalStateException("calls of " + policy.name() + " were not opened: "
                    + (calls.containsKey(policy.name())
                            ? "they are open already"
                            : calls.size() + " names are open, the most there may be")
                    + "; nothing was changed; open each name once and keep it");
        }
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
