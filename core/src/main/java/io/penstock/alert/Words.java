package io.penstock.alert;

import java.time.Duration;
import java.util.Locale;

/** Numbers and spans as a person reads them in one sentence. */
final class Words {
    /** A reason is for a line on a screen. */
    private static final int MOST = 240;

    private Words() {}

    static String fired(AlertRule rule, String metric, double value) {
        String line = rule.operator().words() + " " + number(rule.threshold());
        if (Double.isNaN(value)) {
            return metric + " has no value, which rule " + rule.id() + " takes for bad";
        }
        String what = rule.measure() == AlertRule.Measure.RISE
                ? metric + " rose by " + number(value) + " in ten minutes, "
                : metric + " is " + number(value) + ", ";
        return cut(what + line + (rule.hold().isZero() ? "" : " for " + span(rule.hold())));
    }

    static String cleared(AlertRule rule, double value) {
        return number(value) + " is not " + rule.operator().words() + " " + number(rule.clear());
    }

    static String number(double value) {
        if (Double.isNaN(value)) {
            return "absent";
        }
        return value == Math.rint(value) && Math.abs(value) < AlertRule.LARGEST
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.4g", value);
    }

    static String span(long millis) {
        return span(Duration.ofMillis(millis));
    }

    /** In its two largest units. */
    static String span(Duration span) {
        if (span.toDays() > 0) {
            return span.toDays() + "d" + (span.toHoursPart() == 0 ? "" : " " + span.toHoursPart() + "h");
        }
        if (span.toHours() > 0) {
            return span.toHours() + "h" + (span.toMinutesPart() == 0 ? "" : " " + span.toMinutesPart() + "m");
        }
        if (span.toMinutes() > 0) {
            return span.toMinutes() + "m" + (span.toSecondsPart() == 0 ? "" : " " + span.toSecondsPart() + "s");
        }
        return span.toSeconds() + "s";
    }

    static String cut(String text) {
        return text.length() <= MOST ? text : text.substring(0, MOST);
    }
}
