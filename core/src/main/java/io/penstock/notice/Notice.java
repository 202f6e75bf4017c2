package io.penstock.notice;

import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;

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
    /** Longest summary: two or three sentences, so that a full outbox is bounded in people as well as in bytes. */
    private static final int MOST_SUMMARY = 1_000;

    /** Longest name, tag or value of one. */
    private static final int MOST_NAME = 256;

    private static final int MOST_TAGS = 20;

    /** Copies the tags, and cuts what is too long: whoever tells of trouble must not be refused for its length. */
    public Notice {
        alert = cut(alert, MOST_NAME);
        rule = cut(rule, MOST_NAME);
        metric = cut(metric, MOST_NAME);
        summary = cut(summary, MOST_SUMMARY);
        tags = tags.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .limit(MOST_TAGS)
                .collect(Collectors.toUnmodifiableMap(
                        tag -> cut(tag.getKey(), MOST_NAME), tag -> cut(tag.getValue(), MOST_NAME), (a, b) -> a));
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "\u2026";
    }

    /** Returns about how many bytes of heap it takes: two a character and what objects cost. */
    int bytes() {
        int characters = alert.length() + rule.length() + metric.length() + summary.length();
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            characters += 50 + tag.getKey().length() + tag.getValue().length();
        }
        return 200 + 2 * characters;
    }

    /** Returns this with more said in the summary. */
    Notice adding(String more) {
        return new Notice(alert, rule, metric, severity, state, value, threshold, summary + more, since, tags);
    }
}
