package io.penstock.server.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, each read as what the route expects.
 *
 * <p>A field that is missing or null reads as null; a field of another kind or out of range is a {@link Problem} that
 * points at it.
 */
public final class Fields {
    /** RFC 3339 has four digits for the year. */
    private static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59Z");

    private final Slice whole;
    private final Map<String, Slice> fields;

    private Fields(Slice whole, Map<String, Slice> fields) {
        this.whole = whole;
        this.fields = fields;
    }

    /**
     * Cuts an object whose fields are all among the legal ones.
     *
     * @throws Problem UNKNOWN_FIELD naming the legal ones
     */
    public static Fields of(Slice slice, Set<String> legal) {
        Map<String, Slice> fields = Json.fields(slice);
        for (Map.Entry<String, Slice> field : fields.entrySet()) {
            if (!legal.contains(field.getKey())) {
                throw Problem.at(
                        field.getValue().pointer(),
                        ProblemType.UNKNOWN_FIELD,
                        "field \"" + Text.shown(field.getKey()) + "\" is unknown; nothing was done; "
                                + Text.legal(field.getKey(), legal));
            }
        }
        return new Fields(slice, fields);
    }

    /** Tells whether the field is there, even as null. */
    public boolean has(String name) {
        return fields.containsKey(name);
    }

    /** Returns the names that are there. */
    Set<String> names() {
        return fields.keySet();
    }

    /** Returns the field as it was sent, or null. */
    @Nullable
    public Slice raw(String name) {
        Slice slice = fields.get(name);
        return slice == null || slice.isNull() ? null : slice;
    }

    @Nullable
    public String text(String name) {
        Slice slice = raw(name);
        return slice == null ? null : text(slice);
    }

    /** Returns a string, number, true or false as it would be written on a command line. */
    @Nullable
    public String word(String name) {
        Slice slice = raw(name);
        return slice == null
                ? null
                : scalar(
                        slice,
                        "a string, a number, true or false",
                        parser -> parser.currentToken().isScalarValue() ? parser.getText() : null);
    }

    public String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw Problem.invalid(whole.pointer() + "/" + name, name + " is missing; nothing was done; send it");
        }
        return text;
    }

    @Nullable
    public Long integer(String name, long least, long most) {
        Slice slice = raw(name);
        return slice == null
                ? null
                : scalar(slice, "a whole number from " + least + " to " + most, parser -> {
                    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                            || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                        return null;
                    }
                    long number = parser.getLongValue();
                    return number < least || number > most ? null : number;
                });
    }

    @Nullable
    public Integer count(String name, int least, int most) {
        Long number = integer(name, least, most);
        return number == null ? null : number.intValue();
    }

    @Nullable
    public Double number(String name, double least, double most) {
        Slice slice = raw(name);
        return slice == null
                ? null
                : scalar(slice, "a number from " + least + " to " + most, parser -> {
                    if (!parser.currentToken().isNumeric()) {
                        return null;
                    }
                    double number = parser.getDoubleValue();
                    return number >= least && number <= most ? number : null;
                });
    }

    @Nullable
    public Boolean flag(String name) {
        Slice slice = raw(name);
        return slice == null
                ? null
                : scalar(
                        slice,
                        "true or false",
                        parser -> parser.currentToken().isBoolean() ? parser.getBooleanValue() : null);
    }

    @Nullable
    public Duration duration(String name) {
        String text = text(name);
        return text == null ? null : guarded(name, () -> Spans.parse(text));
    }

    @Nullable
    public Instant instant(String name) {
        String text = text(name);
        if (text == null) {
            return null;
        }
        try {
            Instant instant = OffsetDateTime.parse(text).toInstant();
            if (!instant.isBefore(Instant.EPOCH) && instant.isBefore(END_OF_TIME)) {
                return instant;
            }
        } catch (DateTimeParseException notOne) {
            // the message below shows the form
        }
        throw Problem.invalid(
                pointer(name),
                name + " \"" + Text.shown(text)
                        + "\" is no RFC 3339 instant from 1970 to 9999; nothing was done; write 2030-01-31T12:00:00Z");
    }

    @Nullable
    public Fields object(String name, Set<String> legal) {
        Slice slice = raw(name);
        return slice == null ? null : of(slice, legal);
    }

    /** Returns the elements of an array, or null. */
    @Nullable
    public List<Slice> array(String name, int most) {
        Slice slice = raw(name);
        return slice == null ? null : Json.elements(slice, most);
    }

    /** Returns an array of strings, or null. */
    @Nullable
    public List<String> texts(String name, int most) {
        List<Slice> slices = array(name, most);
        return slices == null ? null : slices.stream().map(Fields::text).toList();
    }

    /** Returns an object of strings; empty when it is missing. */
    public Map<String, String> notes(String name) {
        Slice slice = raw(name);
        Map<String, String> notes = new LinkedHashMap<>();
        if (slice != null) {
            Json.fields(slice).forEach((key, value) -> notes.put(key, text(value)));
        }
        return notes;
    }

    /** Returns what the reading gives; what it does not accept becomes a problem that points at the field. */
    public <T> T guarded(String name, java.util.function.Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException illegal) {
            throw Problem.invalid(pointer(name), String.valueOf(illegal.getMessage()));
        }
    }

    public String pointer(String name) {
        return whole.pointer() + "/" + name;
    }

    /** Reads a slice as a string. */
    public static String text(Slice slice) {
        return scalar(
                slice, "a string", parser -> parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : null);
    }

    private interface Reading<T> {
        /** Null = not legal. */
        @Nullable
        T of(JsonParser parser) throws IOException;
    }

    private static <T> T scalar(Slice slice, String wanted, Reading<T> reading) {
        try (JsonParser parser = Json.parser(slice)) {
            parser.nextToken();
            T value = reading.of(parser);
            if (value == null) {
                throw Problem.invalid(
                        slice.pointer(), slice.pointer() + " is not " + wanted + "; nothing was done; mend it");
            }
            return value;
        } catch (IOException broken) {
            throw Json.malformed(slice, broken);
        }
    }
}
