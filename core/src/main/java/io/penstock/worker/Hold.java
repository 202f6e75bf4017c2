package io.penstock.worker;

import io.penstock.queue.Lease;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One lease as this worker sees it: whether it may still take with it, and what it was asked to cancel.
 *
 * <p>FENCED means that by our own clock the lease may have ended, so nothing new is begun; a renewal undoes it. LOST
 * means that Redis said so: final.
 *
 * <p>Threads: safe.
 */
final class Hold {
    /** Cancellations remembered for jobs that are here and not yet running; Redis tells the rest again at each renewal. */
    private static final int MOST_CANCELS = 1_024;

    final Intake intake;
    final Lease lease;
    private final Set<String> cancels = ConcurrentHashMap.newKeySet();
    private volatile long renewedNanos;
    private volatile boolean extending;
    private volatile boolean fenced;
    private volatile boolean lost;
    private volatile boolean quiet;
    private volatile boolean leaving;

    /** @param askedNanos when the lease was asked for: it is at least as long from then as from the answer */
    Hold(Intake intake, Lease lease, long askedNanos) {
        this.intake = intake;
        this.lease = lease;
        this.renewedNanos = askedNanos;
    }

    boolean mayTake() {
        return !fenced && !lost && !quiet;
    }

    boolean lost() {
        return lost;
    }

    boolean fenced() {
        return fenced;
    }

    boolean extending() {
        return extending;
    }

    void extending(boolean underway) {
        extending = underway;
    }

    long renewedNanos() {
        return renewedNanos;
    }

    void renewed(long askedNanos, boolean toBeQuiet) {
        renewedNanos = askedNanos;
        fenced = false;
        quiet = toBeQuiet;
    }

    /** Returns whether this call made it so. */
    boolean fence() {
        boolean was = fenced || lost;
        fenced = true;
        return !was;
    }

    void lose() {
        lost = true;
    }

    /** Its worker gives it up: that Redis does not know it any more says nothing from now on. */
    void leave() {
        leaving = true;
    }

    boolean leaving() {
        return leaving;
    }

    void cancelLater(String serial) {
        if (cancels.size() < MOST_CANCELS) {
            cancels.add(serial);
        }
    }

    /** What Redis no longer names has ended. */
    void forgetCancelsBut(Set<String> requested) {
        if (!cancels.isEmpty()) {
            cancels.retainAll(requested);
        }
    }

    /** Tells whether this job was cancelled before it ran, and forgets it. */
    boolean cancelled(String serial) {
        return !cancels.isEmpty() && cancels.remove(serial);
    }
}
