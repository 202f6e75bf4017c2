package io.penstock.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.notice.Severity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StoredTest {
    @Test
    void readsWhatItWroteAndStaysWithinItsBound() {
        List<Long> fires = new ArrayList<>();
        for (int i = 0; i < AlertRule.MOST_AN_HOUR; i++) {
            fires.add(1_767_225_600_000L + i);
        }
        Stored largest = new Stored(
                Board.id("r".repeat(64), "m", ""),
                "r".repeat(64),
                "m".repeat(AlertRule.MOST_METRIC),
                "p".repeat(64),
                Stored.Phase.PENDING,
                1_767_225_600_000L,
                1_767_225_600_000L,
                1_767_225_600_000L,
                true,
                true,
                -Double.MAX_VALUE,
                -Double.MIN_VALUE,
                Severity.CRITICAL,
                Words.cut("x".repeat(10_000)),
                fires);
        assertThat(Stored.read(largest.write())).isEqualTo(largest);
        assertThat(largest.write().length()).isLessThanOrEqualTo(Stored.MOST_CHARACTERS);
        assertThat(largest.past().fires()).isEmpty();
        Stored none = new Stored(
                "a",
                "a",
                "a",
                "",
                Stored.Phase.CALM,
                0,
                0,
                0,
                false,
                false,
                Double.NaN,
                1,
                Severity.INFO,
                "",
                List.of());
        assertThat(Stored.read(none.write())).isEqualTo(none);
        assertThatThrownBy(() -> Stored.read("a\tb")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Stored.read(none.write().replace("CALM", "LOUD")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
