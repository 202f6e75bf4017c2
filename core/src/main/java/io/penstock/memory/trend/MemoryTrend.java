package io.penstock.memory.trend;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the live set of the heap is going, from its floors alone.
 *
 * @param slopeBytesPerSecond the median slope over the window
 * @param lowerBytesPerSecond the lower end of the slope's 95 % interval
 * @param upperBytesPerSecond the upper end of it
 * @param z how sure it is that the floors rise (above 3) or fall (below -3)
 * @param window from the first floor looked at to the last
 * @param valleys how many floors it rests on; below {@value FloorTrend#LEAST_POINTS} all slopes are 0 and mean nothing
 * @param floorBytes the last floor, the best reading of the live set, or -1 before the first
 * @param timeToFullLow the soonest the floor reaches the line, or null = unknown: it need not rise at all
 * @param timeToFullHigh the latest, or null with {@code timeToFullLow}
 * @param saturating whether the second half of the window rises at less than three quarters of the pace of the first, as a cache
 *     that fills does
 * @param growing whether the floors rise in a way that noise, a filling cache, load and the hour of the day do not
 *     explain, thrice in a row
 * @param lasting whether they have done so for a day
 */
public record MemoryTrend(
        double slopeBytesPerSecond,
        double lowerBytesPerSecond,
        double upperBytesPerSecond,
        double z,
        Duration window,
        int valleys,
        long floorBytes,
        @Nullable Duration timeToFullLow,
        @Nullable Duration timeToFullHigh,
        boolean saturating,
        boolean growing,
        boolean lasting) {}
