package io.penstock.queue;

import java.time.Duration;

/**
 * How many jobs may start in a stretch of time: a bucket of so many, which that many refill evenly over it.
 *
 * <p>So in any span at most {@code jobs} start and what flows in during it; never more than twice {@code jobs} in one
 * stretch.
 *
 * @param jobs 1 to 1,000,000
 * @param per 10 ms to 31 days
 */
public record Rate(int jobs, Duration per) {
    /** Most jobs in a stretch: times of starts are kept to the microsecond. */
    public static final int MOST_JOBS = 1_000_000;

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(31);

    public Rate {
        if (jobs < 1 || jobs > MOST_JOBS) {
            throw new IllegalArgumentException(
                    "rate.jobs " + jobs + " is outside 1 to " + MOST_JOBS + "; nothing was changed");
        }
        if (per.compareTo(SHORTEST) < 0 || per.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "rate.per " + per + " is outside " + SHORTEST + " to " + LONGEST + "; nothing was changed");
        }
    }
}
