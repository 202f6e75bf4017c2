package io.penstock.alert;

import io.penstock.job.Names;
import io.penstock.notice.Severity;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is wrong when: a metric, a line it must not pass, and how much patience there is.
 *
 * @param id a name of 1 to 64 of A-Z a-z 0-9 . _ -
 * @param metric the name of a metric, or {@code queue.*.} and the rest for that of every queue
 * @param measure the value itself, or its rise over the last ten minutes
 * @param threshold from -1e15 to 1e15
 * @param hold how long it must be so before the alert fires, 0 to 24 h; time in which nobody looked does not count
 * @param cooldown how long after its end the alert may not fire again, 0 to 7 days
 * @param mostPerHour how often it may fire in any hour, 1 to 60
 * @param clear the line that it must come back over before the alert ends; the same as the threshold = no hysteresis
 * @param absent what it means that the metric has no value
 * @param tags at most 16, names as of ids, values of at most 200 characters
 * @param channels names of those that are told, at most 16; empty = all
 */
public record AlertRule(
        String id,
        String metric,
        Measure measure,
        Operator operator,
        double threshold,
        Duration hold,
        Severity severity,
        Duration cooldown,
        int mostPerHour,
        double clear,
        Absent absent,
        Map<String, String> tags,
        boolean enabled,
        List<String> channels) {
    /** Longest name of a metric: a queue's name may have 64. */
    static final int MOST_METRIC = 160;

    static final int MOST_TAGS = 16;
    static final int MOST_TAG_VALUE = 200;
    static final int MOST_CHANNELS = 16;
    static final int MOST_AN_HOUR = 60;
    static final Duration LONGEST_HOLD = Duration.ofHours(24);
    static final Duration LONGEST_COOLDOWN = Duration.ofDays(7);

    /** A double counts whole numbers exactly beyond this; what is larger is a slip. */
    static final double LARGEST = 1e15;

    /** The one part of a name that a star may stand for. */
    private static final String STAR = "queue.*.";

    private static final Pattern METRIC = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    /** What of the metric is compared. */
    public enum Measure {
        /** Its latest value. */
        VALUE,
        /** How much it has risen in the last ten minutes; for counters, and for what should not grow. */
        RISE;

        /** Returns its name on the wire. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How it is compared with the threshold. */
    public enum Operator {
        ABOVE(">", "above"),
        AT_LEAST(">=", "at least"),
        BELOW("<", "below"),
        AT_MOST("<=", "at most"),
        EQUAL("==", "equal to"),
        UNEQUAL("!=", "other than");

        private final String wire;
        private final String words;

        Operator(String wire, String words) {
            this.wire = wire;
            this.words = words;
        }

        /** Returns its sign. */
        public String wire() {
            return wire;
        }

        String words() {
            return words;
        }

        /** Returns the operator of this sign, or refuses naming all of them. */
        public static Operator of(String sign) {
            return Arrays.stream(values())
                    .filter(one -> one.wire.equals(sign))
                    .findFirst()
                    .orElseThrow(() -> illegal("operator", sign, "one of > >= < <= == !="));
        }

        boolean holds(double value, double line) {
            return switch (this) {
                case ABOVE -> value > line;
                case AT_LEAST -> value >= line;
                case BELOW -> value < line;
                case AT_MOST -> value <= line;
                case EQUAL -> value == line;
                case UNEQUAL -> value != line;
            };
        }

        boolean upward() {
            return this == ABOVE || this == AT_LEAST;
        }

        boolean downward() {
            return this == BELOW || this == AT_MOST;
        }
    }

    /** What it means that the metric has no value. */
    public enum Absent {
        /** Nothing: all stays as it is; an alert without data for an hour ends. */
        IGNORE,
        /** That the alert is right. */
        FIRE,
        /** That all is well. */
        RESOLVE;

        /** Returns its name on the wire. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws IllegalArgumentException naming the field, the value and the legal range */
    public AlertRule {
        Names.check("alert rule", id);
        String exact = metric.startsWith(STAR) ? metric.substring(STAR.length()) : metric;
        check(
                metric.length() <= MOST_METRIC && METRIC.matcher(exact).matches(),
                "metric of rule " + id,
                shown(metric),
                "a metric's name of at most " + MOST_METRIC
                        + " characters, as memory.level, or queue.*.oldest.millis for every queue");
        check(within(threshold), "threshold of rule " + id, threshold, "a number from -1e15 to 1e15");
        range(hold, LONGEST_HOLD, "for of rule " + id);
        range(cooldown, LONGEST_COOLDOWN, "cooldown of rule " + id);
        check(
                mostPerHour >= 1 && mostPerHour <= MOST_AN_HOUR,
                "mostPerHour of rule " + id,
                mostPerHour,
                "1 to " + MOST_AN_HOUR);
        boolean side = operator.upward() ? clear <= threshold : operator.downward() ? clear >= threshold : false;
        check(
                clear == threshold || (within(clear) && side),
                "clear of rule " + id,
                clear,
                operator.upward()
                        ? "at most the threshold, " + threshold
                        : operator.downward()
                                ? "at least the threshold, " + threshold
                                : "the threshold itself, " + threshold + ", for " + operator.wire());
        check(tags.size() <= MOST_TAGS, "number of tags of rule " + id, tags.size(), "at most " + MOST_TAGS);
        tags.forEach((name, value) -> {
            Names.check("tag", name);
            check(
                    value.length() <= MOST_TAG_VALUE
                            && value.chars().noneMatch(Character::isISOControl)
                            && value.indexOf('\t') < 0,
                    "tag " + name + " of rule " + id,
                    value.length() + " characters",
                    "at most " + MOST_TAG_VALUE + " characters, none of control");
        });
        check(
                channels.size() <= MOST_CHANNELS,
                "number of channels of rule " + id,
                channels.size(),
                "at most " + MOST_CHANNELS);
        channels.forEach(channel -> Names.check("channel", channel));
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
        channels = List.copyOf(channels);
    }

    /** Begins a rule with the usual rest: at once, WARNING, 10 minutes of cooldown, 4 an hour, no hysteresis. */
    public static RuleDraft draft(String id, String metric, Operator operator, double threshold) {
        return new RuleDraft(id, metric, operator, threshold);
    }

    /**
     * Returns the line for {@code clear} that lies this share of the threshold on its good side.
     *
     * @param share 0 to 0.9
     */
    public static double clearAt(Operator operator, double threshold, double share) {
        check(share >= 0 && share <= 0.9, "hysteresis", share, "a share from 0 to 0.9");
        check(
                share == 0 || operator.upward() || operator.downward(),
                "hysteresis",
                share,
                "0 for " + operator.wire() + ", which has no line to come back over");
        double band = Math.abs(threshold) * share;
        return operator.upward() ? threshold - band : operator.downward() ? threshold + band : threshold;
    }

    /** Tells whether it is about a metric of this name. */
    boolean matches(String name) {
        if (!metric.startsWith(STAR)) {
            return metric.equals(name);
        }
        int star = STAR.length() - 2;
        int rest = metric.length() - STAR.length() + 1;
        return name.length() > star + rest
                && name.startsWith("queue.")
                && name.regionMatches(name.length() - rest, metric, STAR.length() - 1, rest);
    }

    /** Tells whether it is about one metric and not about every queue's. */
    boolean exact() {
        return !metric.startsWith(STAR);
    }

    /**
     * Tells whether a metric is of a whole Redis or queue, so that one process speaks for all. The others are of a
     * process: what it has for memory, its pool, and whether it reaches Redis.
     */
    static boolean shared(String metric) {
        return metric.startsWith("queue.")
                || (metric.startsWith("redis.")
                        && !metric.startsWith("redis.pool.")
                        && !metric.equals(Readout.REDIS_DOWN));
    }

    private static boolean within(double number) {
        return number >= -LARGEST && number <= LARGEST; // false for NaN
    }

    private static void range(Duration span, Duration longest, String what) {
        check(!span.isNegative() && span.compareTo(longest) <= 0, what, span, "PT0S to " + longest);
    }

    private static void check(boolean holds, String what, Object value, String legal) {
        if (!holds) {
            throw illegal(what, value, legal);
        }
    }

    private static IllegalArgumentException illegal(String what, Object value, String legal) {
        return new IllegalArgumentException(
                what + " is " + value + ", legal is " + legal + "; nothing was changed; correct it and try again");
    }

    private static String shown(String text) {
        String cut = text.length() <= 80 ? text : text.substring(0, 80) + "...";
        return '"' + cut.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
