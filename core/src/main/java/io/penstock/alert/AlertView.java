package io.penstock.alert;

import io.penstock.alert.Stored.Phase;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows what is kept of alerts as people see it: with what was said of them, and with reasons. */
record AlertView(Map<String, AlertRule> rules, Marks marks, long now) {
    Alert of(Stored one) {
        AlertRule rule = rules.get(one.rule());
        AlertState state = state(one);
        long until = one.phase() == Phase.PENDING && rule != null ? watch(one).firesAt(rule) : 0;
        long acknowledged = one.phase() == Phase.FIRING ? marks.acknowledged(one.id(), one.firedMillis()) : 0;
        long silenced = marks.silencedUntil(one.id());
        return new Alert(
                one.id(),
                one.rule(),
                one.metric(),
                one.process(),
                one.severity(),
                state,
                one.value(),
                one.threshold(),
                Instant.ofEpochMilli(one.phase() == Phase.PENDING ? one.sinceMillis() : one.firedMillis()),
                instant(until),
                one.phase() == Phase.CALM ? instant(one.resolvedMillis()) : null,
                instant(acknowledged),
                instant(silenced > now ? silenced : 0),
                one.begun(),
                one.phase() == Phase.PENDING && rule != null ? watch(one).waitsFor(rule, now) : one.reason(),
                rule == null ? Map.of() : rule.tags());
    }

    private AlertState state(Stored one) {
        return switch (one.phase()) {
            case CALM -> AlertState.RESOLVED;
            case PENDING -> AlertState.PENDING;
            case FIRING ->
                marks.silenced(one.id(), now)
                        ? AlertState.SILENCED
                        : marks.acknowledged(one.id(), one.firedMillis()) != 0
                                ? AlertState.ACKNOWLEDGED
                                : AlertState.FIRING;
        };
    }

    /** Why the rule does what it does under this metric. */
    RuleStatus.Line line(AlertRule rule, String metric, String process, double value, @Nullable Stored one) {
        String id = one == null ? Board.id(rule.id(), metric, process) : one.id();
        if (one == null || one.phase() == Phase.CALM) {
            return new RuleStatus.Line(
                    metric,
                    process,
                    id,
                    null,
                    value,
                    one == null ? null : instant(one.resolvedMillis()),
                    null,
                    calm(rule, value, one));
        }
        Alert alert = of(one);
        String silence = alert.state() == AlertState.SILENCED
                ? "; silenced until " + alert.silencedUntil()
                : alert.state() == AlertState.ACKNOWLEDGED ? "; acknowledged at " + alert.acknowledgedAt() : "";
        return new RuleStatus.Line(
                metric,
                process,
                id,
                alert.state(),
                value,
                alert.since(),
                alert.pendingUntil(),
                alert.reason() + silence);
    }

    private String calm(AlertRule rule, double value, @Nullable Stored one) {
        if (!rule.enabled()) {
            return "the rule is disabled";
        }
        if (Double.isNaN(value)) {
            return rule.measure() == AlertRule.Measure.RISE
                    ? "no rise was seen, and not all of the last ten minutes were"
                    : "there is no value now, which this rule takes for "
                            + switch (rule.absent()) {
                                case IGNORE -> "nothing at all";
                                case FIRE -> "bad: it fires once it is looked at";
                                case RESOLVE -> "good";
                            };
        }
        if (rule.operator().holds(value, rule.threshold())) {
            return "the line is passed just now; the next look decides";
        }
        String what = Words.number(value) + " is not " + rule.operator().words() + " " + Words.number(rule.threshold());
        long ended = one == null ? 0 : one.resolvedMillis();
        long again = ended + rule.cooldown().toMillis();
        return ended != 0 && again > now ? what + "; not before " + instant(again) + " again" : what;
    }

    private static Watch watch(Stored one) {
        return new Watch(one, false, false, 0);
    }

    private static @Nullable Instant instant(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }
}
