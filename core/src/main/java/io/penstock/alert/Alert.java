package io.penstock.alert;

import io.penstock.notice.Severity;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One rule that is or was broken by one metric.
 *
 * @param id the same each time this rule is broken by this metric of this process
 * @param process whose metric it is; empty = of the whole Redis
 * @param value the latest that is known, of another process up to a minute old; NaN = absent
 * @param since when it began, or will have begun once it fires
 * @param pendingUntil when it fires if nothing changes; null unless it is pending
 * @param resolvedAt null unless it is over
 * @param told whether somebody was told that it began
 * @param reason one sentence on why it stands as it does
 */
public record Alert(
        String id,
        String rule,
        String metric,
        String process,
        Severity severity,
        AlertState state,
        double value,
        double threshold,
        Instant since,
        @Nullable Instant pendingUntil,
        @Nullable Instant resolvedAt,
        @Nullable Instant acknowledgedAt,
        @Nullable Instant silencedUntil,
        boolean told,
        String reason,
        Map<String, String> tags) {}
