package io.penstock.series;

import java.time.Duration;
import java.util.List;

/**
 * What a {@link Series} knew of a span of time when it was asked, oldest first.
 *
 * @param columns the names, in the order of the arrays of each point
 * @param step what one stored reading stands for: zero = single readings, else the step of the tier that was read
 * @param points never more than were asked for; a span without a reading has none
 */
public record Window(List<String> columns, Duration step, List<Point> points) {
    /**
     * One or more readings as one.
     *
     * @param millis wall clock of the first of them, or the begin of its step
     * @param samples how many readings were folded
     * @param min per column the least, {@code NaN} where no reading knew it
     * @param avg per column the mean
     * @param max per column the greatest
     */
    public record Point(long millis, int samples, double[] min, double[] avg, double[] max) {}
}
