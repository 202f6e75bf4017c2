package io.penstock.server.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WordingTest {
    private final Notice firing = Notices.of("a", Severity.ERROR, "firing");

    @Test
    void saysWhatAPersonWantsToKnow() {
        assertThat(Wording.title(List.of(firing), 100)).isEqualTo("[ERROR] mail-backlog");
        assertThat(Wording.lines(firing))
                .containsExactly(
                        "[ERROR] mail-backlog: 1,234 jobs wait in queue mail",
                        "queue.mail.waiting = 1234.5 (threshold 1000)",
                        "since 2026-01-02T03:04:05Z",
                        "team=post");
        Notice over = Notices.of("b", Severity.CRITICAL, "resolved");
        assertThat(Wording.title(List.of(firing, over), 100)).isEqualTo("[ERROR] 1 firing, 1 resolved");
        assertThat(Wording.lines(over)).contains("began 2026-01-02T03:04:05Z");
    }

    @Test
    void keepsEveryLineALine() {
        assertThat(Wording.lines(Notices.hostile())).allMatch(line -> !line.matches("(?s).*[\\p{Cntrl}\\p{Cf}].*"));
        assertThat(Wording.title(List.of(Notices.hostile()), 60)).hasSizeLessThanOrEqualTo(60);
    }

    @Test
    void fitsIntoTheBytesThereAre() {
        String wide = "\u4e2d".repeat(3_000);
        String one = Wording.fit(List.of(wide), "\n", 4_000);
        assertThat(one.getBytes(StandardCharsets.UTF_8).length).isBetween(2_500, 4_000);
        String many = Wording.fit(Collections.nCopies(20, "x".repeat(300)), "\n", 4_000);
        assertThat(many).endsWith("\n7 more not shown");
        assertThat(many.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(4_000);
        assertThat(Wording.fit(List.of("a", "b"), "-", 100)).isEqualTo("a-b");
    }

    @Test
    void writesNumbersAsPeopleDo() {
        assertThat(Wording.number(12)).isEqualTo("12");
        assertThat(Wording.number(0.25)).isEqualTo("0.25");
        assertThat(Wording.number(1.0 / 3)).isEqualTo("0.3333");
        assertThat(Wording.number(Double.NaN)).isEqualTo("unknown");
    }
}
