package io.penstock.memory.leak;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * What a job's context holds for as long as it lives, so that the watch sees when it goes.
 *
 * <p>It leads to the name of the job's type and to nothing of the job: the watch cannot keep a payload by it. Most jobs
 * of a type share one; those that are watched have their own, and that knows the payload weakly until the job has ended.
 */
public final class JobToken {
    private final JobKind kind;
    private final boolean watched;
    private @Nullable WeakReference<Object> payload;

    JobToken(JobKind kind, boolean watched) {
        this.kind = kind;
        this.watched = watched;
    }

    /**
     * Says what the handler is about to be given; called at most once, by the thread that runs the job.
     *
     * @param bytes of the record that it was read from
     */
    public void payload(Object given, long bytes) {
        if (watched && kind.watches(given, bytes)) {
            payload = new WeakReference<>(given);
        }
    }

    JobKind kind() {
        return kind;
    }

    boolean watched() {
        return watched;
    }

    /** Returns the reference to the payload, and forgets it: a context that stays must not keep it too. */
    @Nullable
    WeakReference<Object> takePayload() {
        WeakReference<Object> taken = payload;
        payload = null;
        return taken;
    }
}
