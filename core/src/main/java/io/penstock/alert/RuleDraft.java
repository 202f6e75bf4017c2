package io.penstock.alert;

import io.penstock.notice.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** An {@link AlertRule} in the making; {@link #rule} checks it. Not thread-safe. */
public final class RuleDraft {
    /** Nobody acts twice on one thing within minutes; sooner it is the same trouble. */
    static final Duration USUAL_COOLDOWN = Duration.ofMinutes(10);

    /** With the cooldown of ten minutes six an hour are possible; four say that it comes and goes. */
    static final int USUAL_MOST = 4;

    private final String id;
    private final String metric;
    private final AlertRule.Operator operator;
    private final double threshold;
    private AlertRule.Measure measure = AlertRule.Measure.VALUE;
    private Duration hold = Duration.ZERO;
    private Severity severity = Severity.WARNING;
    private Duration cooldown = USUAL_COOLDOWN;
    private int mostPerHour = USUAL_MOST;
    private double clear;
    private AlertRule.Absent absent = AlertRule.Absent.IGNORE;
    private Map<String, String> tags = Map.of();
    private boolean enabled = true;
    private List<String> channels = List.of();

    RuleDraft(String id, String metric, AlertRule.Operator operator, double threshold) {
        this.id = id;
        this.metric = metric;
        this.operator = operator;
        this.threshold = threshold;
        this.clear = threshold;
    }

    /** Compares this of the metric. */
    public RuleDraft measure(AlertRule.Measure what) {
        measure = what;
        return this;
    }

    /** Fires once it was so for this long. */
    public RuleDraft hold(Duration span) {
        hold = span;
        return this;
    }

    /** Is this bad. */
    public RuleDraft severity(Severity how) {
        severity = how;
        return this;
    }

    /** Fires again no sooner than this after its end. */
    public RuleDraft cooldown(Duration span) {
        cooldown = span;
        return this;
    }

    /** Fires at most so often in an hour. */
    public RuleDraft mostPerHour(int times) {
        mostPerHour = times;
        return this;
    }

    /** Ends once the value is back over this line. */
    public RuleDraft clear(double line) {
        clear = line;
        return this;
    }

    /** Takes a missing value for this. */
    public RuleDraft absent(AlertRule.Absent meaning) {
        absent = meaning;
        return this;
    }

    /** Carries these. */
    public RuleDraft tags(Map<String, String> all) {
        tags = all;
        return this;
    }

    /** Is looked at, or only kept. */
    public RuleDraft enabled(boolean yes) {
        enabled = yes;
        return this;
    }

    /** Is told through these only. */
    public RuleDraft channels(List<String> ids) {
        channels = ids;
        return this;
    }

    /**
     * Returns the rule.
     *
     * @throws IllegalArgumentException naming the first field that is not legal
     */
    public AlertRule rule() {
        return new AlertRule(
                id,
                metric,
                measure,
                operator,
                threshold,
                hold,
                severity,
                cooldown,
                mostPerHour,
                clear,
                absent,
                tags,
                enabled,
                channels);
    }
}
