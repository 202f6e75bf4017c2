package io.penstock.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
    private static Slice slice(String text) {
        return Slice.of(text.getBytes(UTF_8));
    }

    private static String text(Slice slice) {
        return new String(slice.copy(), UTF_8);
    }

    @Test
    void cutsEveryFieldAsItWasSent() {
        Map<String, Slice> fields = Json.fields(
                slice(
                        " {\"a\" : 1.10 ,\"b\":\"x\\n\u00fc\u4e2d\", \"c\": {\"d\":[1, 2]} , \"e\":null,\"f\":true,\"g\":12345678901234567890 } "));
        assertThat(fields.keySet()).containsExactly("a", "b", "c", "d".replace("d", "e"), "f", "g");
        assertThat(text(fields.get("a"))).isEqualTo("1.10");
        assertThat(text(fields.get("b"))).isEqualTo("\"x\\n\u00fc\u4e2d\"");
        assertThat(text(fields.get("c"))).isEqualTo("{\"d\":[1, 2]}");
        assertThat(fields.get("e").isNull()).isTrue();
        assertThat(text(fields.get("g"))).isEqualTo("12345678901234567890");
        assertThat(text(Json.fields(fields.get("c")).get("d"))).isEqualTo("[1, 2]");
    }

    @Test
    void cutsElementsAndPointsAtThem() {
        List<Slice> elements = Json.elements(slice("[{\"a\":1}, 2 ,\"\u20ac\"]"), 3);
        assertThat(elements).extracting(JsonTest::text).containsExactly("{\"a\":1}", "2", "\"\u20ac\"");
        assertThat(elements).extracting(Slice::pointer).containsExactly("/0", "/1", "/2");
        assertThatThrownBy(() -> Json.elements(slice("[1,2,3,4]"), 3)).hasMessageContaining("more than 3 elements");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"a\"",
                "{\"a\":}",
                "nul",
                "{\"a\":1}x",
                "{\"a\":1}{}",
                "'a'",
                "{a:1}",
                "[1,]",
                "\u0000",
                "{\"a\":\"\u0001\"}",
                "01",
                "+1",
                "NaN"
            })
    void refusesWhatIsNotJson(String text) {
        assertThatThrownBy(() -> Json.value(slice(text)))
                .asInstanceOf(InstanceOfAssertFactories.type(Problem.class))
                .extracting(Problem::type)
                .isEqualTo(ProblemType.MALFORMED_JSON);
    }

    @Test
    void refusesOtherEncodings() {
        assertThatThrownBy(() -> Json.value(Slice.of("{\"a\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_16))))
                .isInstanceOf(Problem.class);
        assertThatThrownBy(() -> Json.value(Slice.of(new byte[] {'"', (byte) 0xC3, '"'})))
                .isInstanceOf(Problem.class);
        assertThatThrownBy(() -> Json.value(Slice.of(new byte[] {'"', (byte) 0xFF, '"'})))
                .isInstanceOf(Problem.class);
    }

    @Test
    void refusesAFieldThatIsThereTwice() {
        assertThatThrownBy(() -> Json.fields(slice("{\"a\":1,\"a\":2}")))
                .hasMessageContaining("twice")
                .asInstanceOf(InstanceOfAssertFactories.type(Problem.class))
                .extracting(Problem::pointer)
                .isEqualTo("/a");
    }

    @Test
    void allowsTheDeepestNestingAndNothingDeeper() {
        int most = Json.MAX_DEPTH;
        assertThat(text(Json.value(slice("[".repeat(most) + "]".repeat(most))))).hasSize(2 * most);
        assertThatThrownBy(() -> Json.value(slice("[".repeat(most + 1) + "]".repeat(most + 1))))
                .asInstanceOf(InstanceOfAssertFactories.type(Problem.class))
                .extracting(Problem::type)
                .isEqualTo(ProblemType.TOO_LARGE);
    }

    @Test
    void boundsNumbersAndFields() {
        assertThatThrownBy(() -> Json.value(slice("1".repeat(101)))).isInstanceOf(Problem.class);
        StringBuilder wide = new StringBuilder("{");
        for (int i = 0; i < 65; i++) {
            wide.append(i == 0 ? "" : ",").append("\"f").append(i).append("\":0");
        }
        assertThatThrownBy(() -> Json.fields(slice(wide.append('}').toString())))
                .hasMessageContaining("more than 64 fields");
    }

    @Test
    void writesRawJsonAndNulls() {
        byte[] bytes = Json.bytes(json -> {
            json.writeStartObject();
            Json.raw(json, "a", "{\"x\":1}".getBytes(UTF_8));
            Json.raw(json, "b", null);
            Json.text(json, "c", null);
            Json.duration(json, "d", java.time.Duration.ofSeconds(90));
            json.writeEndObject();
        });
        assertThat(new String(bytes, UTF_8)).isEqualTo("{\"a\":{\"x\":1},\"b\":null,\"c\":null,\"d\":\"1m30s\"}");
    }
}
