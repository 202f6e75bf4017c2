package io.penstock.server.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON by tokens, so that a hostile body costs no more memory than its bytes.
 *
 * <p>An object is cut into the raw slices of its fields and never becomes a tree: a 1 MiB body of {@code [0,0,...]}
 * would be 20 MiB of nodes. A payload therefore also reaches the queue byte for byte as it was sent: no number loses a
 * digit.
 */
public final class Json {
    /** Nesting of any body, as for payloads. */
    static final int MAX_DEPTH = 64;

    /** Fields of one object that a route reads; the widest has 13. */
    private static final int MAX_FIELDS = 64;

    /** Characters of one number: far above any double, far below what makes parsing quadratic. */
    private static final int MAX_NUMBER = 100;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            // always UTF-8: the offsets of slices are bytes
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER)
                    .maxStringLength(Limits.BODY_BYTES)
                    .maxNameLength(1_000)
                    .build())
            .build();

    /** Writes one document. */
    @FunctionalInterface
    public interface Writing {
        void to(JsonGenerator json) throws IOException;
    }

    private Json() {}

    /** Writes a document into memory. */
    public static byte[] bytes(Writing writing) {
        try (ByteArrayBuilder out = new ByteArrayBuilder();
                JsonGenerator json = FACTORY.createGenerator(out)) {
            writing.to(json);
            json.flush();
            return out.toByteArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing JSON into memory failed", impossible);
        }
    }

    /** Writes the fields of one object. */
    @FunctionalInterface
    public interface Inside<T> {
        void write(T item) throws IOException;
    }

    /** Writes an array with an object for each item. */
    public static <T> void objects(JsonGenerator json, String name, Iterable<T> items, Inside<? super T> fields)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (T item : items) {
            json.writeStartObject();
            fields.write(item);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Writes JSON text as it is. */
    public static void raw(JsonGenerator json, String name, byte @Nullable [] text) throws IOException {
        json.writeFieldName(name);
        json.writeRawValue(text == null ? "null" : new String(text, StandardCharsets.UTF_8));
    }

    public static void text(JsonGenerator json, String name, @Nullable String text) throws IOException {
        json.writeFieldName(name);
        json.writeString(text); // null becomes null
    }

    public static void instant(JsonGenerator json, String name, @Nullable Instant instant) throws IOException {
        text(json, name, instant == null ? null : instant.toString());
    }

    public static void duration(JsonGenerator json, String name, @Nullable Duration duration) throws IOException {
        text(json, name, duration == null ? null : Spans.format(duration));
    }

    /** Writes a number of 0 or more; a negative one stands for what nobody knows and becomes null. */
    public static void known(JsonGenerator json, String name, long number) throws IOException {
        if (number < 0) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, number);
        }
    }

    /** Writes a number to four digits behind the point; null if it is negative or none. */
    public static void known(JsonGenerator json, String name, double number) throws IOException {
        if (number >= 0 && number <= Long.MAX_VALUE) {
            rounded(json, name, number);
        } else {
            json.writeNullField(name);
        }
    }

    /** Writes a number, negative or not, to four digits behind the point; null if it is none. */
    public static void rounded(JsonGenerator json, String name, double number) throws IOException {
        if (Double.isFinite(number)) {
            json.writeNumberField(name, Math.round(number * 1e4) / 1e4);
        } else {
            json.writeNullField(name);
        }
    }

    /** Opens a parser on part of an array. */
    static JsonParser parser(Slice slice) throws IOException {
        return FACTORY.createParser(slice.bytes(), slice.from(), slice.length());
    }

    /**
     * Checks that the slice is one whole JSON value and returns it without the space around it.
     *
     * @throws Problem MALFORMED_JSON saying where it breaks; the text itself is not quoted, it may hold secrets
     */
    public static Slice value(Slice slice) {
        try (JsonParser parser = parser(slice)) {
            if (parser.nextToken() == null) {
                throw Problem.at(
                        slice.pointer(),
                        ProblemType.MALFORMED_JSON,
                        "the JSON is empty; nothing was done; send a value");
            }
            Slice value = take(parser, slice, slice.pointer());
            if (parser.nextToken() != null) {
                throw Problem.at(
                        slice.pointer(),
                        ProblemType.MALFORMED_JSON,
                        "there is more after the JSON value; nothing was done; send one value");
            }
            return value;
        } catch (IOException broken) {
            throw malformed(slice, broken);
        }
    }

    /**
     * Cuts an object into its fields, in their order.
     *
     * @throws Problem MALFORMED_JSON if it is no object or repeats a field
     */
    public static Map<String, Slice> fields(Slice slice) {
        try (JsonParser parser = parser(slice)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Problem.at(
                        slice.pointer(),
                        ProblemType.MALFORMED_JSON,
                        where(slice) + " is not a JSON object; nothing was done; send {...}");
            }
            Map<String, Slice> fields = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                Slice value = take(parser, slice, slice.pointer() + "/" + Text.pointer(name));
                if (fields.put(name, value) != null) {
                    throw Problem.at(
                            value.pointer(),
                            ProblemType.MALFORMED_JSON,
                            "the field is there twice; nothing was done; send it once");
                }
                if (fields.size() > MAX_FIELDS) {
                    throw Problem.at(
                            slice.pointer(),
                            ProblemType.TOO_LARGE,
                            where(slice) + " has more than " + MAX_FIELDS + " fields; nothing was done; send fewer");
                }
            }
            end(parser, slice);
            return fields;
        } catch (IOException broken) {
            throw malformed(slice, broken);
        }
    }

    /**
     * Cuts an array into its elements.
     *
     * @throws Problem MALFORMED_JSON if it is no array, TOO_LARGE if it has more than {@code most} elements
     */
    public static List<Slice> elements(Slice slice, int most) {
        try (JsonParser parser = parser(slice)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw Problem.at(
                        slice.pointer(),
                        ProblemType.MALFORMED_JSON,
                        where(slice) + " is not a JSON array; nothing was done; send [...]");
            }
            List<Slice> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (elements.size() == most) {
                    throw Problem.at(
                            slice.pointer(),
                            ProblemType.TOO_LARGE,
                            where(slice) + " has more than " + most
                                    + " elements; nothing was done; send them in parts");
                }
                elements.add(take(parser, slice, slice.pointer() + "/" + elements.size()));
            }
            end(parser, slice);
            return elements;
        } catch (IOException broken) {
            throw malformed(slice, broken);
        }
    }

    private static void end(JsonParser parser, Slice slice) throws IOException {
        if (parser.nextToken() != null) {
            throw Problem.at(
                    slice.pointer(),
                    ProblemType.MALFORMED_JSON,
                    "there is more after the JSON value; nothing was done; send one value");
        }
    }

    /** Cuts the value that the parser stands on out of the slice. */
    private static Slice take(JsonParser parser, Slice slice, String pointer) throws IOException {
        int begin = slice.from() + (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken(); // strings are read lazily
        int end = slice.from() + (int) parser.currentLocation().getByteOffset();
        return new Slice(slice.bytes(), begin, end, pointer);
    }

    static Problem malformed(Slice slice, IOException broken) {
        if (broken instanceof StreamConstraintsException) {
            return Problem.at(
                    slice.pointer(),
                    ProblemType.TOO_LARGE,
                    where(slice) + " passes a limit of JSON: nesting " + MAX_DEPTH + ", number " + MAX_NUMBER
                            + " digits; nothing was done; flatten it");
        }
        String place = broken instanceof JsonProcessingException json && json.getLocation() != null
                ? " at line " + json.getLocation().getLineNr() + " column "
                        + json.getLocation().getColumnNr()
                : "";
        return Problem.at(
                slice.pointer(),
                ProblemType.MALFORMED_JSON,
                where(slice) + " is not JSON in UTF-8" + place + "; nothing was done; mend it");
    }

    private static String where(Slice slice) {
        return slice.pointer().isEmpty() ? "the body" : slice.pointer();
    }
}
