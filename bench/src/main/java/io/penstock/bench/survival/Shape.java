package io.penstock.bench.survival;

import java.util.Locale;
import java.util.Random;

/** How much memory jobs need, and when; the last ones were not looked at while the load line was tuned. */
enum Shape {
    /** All alike. */
    UNIFORM(true),
    /** All alike and large. */
    AMP6(true),
    /** A few are very large, with their payload. */
    TAIL(true),
    /** Large ones replace small ones half-way. */
    SHIFT(true),
    /** They allocate ten times what they hold. */
    CHURN(true),
    /** Something else takes a third of the heap half-way. */
    BALLAST(true),
    /** The payload is an address: it says nothing of the need. */
    ADDRESS(false),
    /** Three types, from tiny to huge. */
    MIX(false),
    /** They take five times as long, and grow slowly. */
    SLOW(false),
    /** Two arrays that are each larger than one of G1's regions. */
    LUMPS(false),
    /** They come in waves with pauses between. */
    WAVES(false),
    /** What they hold are direct buffers, of which the JVM has as much as heap. */
    DIRECT(false);

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** Bytes held elsewhere in the second half. */
    static final int BALLAST_BYTES = 20 * MIB;

    final boolean tuned;

    Shape(boolean tuned) {
        this.tuned = tuned;
    }

    /**
     * One job.
     *
     * @param type number of its type, from 0
     * @param payload bytes
     * @param live bytes held at its end
     * @param chunk bytes of one array
     * @param churn bytes allocated and dropped besides
     * @param millis that it takes
     */
    record Work(int type, int payload, int live, int chunk, int churn, int millis) {}

    static Shape named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** The next job, in the second half of the run or not. */
    Work next(Random random, boolean late) {
        int millis = 80 + random.nextInt(40);
        return switch (this) {
            case UNIFORM, BALLAST, WAVES -> new Work(0, 128 * KIB, 2 * MIB, 64 * KIB, 0, millis);
            case AMP6 -> new Work(0, 128 * KIB, 6 * MIB, 64 * KIB, 0, millis);
            case TAIL -> tail(random, millis);
            case SHIFT -> new Work(0, 128 * KIB, (late ? 6 : 2) * MIB, 64 * KIB, 0, millis);
            case CHURN -> new Work(0, 128 * KIB, 2 * MIB, 64 * KIB, 18 * MIB, millis);
            case ADDRESS -> new Work(0, 200, random.nextInt(6 * MIB), 32 * KIB, 0, millis);
            case MIX -> mix(random, millis);
            case SLOW -> new Work(0, 16 * KIB, 2 * MIB, 32 * KIB, 2 * MIB, millis * 5);
            case DIRECT -> new Work(0, 200, 3 * MIB, 64 * KIB, 0, millis);
            case LUMPS -> new Work(0, 64 * KIB, 3 * MIB, 3 * MIB / 2, 0, millis);
        };
    }

    private static Work tail(Random random, int millis) {
        double size = 96 * KIB * Math.exp(random.nextGaussian());
        int payload = (int) Math.max(16 * KIB, Math.min(900 * KIB, size));
        return new Work(0, payload, 16 * payload, 64 * KIB, 0, millis);
    }

    private static Work mix(Random random, int millis) {
        double kind = random.nextDouble();
        if (kind < 0.7) {
            return new Work(1, 2 * KIB, 64 * KIB, 16 * KIB, 0, 10);
        }
        return kind < 0.95
                ? new Work(2, 32 * KIB, 2 * MIB, 64 * KIB, 2 * MIB, millis)
                : new Work(3, 200, 12 * MIB, 256 * KIB, 0, 200);
    }
}
