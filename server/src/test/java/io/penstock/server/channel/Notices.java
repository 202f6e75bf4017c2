package io.penstock.server.channel;

import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import java.time.Instant;
import java.util.Map;

/** Notices for tests, some of them hostile. */
final class Notices {
    private Notices() {}

    static Notice of(String alert, Severity severity, String state) {
        return new Notice(
                alert,
                "mail-backlog",
                "queue.mail.waiting",
                severity,
                state,
                1234.5,
                1000,
                "1,234 jobs wait in queue mail",
                Instant.parse("2026-01-02T03:04:05Z"),
                Map.of("team", "post"));
    }

    /** Everything that any receiver could take for markup, and as long as it may be. */
    static Notice hostile() {
        String text =
                "<!channel> <@all> @all [link](https://evil.example) **bold** `code` \"quoted\" \\ \r\nBcc: a@evil.example\r\n"
                        + "\u202e\u0000 \u4e2d".repeat(2_000);
        return new Notice(
                "a\r\nb",
                text,
                text,
                Severity.CRITICAL,
                "firing",
                Double.NaN,
                1,
                text,
                Instant.EPOCH,
                Map.of(text, text));
    }
}
