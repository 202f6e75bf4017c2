package io.penstock.limit;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How often something may be done, or by how many at once; each key of a limit is counted for itself.
 *
 * <p>Processes that share a Redis share the counts, so they should define the same. Where they do not, or when a
 * definition changes, what was taken stays taken and each is judged by the definition of the process that asks.
 *
 * @param name letters, digits, dot, dash and underscore, at most 64
 * @param permits a period, or held at once; 1 to 10,000,000, of {@link Kind#CONCURRENCY} to 10,000
 * @param per the period; of {@link Kind#CONCURRENCY} the lease after which a permit comes free that nobody gave back or
 *     extended; 100 ms to 31 days
 * @param burst the size of a {@link Kind#BUCKET}, else the same as {@code permits}
 * @param away what is answered while Redis cannot be asked
 */
public record Limit(String name, Kind kind, long permits, Duration per, long burst, Away away) {
    /** Most permits of a rate: with the longest period of a window, all sums stay far below 2^53, where Lua rounds. */
    static final long MOST_PERMITS = 10_000_000;

    /** Most permits held at once: each is an entry of about 100 bytes in Redis. */
    static final long MOST_HELD = 10_000;

    /** Most permits of a concurrency limit in one call: two arguments each, and Redis 5.0 dies of 7,999. */
    static final long MOST_HELD_A_CALL = 1_000;

    /** Slices of a window besides the one under way, as window.lua counts them. */
    static final int SLICES = 16;

    /** Above this a double, and so Lua, rounds whole numbers. */
    private static final long EXACT = 1L << 53;

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofDays(31);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** How a limit counts. */
    public enum Kind {
        /**
         * A sliding window: no span of the period ever holds more. A permit comes back up to 1/16 of the period late. At
         * most 512 bytes in Redis beside the key's name.
         */
        WINDOW,
        /**
         * A bucket that refills evenly: in any span at most the burst and what flows in during it and one millisecond;
         * nothing is rounded. At most 320 bytes in Redis beside the key's name.
         */
        BUCKET,
        /** So many held at once, until given back or their lease ends. At most 512 bytes and 128 a permit held. */
        CONCURRENCY
    }

    /** What is answered while Redis cannot be asked. */
    public enum Away {
        /** Allowed: the default of rates, because an outage of Redis should not become one of everything behind a limit. */
        OPEN,
        /** Denied: the default of concurrency, because two holders of what is for one may do harm. */
        CLOSED
    }

    public Limit {
        check(NAME.matcher(name).matches(), "name of a limit", name, "1 to 64 of A-Z a-z 0-9 . _ -");
        long most = kind == Kind.CONCURRENCY ? MOST_HELD : MOST_PERMITS;
        check(permits >= 1 && permits <= most, "permits of limit " + name, permits, "1 to " + most);
        check(
                per.compareTo(SHORTEST) >= 0 && per.compareTo(LONGEST) <= 0,
                (kind == Kind.CONCURRENCY ? "lease of limit " : "period of limit ") + name,
                per,
                SHORTEST + " to " + LONGEST);
        check(
                kind == Kind.BUCKET ? burst >= 1 && burst <= MOST_PERMITS : burst == permits,
                "burst of limit " + name,
                burst,
                kind == Kind.BUCKET ? "1 to " + MOST_PERMITS : "the same as its permits, " + permits);
        check(
                kind != Kind.BUCKET || burst <= EXACT / per.toMillis(),
                "burst times period of limit " + name,
                burst + " x " + per.toMillis() + " ms",
                "at most 2^53; give the rate over a shorter period");
    }

    /** At most so many in any span of this length. */
    public static Limit window(String name, long permits, Duration per) {
        return new Limit(name, Kind.WINDOW, permits, per, permits, Away.OPEN);
    }

    /** A bucket of so many, which that many refill evenly over the period. */
    public static Limit bucket(String name, long permits, Duration per) {
        return new Limit(name, Kind.BUCKET, permits, per, permits, Away.OPEN);
    }

    /** At most so many held at once, each until it is given back or this long after it was taken or extended. */
    public static Limit concurrency(String name, long permits, Duration lease) {
        return new Limit(name, Kind.CONCURRENCY, permits, lease, permits, Away.CLOSED);
    }

    /** The same bucket of another size. */
    public Limit burst(long size) {
        return new Limit(name, kind, permits, per, size, away);
    }

    /** The same with another answer while Redis cannot be asked. */
    public Limit away(Away answer) {
        return new Limit(name, kind, permits, per, burst, answer);
    }

    /** Returns the most permits that one call may ask for. */
    public long mostACall() {
        return kind == Kind.CONCURRENCY ? Math.min(permits, MOST_HELD_A_CALL) : burst;
    }

    /**
     * Returns this limit as an item of the HTTP field {@code RateLimit-Policy}; join those of several limits by a comma.
     * Source: draft-ietf-httpapi-ratelimit-headers-09, section 3. A bucket shows its rate.
     */
    public String policyItem() {
        String quota = "\"" + name + "\";q=" + permits;
        return kind == Kind.CONCURRENCY ? quota + ";qu=\"concurrent-requests\"" : quota + ";w=" + seconds(per);
    }

    /** Returns an answer of this limit as an item of the HTTP field {@code RateLimit}; see {@link #policyItem}. */
    public String stateItem(Answer answer) {
        Duration until =
                answer instanceof Answer.Allowed allowed ? allowed.resetAfter() : ((Answer.Denied) answer).retryAfter();
        return "\"" + name + "\";r=" + answer.remaining() + ";t=" + seconds(until);
    }

    /** Whole seconds, rounded up, so that nobody comes too early. */
    private static long seconds(Duration span) {
        return span.plusNanos(999_999_999).toSeconds();
    }

    static void check(boolean holds, String what, Object value, String legal) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + value + ", legal is " + legal
                    + "; nothing was changed or counted; correct it and try again");
        }
    }
}
