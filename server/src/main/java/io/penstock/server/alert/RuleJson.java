package io.penstock.server.alert;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.alert.AlertRule;
import io.penstock.alert.RuleDraft;
import io.penstock.alert.RuleStatus;
import io.penstock.notice.Severity;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An alert rule as JSON. */
final class RuleJson {
    private static final Set<String> FIELDS = Set.of(
            "metric",
            "measure",
            "operator",
            "threshold",
            "for",
            "severity",
            "cooldown",
            "mostPerHour",
            "clear",
            "hysteresis",
            "absent",
            "tags",
            "enabled",
            "channels");

    /** Of channels and of tags; the rule's own bound is tighter and names itself. */
    private static final int MOST_NAMES = 100;

    private static final double MOST = 1e15;

    private RuleJson() {}

    static void write(JsonGenerator json, AlertRule rule, RuleStatus.Origin origin) throws IOException {
        json.writeStringField("id", rule.id());
        json.writeStringField("origin", origin.wire());
        json.writeBooleanField("enabled", rule.enabled());
        json.writeStringField("metric", rule.metric());
        json.writeStringField("measure", rule.measure().wire());
        json.writeStringField("operator", rule.operator().wire());
        number(json, "threshold", rule.threshold());
        number(json, "clear", rule.clear());
        Json.duration(json, "for", rule.hold());
        json.writeStringField("severity", rule.severity().wire());
        Json.duration(json, "cooldown", rule.cooldown());
        json.writeNumberField("mostPerHour", rule.mostPerHour());
        json.writeStringField("absent", rule.absent().wire());
        json.writeObjectFieldStart("tags");
        for (Map.Entry<String, String> tag : rule.tags().entrySet()) {
            json.writeStringField(tag.getKey(), tag.getValue());
        }
        json.writeEndObject();
        json.writeArrayFieldStart("channels");
        for (String channel : rule.channels()) {
            json.writeString(channel);
        }
        json.writeEndArray();
    }

    /** As it is, not rounded: what was read and sent back must be the same rule. */
    private static void number(JsonGenerator json, String name, double value) throws IOException {
        if (value == Math.rint(value) && Math.abs(value) <= MOST) {
            json.writeNumberField(name, (long) value);
        } else {
            json.writeNumberField(name, value);
        }
    }

    /** Reads a whole rule; what is missing is as usual. */
    static AlertRule read(String id, Slice body) {
        Fields fields = Fields.of(body, FIELDS);
        String metric = fields.requiredText("metric");
        String sign = fields.requiredText("operator");
        AlertRule.Operator operator = fields.guarded("operator", () -> AlertRule.Operator.of(Text.shown(sign)));
        Double line = fields.number("threshold", -MOST, MOST);
        if (line == null) {
            throw Problem.invalid(fields.pointer("threshold"), "threshold is missing; nothing was done; send a number");
        }
        RuleDraft draft = AlertRule.draft(id, metric, operator, line);
        take(word(fields, "measure", AlertRule.Measure.values(), AlertRule.Measure::wire), draft::measure);
        take(fields.duration("for"), draft::hold);
        take(word(fields, "severity", Severity.values(), Severity::wire), draft::severity);
        take(fields.duration("cooldown"), draft::cooldown);
        take(fields.count("mostPerHour", 1, 60), draft::mostPerHour);
        take(clear(fields, operator, line), draft::clear);
        take(word(fields, "absent", AlertRule.Absent.values(), AlertRule.Absent::wire), draft::absent);
        take(fields.flag("enabled"), draft::enabled);
        take(fields.texts("channels", MOST_NAMES), draft::channels);
        draft.tags(fields.notes("tags"));
        try {
            return draft.rule();
        } catch (IllegalArgumentException illegal) {
            throw Problem.invalid("", String.valueOf(illegal.getMessage()));
        }
    }

    private static @Nullable Double clear(Fields fields, AlertRule.Operator operator, double threshold) {
        Double share = fields.number("hysteresis", 0, 0.9);
        Double clear = fields.number("clear", -MOST, MOST);
        if (share != null && clear != null) {
            throw Problem.invalid(
                    fields.pointer("hysteresis"),
                    "clear and hysteresis say the same in two ways; nothing was done; send one of them");
        }
        return share == null
                ? clear
                : fields.guarded("hysteresis", () -> AlertRule.clearAt(operator, threshold, share));
    }

    private static <T> void take(@Nullable T value, Consumer<T> into) {
        if (value != null) {
            into.accept(value);
        }
    }

    private static <E> @Nullable E word(Fields fields, String name, E[] values, Function<E, String> wire) {
        String text = fields.text(name);
        if (text == null) {
            return null;
        }
        List<String> words = Arrays.stream(values).map(wire).toList();
        int at = words.indexOf(text);
        if (at < 0) {
            throw Problem.invalid(
                    fields.pointer(name),
                    name + " \"" + Text.shown(text) + "\" is unknown; nothing was done; " + Text.legal(text, words));
        }
        return values[at];
    }
}
