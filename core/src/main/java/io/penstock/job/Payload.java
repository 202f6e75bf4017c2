package io.penstock.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;

/**
 * The data of a job on the wire: plain JSON, read into the class that this side chose.
 *
 * <p>There is no polymorphic typing and no class name in the data, so whoever can write to Redis can not choose what
 * code runs here. Fields that the class does not know are ignored: producers may be newer than workers.
 */
public final class Payload {
    /** Bytes of one payload unless the queue says otherwise. */
    public static final int DEFAULT_MAX_BYTES = 256 << 10;

    /** Nesting that a payload may have; deeper ones are attacks. */
    public static final int MAX_DEPTH = 64;

    private static final ObjectMapper MAPPER = mapper();

    private Payload() {}

    private static ObjectMapper mapper() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .build();
        return JsonMapper.builder(factory)
                .addModule(new JavaTimeModule())
                .findAndAddModules()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(
                        SerializationFeature.WRITE_DATES_AS_TIMESTAMPS,
                        SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .build();
    }

    /**
     * Writes a value as JSON in UTF-8.
     *
     * @throws IllegalArgumentException naming the class if it cannot be written
     */
    public static byte[] encode(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException unwritable) {
            throw new IllegalArgumentException(
                    "payload of " + value.getClass().getName() + " cannot be written as JSON: "
                            + unwritable.getOriginalMessage() + "; nothing was enqueued; use a record of plain values",
                    unwritable);
        }
    }

    /**
     * Reads JSON into a value of this class.
     *
     * @throws IllegalArgumentException saying where the text does not fit; the text itself is not quoted, it may hold secrets
     */
    public static <T> T decode(byte[] json, int offset, int length, Class<T> type) {
        try {
            return MAPPER.readValue(json, offset, length, type);
        } catch (JsonProcessingException unreadable) {
            throw new IllegalArgumentException(
                    "payload of " + length + " bytes does not read as " + type.getName() + " at " + where(unreadable)
                            + "; the attempt fails; mend the producer or the class",
                    unreadable);
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory failed", impossible);
        }
    }

    /** Reads JSON into a value of this class. */
    public static <T> T decode(byte[] json, Class<T> type) {
        return decode(json, 0, json.length, type);
    }

    /** Reads JSON into a tree. */
    public static JsonNode tree(byte[] json) {
        return decode(json, JsonNode.class);
    }

    private static String where(JsonProcessingException error) {
        return error.getLocation() == null
                ? "an unknown place"
                : "line " + error.getLocation().getLineNr() + " column "
                        + error.getLocation().getColumnNr();
    }
}
