package io.penstock.notice;

import java.time.Instant;
import java.util.Map;

/**
 * One piece of news: an alert that began, changed or ended.
 *
 * @param alert id of the alert; the same for its beginning and its end, so that a receiver can join them
 * @param rule name of the rule that spoke
 * @param metric what was measured
 * @param state {@code firing}, {@code resolved}, or {@code test} for a trial of a channel
 * @param value the latest value; NaN = absent
 * @param summary one sentence for a person, without secrets
 * @param since when the alert began
 * @param tags of the rule
 */
public record Notice(
        String alert,
        String rule,
        String metric,
        Severity severity,
        String state,
        double value,
        double threshold,
        String summary,
        Instant since,
        Map<String, String> tags) {
    /** Copies the tags. */
    public Notice {
        tags = Map.copyOf(tags);
    }
}
