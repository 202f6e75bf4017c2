package io.penstock.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs in hand that were claimed by a runner and found no room under the load line.
 *
 * <p>While one stands here for want of room the runners claim no further job, so that none overtakes it; those that only
 * wait for their own group let others by, until {@value #MOST_BY_GROUP} of them stand here. Bound: one a runner, and
 * those. Threads: safe; a monitor, which needs no memory when it is contended.
 */
final class Standing {
    private static final int MOST_BY_GROUP = 64;

    private final ArrayDeque<Run> runs = new ArrayDeque<>(64); // guarded by this
    private volatile int size;

    /** Adds one that has asked for its place. */
    void add(Run run, long nowNanos) {
        run.standsSinceNanos = nowNanos;
        synchronized (this) {
            runs.addLast(run);
            size = runs.size();
        }
    }

    /** Takes one that has got its place. */
    @Nullable
    Run poll() {
        return size == 0 ? null : look(true);
    }

    private @Nullable Run look(boolean take) {
        synchronized (this) {
            for (Iterator<Run> all = runs.iterator(); all.hasNext(); ) {
                Run run = all.next();
                if (run.permit.held()) {
                    if (take) {
                        all.remove();
                        size = runs.size();
                    }
                    return run;
                }
            }
            return null;
        }
    }

    /** Whether one has got its place. */
    boolean ready() {
        return size > 0 && look(false) != null;
    }

    /** Whether nothing may be claimed now. */
    boolean blocks() {
        return size > 0 && mayBlock();
    }

    private boolean mayBlock() {
        synchronized (this) {
            int byGroup = 0;
            for (Run run : runs) {
                if (!run.permit.held()) {
                    if (!run.permit.waitsForGroup()) {
                        return true;
                    }
                    byGroup++;
                }
            }
            return byGroup >= MOST_BY_GROUP;
        }
    }

    /** Takes away those that stand under this hold (null = any) since before this time, and returns them. */
    List<Run> withdraw(@Nullable Hold hold, long sinceNanos) {
        if (size == 0) {
            return List.of();
        }
        List<Run> out = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Run> all = runs.iterator(); all.hasNext(); ) {
                Run run = all.next();
                boolean meant = hold == null || run.hold == hold;
                if (meant && run.standsSinceNanos - sinceNanos <= 0) {
                    out.add(run);
                }
            }
        }
        out.removeIf(run -> !run.permit.withdraw()); // outside our lock: it lets others in, who call us
        synchronized (this) {
            runs.removeAll(out);
            size = runs.size();
        }
        return out;
    }

    int size() {
        return size;
    }
}
