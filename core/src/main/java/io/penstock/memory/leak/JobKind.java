package io.penstock.memory.leak;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * The finished jobs of one type that are watched: each through a weak reference to its token.
 *
 * <p>A reference is asked by {@code refersTo}, never by {@code get}: on a concurrent collector the latter would keep the
 * token alive through the marking. Bound: {@value #MOST_WATCHED} waiting for a judgement and {@value #MOST_RETAINED}
 * found retained; while either is full, further jobs are not watched; 4 KB in all. Threads: safe, rarely contended.
 */
final class JobKind {
    static final int MOST_WATCHED = 32;
    static final int MOST_RETAINED = 16;

    /** How many jobs of a type are watched between two collections, whatever the odds: rare types are seen too. */
    static final int QUOTA = 2;

    /** Below this many, or this share, a job that is retained may be held by something that is busy. */
    static final int LEAST_RETAINED = 5;

    static final double LEAST_SHARE = 0.01;

    private final String type;
    private final OpenCounter counter;
    private final JobToken unwatched = new JobToken(this, false);

    // read and written without a lock: a job more or less does not matter
    private int quotaOf = -1;
    private int quotaUsed;

    // guarded by this
    private final @Nullable WeakReference<?>[] waiting = new WeakReference<?>[MOST_WATCHED];
    private final int[] finishedAt = new int[MOST_WATCHED];
    private int waitingCount;
    private final @Nullable WeakReference<?>[] retained = new WeakReference<?>[MOST_RETAINED];
    private int retainedCount;
    private long judged;
    private long releasedLate;

    JobKind(String type, OpenCounter counter) {
        this.type = type;
        this.counter = counter;
    }

    OpenCounter counter() {
        return counter;
    }

    JobToken unwatched() {
        return unwatched;
    }

    /** Tells whether the quota of the time since the last collection has room, and takes of it. */
    boolean withinQuota(int collections) {
        if (quotaOf != collections) {
            quotaOf = collections;
            quotaUsed = 0;
        }
        return quotaUsed < QUOTA && ++quotaUsed <= QUOTA;
    }

    synchronized void watch(WeakReference<JobToken> token, int collections) {
        if (waitingCount == MOST_WATCHED) {
            sweep();
        }
        if (waitingCount < MOST_WATCHED && retainedCount < MOST_RETAINED) {
            waiting[waitingCount] = token;
            finishedAt[waitingCount++] = collections;
        }
    }

    /**
     * Counts what is still there of the jobs that finished before the collection of this number: a whole marking has
     * begun since, so something holds it.
     */
    synchronized void judge(int bornAt) {
        sweep();
        int kept = 0;
        for (int i = 0; i < waitingCount; i++) {
            if (finishedAt[i] - bornAt < 0 && retainedCount < MOST_RETAINED) {
                retained[retainedCount++] = waiting[i];
                judged++;
            } else {
                waiting[kept] = waiting[i];
                finishedAt[kept++] = finishedAt[i];
            }
        }
        forget(waiting, kept, waitingCount);
        waitingCount = kept;
    }

    private void sweep() {
        int kept = 0;
        for (int i = 0; i < waitingCount; i++) {
            if (gone(waiting[i])) {
                judged++;
            } else {
                waiting[kept] = waiting[i];
                finishedAt[kept++] = finishedAt[i];
            }
        }
        forget(waiting, kept, waitingCount);
        waitingCount = kept;
        int still = 0;
        for (int i = 0; i < retainedCount; i++) {
            if (gone(retained[i])) {
                releasedLate++;
            } else {
                retained[still++] = retained[i];
            }
        }
        forget(retained, still, retainedCount);
        retainedCount = still;
    }

    private static boolean gone(@Nullable WeakReference<?> reference) {
        return reference == null || reference.refersTo(null);
    }

    private static void forget(@Nullable WeakReference<?>[] references, int from, int to) {
        for (int i = from; i < to; i++) {
            references[i] = null;
        }
    }

    synchronized RetainedJobs found() {
        sweep();
        boolean named = retainedCount >= LEAST_RETAINED
                && retainedCount > LEAST_SHARE * judged
                && releasedLate < retainedCount; // more go than stay: a cache that evicts
        return new RetainedJobs(type, judged, retainedCount, releasedLate, named);
    }
}
