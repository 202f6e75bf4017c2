package io.penstock.memory.admission;

import java.util.function.LongSupplier;

/** The second line, over bytes outside the heap; open until somebody says what they are. */
final class Outside {
    /** A tenth is kept for what grows between two looks, four a second. */
    private static final double SHARE = 0.9;

    private static final double MATTERS = 0.05;

    private LongSupplier used = () -> -1;
    private long limit = Long.MAX_VALUE;
    private long last = -1;
    private boolean over;

    void over(LongSupplier usedBytes, long limitBytes) {
        used = usedBytes;
        limit = limitBytes;
    }

    void look() {
        last = used.getAsLong();
        over = last > limit * SHARE;
    }

    /** Returns what direct buffers may take in all, when they take so much now; without a limit as much as there is. */
    long leftForDirect(long directBytes) {
        return last < 0 || limit == Long.MAX_VALUE ? Long.MAX_VALUE : (long) (limit * SHARE) - (last - directBytes);
    }

    /** Whether so many bytes matter to the limit. */
    boolean matter(long bytes) {
        return bytes > limit * MATTERS;
    }

    boolean over() {
        return over;
    }
}
