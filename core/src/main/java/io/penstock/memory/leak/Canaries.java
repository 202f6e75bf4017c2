package io.penstock.memory.leak;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * Objects that grow old and are then dropped, to learn when the old generation was marked as a whole.
 *
 * <p>A canary is held for {@value #OLD_AGE} collections, so that it is in the old generation like whatever leaks, and then
 * let go. When its reference is found cleared, a marking has begun after that. Whatever became unreachable before
 * the canary was born is older and was let go earlier: it must be gone too, and what is not gone is held by somebody. No
 * collection is asked for, and while none of the old generation runs there is no verdict.
 *
 * <p>Bound: {@value #MOST} canaries of 16 bytes. Threads: one at a time.
 */
final class Canaries {
    /** One more than the age at which the collectors of 17 and 25 promote whatever lives (15), and one for luck. */
    static final int OLD_AGE = 17;

    /** A new one is born every so many collections, so that verdicts are not much older than the last marking. */
    static final int EVERY = 3;

    static final int MOST = 12;

    private final @Nullable Object[] held = new Object[MOST];
    private final @Nullable WeakReference<?>[] watched = new WeakReference<?>[MOST];
    private final int[] bornAt = new int[MOST];
    private int count;
    private int lastBorn;

    /**
     * Returns when the youngest canary was born that was dropped and is gone, or -1.
     *
     * @param collections how many collections there were that make objects older, by the collectors' own count: what
     *     they tell listeners may come late and in bursts, and a canary dropped too young would lie
     */
    int onCollection(int collections) {
        int youngest = -1;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            WeakReference<?> reference = watched[i];
            if (held[i] != null && collections - bornAt[i] >= OLD_AGE) {
                held[i] = null;
            }
            if (held[i] == null && reference != null && reference.refersTo(null)) {
                youngest = Math.max(youngest, bornAt[i]);
            } else {
                move(i, kept++);
            }
        }
        clear(kept);
        if (collections - lastBorn >= EVERY) {
            lastBorn = collections;
            bear(collections);
        }
        return youngest;
    }

    private void bear(int collections) {
        if (count == MOST) {
            // the old ones wait for a marking that may have begun already; of the newer ones each second will do
            int gap = MOST - 2;
            while (gap > 1 && held[gap] != null) {
                gap--;
            }
            for (int i = gap; i < count - 1; i++) {
                move(i + 1, i);
            }
            clear(count - 1);
        }
        Object canary = new Object();
        held[count] = canary;
        watched[count] = new WeakReference<>(canary);
        bornAt[count++] = collections;
    }

    private void move(int from, int to) {
        held[to] = held[from];
        watched[to] = watched[from];
        bornAt[to] = bornAt[from];
    }

    private void clear(int from) {
        for (int i = from; i < count; i++) {
            held[i] = null;
            watched[i] = null;
        }
        count = from;
    }
}
