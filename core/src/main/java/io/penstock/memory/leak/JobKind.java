package io.penstock.memory.leak;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * The finished jobs of one type that are watched: each through weak references to its token and its payload.
 *
 * <p>A reference is asked by {@code refersTo}, never by {@code get}: on a concurrent collector the latter would keep the
 * token alive through the marking. Bound: {@value #MOST_WATCHED} waiting for a judgement and {@value #MOST_RETAINED}
 * found retained; while either is full, further jobs are not watched; 5 KB in all. Threads: safe, rarely contended.
 */
final class JobKind {
    static final int MOST_WATCHED = 32;
    static final int MOST_RETAINED = 16;

    /** How many jobs of a type are watched between two collections, whatever the odds: rare types are seen too. */
    static final int QUOTA = 2;

    /** Below this many, or this share, a job that is retained may be held by something that is busy. */
    static final int LEAST_RETAINED = 5;

    static final double LEAST_SHARE = 0.01;

    /**
     * A generational ZGC takes weak references from old objects to young ones for strong until it marks the old: there a
     * watched payload may live a little longer, so only small ones are watched.
     */
    private static final long MOST_PAYLOAD = ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .anyMatch(bean -> bean.getName().startsWith("ZGC Minor"))
            ? 16 << 10
            : Long.MAX_VALUE;

    private final String type;
    private final OpenCounter counter;
    private final JobToken unwatched = new JobToken(this, false);

    // read and written without a lock: a job more or less does not matter
    private int quotaOf = -1;
    private int quotaUsed;

    private @Nullable WeakReference<Object> payloadBefore;
    private volatile boolean shared; // one payload was given to two jobs: its life says nothing of theirs

    // guarded by this
    private final @Nullable WeakReference<?>[] waiting = new WeakReference<?>[MOST_WATCHED];
    private final int[] finishedAt = new int[MOST_WATCHED];
    private final @Nullable WeakReference<?>[] waitingPayloads = new WeakReference<?>[MOST_WATCHED];
    private int waitingCount;
    private final @Nullable WeakReference<?>[] retained = new WeakReference<?>[MOST_RETAINED];
    private final @Nullable WeakReference<?>[] retainedPayloads = new WeakReference<?>[MOST_RETAINED];
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

    /** Whether the life of this payload tells of the job: not that of a constant, or of one that is handed out twice. */
    boolean watches(Object payload, long bytes) {
        Class<?> kind = payload.getClass();
        if (shared || bytes > MOST_PAYLOAD || kind.isEnum() || (kind.getClassLoader() == null && !kind.isArray())) {
            return false; // the JDK's own may be interned
        }
        WeakReference<Object> before = payloadBefore;
        if (before != null && before.refersTo(payload)) {
            shared = true;
            return false;
        }
        payloadBefore = new WeakReference<>(payload);
        return true;
    }

    synchronized void watch(JobToken ended, int collections) {
        if (waitingCount == MOST_WATCHED) {
            sweep();
        }
        if (waitingCount < MOST_WATCHED && retainedCount < MOST_RETAINED) {
            waiting[waitingCount] = new WeakReference<>(ended);
            waitingPayloads[waitingCount] = ended.takePayload();
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
                retainedPayloads[retainedCount] = waitingPayloads[i];
                retained[retainedCount++] = waiting[i];
                judged++;
            } else {
                waiting[kept] = waiting[i];
                waitingPayloads[kept] = waitingPayloads[i];
                finishedAt[kept++] = finishedAt[i];
            }
        }
        forget(waiting, kept, waitingCount);
        forget(waitingPayloads, kept, waitingCount);
        waitingCount = kept;
    }

    private void sweep() {
        int kept = 0;
        for (int i = 0; i < waitingCount; i++) {
            if (gone(waiting[i]) && gone(waitingPayloads[i])) {
                judged++;
            } else {
                waiting[kept] = waiting[i];
                waitingPayloads[kept] = waitingPayloads[i];
                finishedAt[kept++] = finishedAt[i];
            }
        }
        forget(waiting, kept, waitingCount);
        forget(waitingPayloads, kept, waitingCount);
        waitingCount = kept;
        int still = 0;
        for (int i = 0; i < retainedCount; i++) {
            if (gone(retained[i]) && gone(retainedPayloads[i])) {
                releasedLate++;
            } else {
                retainedPayloads[still] = retainedPayloads[i];
                retained[still++] = retained[i];
            }
        }
        forget(retained, still, retainedCount);
        forget(retainedPayloads, still, retainedCount);
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
