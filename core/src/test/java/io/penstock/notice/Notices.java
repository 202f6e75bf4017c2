package io.penstock.notice;

import java.time.Instant;
import java.util.Map;

/** Notices for tests. */
final class Notices {
    private Notices() {}

    static Notice of(String alert, Severity severity, String state) {
        return new Notice(
                alert,
                "rule-" + alert,
                "queue.mail.waiting",
                severity,
                state,
                12,
                10,
                "too many wait",
                Instant.EPOCH,
                Map.of("team", "a"));
    }

    static Notice firing(String alert) {
        return of(alert, Severity.WARNING, "firing");
    }
}
