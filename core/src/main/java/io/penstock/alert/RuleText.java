package io.penstock.alert;

import io.penstock.notice.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A rule as text: a line for each field, {@code name=value}. No value has a line break, so nothing is escaped.
 *
 * <p>It is compared byte by byte where two processes change a rule at once, so equal rules have equal texts. Unknown
 * lines are skipped: an older process reads the rules of a newer one.
 */
final class RuleText {
    private RuleText() {}

    static String write(AlertRule rule) {
        StringBuilder text = new StringBuilder();
        line(text, "metric", rule.metric());
        line(text, "measure", rule.measure().wire());
        line(text, "operator", rule.operator().wire());
        line(text, "threshold", Double.toString(rule.threshold()));
        line(text, "for", Long.toString(rule.hold().toMillis()));
        line(text, "severity", rule.severity().wire());
        line(text, "cooldown", Long.toString(rule.cooldown().toMillis()));
        line(text, "mostPerHour", Integer.toString(rule.mostPerHour()));
        line(text, "clear", Double.toString(rule.clear()));
        line(text, "absent", rule.absent().wire());
        line(text, "enabled", Boolean.toString(rule.enabled()));
        rule.tags().forEach((name, value) -> line(text, "tag." + name, value));
        rule.channels().forEach(channel -> line(text, "channel." + channel, ""));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append('=').append(value).append('\n');
    }

    /** @throws IllegalArgumentException if it is no rule */
    static AlertRule read(String id, String text) {
        Map<String, String> fields = new TreeMap<>();
        Map<String, String> tags = new TreeMap<>();
        List<String> channels = new ArrayList<>();
        text.lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals < 0) {
                return;
            }
            String name = line.substring(0, equals);
            String value = line.substring(equals + 1);
            if (name.startsWith("tag.")) {
                tags.put(name.substring(4), value);
            } else if (name.startsWith("channel.")) {
                channels.add(name.substring(8));
            } else {
                fields.put(name, value);
            }
        });
        double threshold = Double.parseDouble(field(fields, "threshold"));
        return AlertRule.draft(id, field(fields, "metric"), AlertRule.Operator.of(field(fields, "operator")), threshold)
                .measure(AlertRule.Measure.valueOf(word(fields, "measure")))
                .hold(Duration.ofMillis(Long.parseLong(field(fields, "for"))))
                .severity(Severity.valueOf(word(fields, "severity")))
                .cooldown(Duration.ofMillis(Long.parseLong(field(fields, "cooldown"))))
                .mostPerHour(Integer.parseInt(field(fields, "mostPerHour")))
                .clear(Double.parseDouble(field(fields, "clear")))
                .absent(AlertRule.Absent.valueOf(word(fields, "absent")))
                .enabled(Boolean.parseBoolean(field(fields, "enabled")))
                .tags(tags)
                .channels(channels)
                .rule();
    }

    private static String word(Map<String, String> fields, String name) {
        return field(fields, name).toUpperCase(Locale.ROOT);
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("rule has no line \"" + name + "=\"");
        }
        return value;
    }
}
