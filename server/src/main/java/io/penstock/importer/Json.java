package io.penstock.importer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads what other programs wrote, exactly: numbers keep their digits. */
final class Json {
    /** As deep as the server takes payloads. */
    private static final int DEEPEST = 64;

    private static final JsonMapper MAPPER = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Returns the tree, or null if the text is not JSON. */
    static @Nullable JsonNode read(byte[] text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            return node == null || node.isMissingNode() ? null : node;
        } catch (IOException notJson) {
            return null;
        }
    }

    /** Returns the text itself on one line if it is JSON, else null: what is not read anew can not change. */
    static @Nullable String raw(byte[] text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            if (parser.nextToken() == null) {
                return null;
            }
            parser.skipChildren();
            if (parser.nextToken() != null) {
                return null;
            }
        } catch (IOException notJson) {
            return null;
        }
        String line = new String(text, java.nio.charset.StandardCharsets.UTF_8);
        // a newline can only stand between values: within a string it is escaped
        return line.indexOf('\n') < 0 && line.indexOf('\r') < 0
                ? line
                : line.replace('\n', ' ').replace('\r', ' ');
    }

    /** Returns an instant of so many seconds, or of millis where the number is that large; null if it is none. */
    static @Nullable Instant seconds(JsonNode number) {
        if (!number.isNumber()) {
            return null;
        }
        BigDecimal value = number.decimalValue();
        // as seconds this would be the year 5138
        boolean millis = value.compareTo(BigDecimal.valueOf(100_000_000_000L)) > 0;
        return millis(millis ? value.longValue() : value.movePointRight(3).longValue());
    }

    static @Nullable Instant millis(long millis) {
        try {
            return millis <= 0 ? null : Instant.ofEpochMilli(millis);
        } catch (DateTimeException beyond) {
            return null;
        }
    }
}
