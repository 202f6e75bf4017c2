package io.penstock.alert;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a rule fires or does not, metric by metric.
 *
 * @param evaluatedBy the process that looks at metrics of the whole Redis now; null = nobody, or it is not known
 * @param evaluatedAt when this process last looked at its rules; null = not yet
 * @param metrics those that the rule is about and this process knows, at most 100
 * @param more how many metrics there are beyond these
 */
public record RuleStatus(
        AlertRule rule,
        Origin origin,
        @Nullable String evaluatedBy,
        @Nullable Instant evaluatedAt,
        List<Line> metrics,
        int more) {
    /** Where a rule is from. */
    public enum Origin {
        /** It came with Penstock and is as it came. */
        STANDARD,
        /** It came with Penstock and somebody changed it. */
        CHANGED,
        /** Somebody made it. */
        OWN;

        /** Returns its name on the wire. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One metric under the rule.
     *
     * @param process whose metric it is; empty = of the whole Redis
     * @param alert its id
     * @param state null = nothing is wrong
     * @param value as this process reads it now, the rise where the rule is about that; NaN = absent
     * @param since since when it stands so; null = it always did, as far as is known
     * @param pendingUntil when it fires if nothing changes
     * @param reason in one sentence
     */
    public record Line(
            String metric,
            String process,
            String alert,
            @Nullable AlertState state,
            double value,
            @Nullable Instant since,
            @Nullable Instant pendingUntil,
            String reason) {}
}
