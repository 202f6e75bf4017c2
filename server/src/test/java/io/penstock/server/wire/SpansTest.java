package io.penstock.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SpansTest {
    @ParameterizedTest
    @CsvSource({
        "250ms,250",
        "30s,30000",
        "5m,300000",
        "1h30m,5400000",
        "7d,604800000",
        "PT30S,30000",
        "P1D,86400000",
        "0s,0",
        "1d2h3m4s5ms,93784005"
    })
    void readsBothForms(String text, long millis) {
        assertThat(Spans.parse(text)).isEqualTo(Duration.ofMillis(millis));
        assertThat(Spans.parse(Spans.format(Duration.ofMillis(millis)))).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "s", "30", "-1s", "1 s", "1x", "PT-1S", "1s1m", "9999999999999s", "P", "1.5s", "\u0661s"})
    void refusesTheRestAndShowsTheForms(String text) {
        assertThatThrownBy(() -> Spans.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT30S");
    }

    @Test
    void writesShort() {
        assertThat(Spans.format(Duration.ZERO)).isEqualTo("0s");
        assertThat(Spans.format(Duration.ofMillis(5_400_001))).isEqualTo("1h30m1ms");
    }
}
