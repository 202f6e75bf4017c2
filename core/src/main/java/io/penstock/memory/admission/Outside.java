package io.penstock.memory.admission;

import java.util.function.LongSupplier;

/** The second line, over bytes outside the heap; open until somebody says what they are. */
final class Outside {
    /** A tenth is kept for what grows between two looks, four a second. */
    private static final double SHARE = 0.9;

    private LongSupplier used = () -> -1;
    private long limit = Long.MAX_VALUE;
    private boolean over;

    void over(LongSupplier usedBytes, long limitBytes) {
        used = usedBytes;
        limit = limitBytes;
    }

    void look() {
        over = used.getAsLong() > limit * SHARE;
    }

    boolean over() {
        return over;
    }
}
