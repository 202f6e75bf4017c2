package io.penstock.notice;

/**
 * What one channel is told, and how fast.
 *
 * @param least the mildest severity that it is told; the end of what it was told of always
 * @param perMinute most messages in any minute, 1 to {@value #MOST_PER_MINUTE}
 * @param most most notices of one message, 1 to {@value #MOST_TOGETHER}
 */
public record Terms(Severity least, int perMinute, int most) {
    /** Ten a second: a person reads none of them, a program should be asked for more in one message. */
    public static final int MOST_PER_MINUTE = 600;

    /** What fits into the smallest message of any vendor (4 KiB) with 200 bytes each. */
    public static final int MOST_TOGETHER = 20;

    /** Checks the ranges. */
    public Terms {
        if (perMinute < 1 || perMinute > MOST_PER_MINUTE || most < 1 || most > MOST_TOGETHER) {
            throw new IllegalArgumentException("perMinute " + perMinute + " or most " + most + " is outside 1 to "
                    + MOST_PER_MINUTE + " and 1 to " + MOST_TOGETHER + "; nothing was set; choose others");
        }
    }
}
