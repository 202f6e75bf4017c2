package io.penstock.memory;

/**
 * How much of what there may be at most is taken, by each thing that can run out; 1 = all, 0 = nothing or unknown.
 *
 * @param heap live set to the budget of the heap; never what is merely used, which a healthy collector lets rise to
 *     the top each time before it collects
 * @param process resident bytes, or what the kernel charges to the container, to their budget
 * @param direct direct buffers to what the JVM allows
 * @param collector share of time in pauses, 1 = half of the time
 * @param stall share of time in which somebody waited for memory, 1 = half of the time
 * @param outside the outside gauge, such as Redis, used to its limit
 */
public record Pressure(double heap, double process, double direct, double collector, double stall, double outside) {
    /** Nothing is known, nothing is wrong. */
    static final Pressure NONE = new Pressure(0, 0, 0, 0, 0, 0);

    /**
     * Half the time lost is all a process can lose and still be of use: Go limits its collector to the same half
     * (GOMEMLIMIT).
     */
    private static final double ALL_LOST = 0.5;

    static double share(long used, long max) {
        return used < 0 || max <= 0 ? 0 : (double) used / max;
    }

    static double lost(double shareOfTime) {
        return Math.min(1, Math.max(0, shareOfTime) / ALL_LOST);
    }

    /** Returns the worst of them. */
    public double worst() {
        return Math.max(Math.max(Math.max(heap, process), Math.max(direct, collector)), Math.max(stall, outside));
    }

    /** Returns the name of the worst of them, {@code none} if all are 0. */
    public String cause() {
        double worst = worst();
        if (worst <= 0) {
            return "none";
        }
        if (worst == heap) {
            return "heap";
        }
        if (worst == process) {
            return "process";
        }
        if (worst == direct) {
            return "direct";
        }
        if (worst == collector) {
            return "collector";
        }
        return worst == stall ? "stall" : "outside";
    }
}
