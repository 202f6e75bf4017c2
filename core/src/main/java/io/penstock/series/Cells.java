package io.penstock.series;

import java.util.Arrays;

/**
 * One kind of number of a {@link Ring}, in an array that is made once.
 *
 * <p>Threads: its series locks.
 */
abstract class Cells {
    private Cells() {}

    abstract float get(int at);

    abstract void set(int at, float value);

    abstract void forget(int from, int to);

    /** Bytes of the array, its header included. */
    abstract long bytes();

    static Cells of(int size, boolean compact) {
        return compact ? new Half(size) : new Whole(size);
    }

    /** Floats: half the bytes of a double, and its error of 0.000006 % is far below what any of our readings is worth. */
    private static final class Whole extends Cells {
        private final float[] cells;

        Whole(int size) {
            cells = new float[size];
        }

        @Override
        float get(int at) {
            return cells[at];
        }

        @Override
        void set(int at, float value) {
            cells[at] = value;
        }

        @Override
        void forget(int from, int to) {
            Arrays.fill(cells, from, to, Float.NaN);
        }

        @Override
        long bytes() {
            return 16 + (long) cells.length * Float.BYTES;
        }
    }

    /**
     * Numbers from 0 to 2^48 in 16 bits: 6 of exponent, 10 of mantissa, no sign.
     *
     * <p>Whole numbers up to 2,048 are exact, the error of all others is at most 0.05 %, which is less than a pixel of
     * any chart; a double of as many bytes would remember a quarter of the time. What is below 2^-16 is 0, what is above
     * 2^48 (281 TB) is that.
     */
    private static final class Half extends Cells {
        private static final int UNKNOWN = 0xFFFF;
        private static final int DROPPED = 23 - 10; // bits of a float's mantissa
        private static final int ROUND = 1 << (DROPPED - 1);
        private static final int LOWEST = (127 - 16) << 10; // 2^-16 as the upper bits of a float

        private final short[] cells;

        Half(int size) {
            cells = new short[size];
        }

        @Override
        float get(int at) {
            int code = cells[at] & 0xFFFF;
            if (code == UNKNOWN) {
                return Float.NaN;
            }
            return code == 0 ? 0 : Float.intBitsToFloat((code + LOWEST) << DROPPED);
        }

        @Override
        void set(int at, float value) {
            cells[at] = (short) code(value);
        }

        private static int code(float value) {
            if (Float.isNaN(value)) {
                return UNKNOWN;
            }
            if (value <= 0) {
                return 0;
            }
            int code = ((Float.floatToRawIntBits(value) + ROUND) >>> DROPPED) - LOWEST;
            return Math.max(0, Math.min(UNKNOWN - 1, code));
        }

        @Override
        void forget(int from, int to) {
            Arrays.fill(cells, from, to, (short) UNKNOWN);
        }

        @Override
        long bytes() {
            return 16 + (long) cells.length * Short.BYTES;
        }
    }
}
