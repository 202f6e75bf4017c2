package io.penstock.notice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OutboxTest {
    private final Outbox outbox = new Outbox();

    private static List<String> alerts(List<Notice> notices) {
        return notices.stream().map(Notice::alert).toList();
    }

    @Test
    void keepsTheOrderOfTheFirstWordAndOnlyTheLastWordOfEachAlert() {
        outbox.add(Notices.firing("a"));
        outbox.add(Notices.firing("b"));
        outbox.add(Notices.of("a", Severity.WARNING, "resolved"));
        assertThat(outbox.collapsed()).isEqualTo(1);
        List<Notice> taken = outbox.take(10);
        assertThat(alerts(taken)).containsExactly("a", "b");
        assertThat(taken.get(0).state()).isEqualTo("resolved");
        assertThat(outbox.bytes()).isZero();
        assertThat(outbox.size()).isZero();
    }

    @Test
    void dropsTheOldestOfTheMildestWhenThereAreTooMany() {
        for (int i = 0; i < Outbox.MOST; i++) {
            outbox.add(Notices.of("n" + i, i == 3 || i == 7 ? Severity.INFO : Severity.ERROR, "firing"));
        }
        assertThat(outbox.add(Notices.of("x", Severity.WARNING, "firing"))).isEqualTo(1);
        assertThat(outbox.add(Notices.of("y", Severity.WARNING, "firing"))).isEqualTo(1);
        assertThat(outbox.add(Notices.of("z", Severity.INFO, "firing"))).isEqualTo(1);
        List<String> left = alerts(outbox.take(Integer.MAX_VALUE));
        assertThat(left).hasSize(Outbox.MOST).contains("x", "y", "n0").doesNotContain("n3", "n7", "z");
    }

    @Test
    void neverHoldsMoreBytesThanItMay() {
        Map<String, String> tags = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            tags.put("k" + i + "x".repeat(1_000), "v".repeat(1_000));
        }
        int dropped = 0;
        for (int i = 0; i < 100; i++) {
            dropped += outbox.add(new Notice(
                    "a" + i,
                    "r".repeat(10_000),
                    "m",
                    Severity.ERROR,
                    "firing",
                    1,
                    1,
                    "s".repeat(100_000),
                    Instant.EPOCH,
                    tags));
            assertThat(outbox.bytes()).isLessThanOrEqualTo(Outbox.MOST_BYTES);
        }
        assertThat(dropped).isPositive();
        assertThat(outbox.size()).isEqualTo(100 - dropped).isPositive();
        assertThat(outbox.take(1).get(0).summary()).hasSize(1_000);
    }
}
