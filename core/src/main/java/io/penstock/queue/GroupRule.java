package io.penstock.queue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a group of a queue may do; what is null is as the rule of all groups says, or without limit if that says nothing.
 *
 * @param weight its share against other groups that wait, 1 to 1,000; 1 if nobody says
 * @param concurrency jobs in hand of all workers together, 0 to 1,000,000; 0 = no limit
 * @param rate how many of its jobs start in a stretch of time
 * @param bytes bytes of records in hand of all workers together, 0 to 1 TiB; 0 = no limit; one job is always let through
 * @param paused none of its jobs is handed out; those in hand go on
 */
public record GroupRule(
        @Nullable Integer weight,
        @Nullable Integer concurrency,
        @Nullable Rate rate,
        @Nullable Long bytes,
        boolean paused) {
    /** Says nothing. */
    public static final GroupRule NONE = new GroupRule(null, null, null, null, false);

    /** Most groups of a queue with a rule of their own. */
    public static final int MOST_RULES = 10_000;

    public GroupRule {
        check("weight", weight == null ? 1 : weight, 1, 1_000);
        check("concurrency", concurrency == null ? 0 : concurrency, 0, 1_000_000);
        check("bytes", bytes == null ? 0 : bytes, 0, 1L << 40);
    }

    private static void check(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("group " + field + " = " + value + " is outside " + least + " to " + most
                    + "; nothing was changed");
        }
    }

    /** Reads a rule as it lies in Redis; see regulate.lua. */
    static GroupRule of(String text) {
        String[] field = text.split(",", -1);
        if (field.length != 6) {
            return NONE;
        }
        Integer rate = number(field[2]);
        Integer millis = number(field[3]);
        return new GroupRule(
                number(field[0]),
                number(field[1]),
                rate == null || millis == null ? null : new Rate(rate, Duration.ofMillis(millis)),
                field[4].isEmpty() ? null : Long.valueOf(field[4]),
                field[5].equals("1"));
    }

    private static @Nullable Integer number(String text) {
        return text.isEmpty() ? null : Integer.valueOf(text);
    }

    /** The six fields of regulate.lua. */
    String[] fields() {
        return new String[] {
            text(weight),
            text(concurrency),
            rate == null ? "" : Integer.toString(rate.jobs()),
            rate == null ? "" : Long.toString(rate.per().toMillis()),
            text(bytes),
            paused ? "1" : ""
        };
    }

    private static String text(@Nullable Number number) {
        return number == null ? "" : number.toString();
    }
}
