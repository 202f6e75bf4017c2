package io.penstock.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that may be poison and wait for their turn: they run one at a time, so that a crash takes only one down.
 *
 * <p>The turn passes on when Redis has the end of the one before: until then a crash would be blamed on that one too.
 *
 * <p>Threads: safe.
 */
final class LastLives {
    private final Queue<Run> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean oneRuns = new AtomicBoolean();

    void add(Run run) {
        waiting.add(run);
    }

    /** Takes the one that may run now. */
    @Nullable
    Run poll() {
        if (waiting.isEmpty() || !oneRuns.compareAndSet(false, true)) {
            return null;
        }
        Run run = waiting.poll();
        if (run == null) {
            oneRuns.set(false);
        } else {
            run.allowed = true;
        }
        return run;
    }

    /** Whether one may run now. */
    boolean ready() {
        return !waiting.isEmpty() && !oneRuns.get();
    }

    /** Nothing of the run that was let out is left to tell Redis. */
    void closed() {
        oneRuns.set(false);
    }

    /** Takes away those under this hold; null = under any. */
    List<Run> withdraw(@Nullable Hold hold) {
        List<Run> out = new ArrayList<>(0);
        for (int left = waiting.size(); left > 0; left--) {
            Run run = waiting.poll();
            if (run != null && (hold == null || run.hold == hold)) {
                out.add(run);
            } else if (run != null) {
                waiting.add(run);
            }
        }
        return out;
    }

    int size() {
        return waiting.size();
    }
}
