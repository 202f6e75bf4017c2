package io.penstock.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FieldsTest {
    private static Fields of(String json) {
        return Fields.of(Slice.of(json.getBytes(UTF_8)), Set.of("a", "delay", "maxAttempts", "at"));
    }

    @Test
    void namesTheLegalFieldsAndTheLikelyOne() {
        assertThatThrownBy(() -> of("{\"maxAttemts\":1}"))
                .hasMessageContaining("\"maxAttemts\" is unknown")
                .hasMessageContaining("did you mean \"maxAttempts\"?")
                .hasMessageContaining("delay");
    }

    @Test
    void readsEachKind() {
        assertThat(of("{\"a\":\"x\"}").text("a")).isEqualTo("x");
        assertThat(of("{\"a\":5}").integer("a", 0, 5)).isEqualTo(5);
        assertThat(of("{\"a\":0.5}").number("a", 0, 1)).isEqualTo(0.5);
        assertThat(of("{\"a\":true}").flag("a")).isTrue();
        assertThat(of("{\"delay\":\"1m\"}").duration("delay")).isEqualTo(Duration.ofMinutes(1));
        assertThat(of("{\"at\":\"2030-01-01T00:00:00+01:00\"}").instant("at"))
                .isEqualTo(Instant.parse("2029-12-31T23:00:00Z"));
        assertThat(of("{\"a\":[\"x\",\"y\"]}").texts("a", 2)).containsExactly("x", "y");
        assertThat(of("{\"a\":{\"k\":\"v\"}}").notes("a")).containsEntry("k", "v");
    }

    @Test
    void readsMissingAndNullAlike() {
        assertThat(of("{}").text("a")).isNull();
        assertThat(of("{\"a\":null}").text("a")).isNull();
        assertThat(of("{\"a\":null}").integer("a", 0, 1)).isNull();
        assertThat(of("{\"a\":null}").has("a")).isTrue();
        assertThatThrownBy(() -> of("{}").requiredText("a")).hasMessageContaining("a is missing");
    }

    @Test
    void refusesOtherKindsAndRanges() {
        assertThatThrownBy(() -> of("{\"a\":1}").text("a")).hasMessageContaining("not a string");
        assertThatThrownBy(() -> of("{\"a\":1.5}").integer("a", 0, 9)).hasMessageContaining("whole number from 0 to 9");
        assertThatThrownBy(() -> of("{\"a\":\"1\"}").integer("a", 0, 9)).hasMessageContaining("whole number");
        assertThatThrownBy(() -> of("{\"a\":10}").integer("a", 0, 9)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> of("{\"a\":99999999999999999999}").integer("a", 0, Long.MAX_VALUE))
                .isInstanceOf(Problem.class);
        assertThatThrownBy(() -> of("{\"a\":1e999}").number("a", 0, 1)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> of("{\"a\":1}").flag("a")).hasMessageContaining("true or false");
        assertThatThrownBy(() -> of("{\"delay\":\"soon\"}").duration("delay")).hasMessageContaining("is no duration");
        assertThatThrownBy(() -> of("{\"at\":\"tomorrow\"}").instant("at")).hasMessageContaining("RFC 3339");
        assertThatThrownBy(() -> of("{\"at\":\"+999999999-01-01T00:00:00Z\"}").instant("at"))
                .hasMessageContaining("RFC 3339");
    }

    @Test
    void neverRepeatsAHostileNameAsItIs() {
        assertThatThrownBy(() -> of("{\"x\\u0000y\\nz" + "w".repeat(300) + "\":1}"))
                .satisfies(error -> assertThat(error.getMessage())
                        .doesNotContain("\n")
                        .doesNotContain("\u0000")
                        .hasSizeLessThan(400));
    }
}
