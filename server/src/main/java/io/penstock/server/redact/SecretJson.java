package io.penstock.server.redact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One JSON document on its way out: the bytes of secrets are cut out of it, all others stay as they are.
 *
 * <p>Read once by tokens, never as a tree; no number loses a digit.
 */
final class SecretJson {
    private static final int MOST_DEPTH = 1_000;
    private static final int LONGEST_STRING = 64 << 20;
    private static final int MOST_SEEN = 256;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MOST_DEPTH)
                    .maxStringLength(LONGEST_STRING)
                    .maxNameLength(LONGEST_STRING)
                    .maxNumberLength(LONGEST_STRING)
                    .build())
            .build();

    private final SecretNames names;
    private final byte[] document;
    private final Deque<Level> levels = new ArrayDeque<>();
    private @Nullable ByteArrayOutputStream out;
    private int copied;

    /** Names are the same again and again in the lists that make a document large. */
    private final Map<String, Optional<SecretNames.Name>> seen = new HashMap<>();

    /** What encloses the value at hand. */
    private static final class Level {
        final boolean array;
        final SecretNames.@Nullable Name name;
        final List<SecretPaths.Place> places;
        int next;

        Level(boolean array, SecretNames.@Nullable Name name, List<SecretPaths.Place> places) {
            this.array = array;
            this.name = name;
            this.places = places;
        }
    }

    private SecretJson(SecretNames names, byte[] document) {
        this.names = names;
        this.document = document;
    }

    /**
     * Returns the document as it may be shown; the same array if there is nothing to hide.
     *
     * @throws IOException if it is no JSON
     */
    static byte[] clean(SecretNames names, SecretPaths paths, byte[] document) throws IOException {
        return new SecretJson(names, document).run(paths);
    }

    private byte[] run(SecretPaths paths) throws IOException {
        try (JsonParser parser = FACTORY.createParser(document)) {
            SecretNames.Name name = null;
            List<SecretPaths.Place> places = paths.roots();
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                Level level = levels.peek();
                if (token == JsonToken.FIELD_NAME) {
                    name = field(parser);
                    places = level == null ? List.of() : SecretPaths.into(level.places, parser.currentName(), -1);
                } else if (token.isStructEnd()) {
                    levels.pop();
                } else {
                    if (level != null && level.array) {
                        name = null;
                        places = SecretPaths.into(level.places, null, level.next++);
                    }
                    value(parser, token, name == null && level != null ? level.name : name, places);
                }
            }
        }
        ByteArrayOutputStream made = out;
        if (made == null) {
            return document;
        }
        made.write(document, copied, document.length - copied);
        return made.toByteArray();
    }

    /** A name may be a secret itself, where somebody counts by it. */
    private SecretNames.@Nullable Name field(JsonParser parser) throws IOException {
        String field = parser.currentName();
        Optional<SecretNames.Name> known = seen.get(field);
        if (known != null) {
            return known.orElse(null);
        }
        SecretNames.Name name = names.find(field);
        String clean = SecretText.clean(names, field);
        if (!clean.equals(field)) {
            int from = (int) parser.currentTokenLocation().getByteOffset();
            int to = from + 1;
            while (document[to] != '"') {
                to += document[to] == '\\' ? 2 : 1;
            }
            replace(from, to + 1, clean);
        } else if (seen.size() < MOST_SEEN) {
            seen.put(field, Optional.ofNullable(name));
        }
        return name;
    }

    private void value(
            JsonParser parser, JsonToken token, SecretNames.@Nullable Name name, List<SecretPaths.Place> places)
            throws IOException {
        boolean whole = token != JsonToken.VALUE_NULL && name != null && name.numbers();
        if (SecretPaths.reached(places)) {
            cut(parser, SecretText.mark("path"));
        } else if (whole && name != null) {
            cut(parser, SecretText.mark(name.word()));
        } else if (token.isStructStart()) {
            levels.push(new Level(token == JsonToken.START_ARRAY, name, places));
        } else if (token == JsonToken.VALUE_STRING) {
            String text = parser.getText();
            boolean secret = !text.isEmpty() && !SecretText.marked(text);
            String clean = name != null && secret ? SecretText.mark(name.word()) : SecretText.clean(names, text);
            if (!clean.equals(text)) {
                cut(parser, clean);
            }
        } else if (token == JsonToken.VALUE_NUMBER_INT && CardNumber.is(parser.getText())) {
            cut(parser, SecretText.mark("card number"));
        }
    }

    private void cut(JsonParser parser, String instead) throws IOException {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        int to;
        if (parser.currentToken().isNumeric()) {
            to = from + parser.getTextLength(); // the parser may have looked beyond it
        } else {
            parser.skipChildren();
            parser.finishToken(); // strings are read lazily
            to = (int) parser.currentLocation().getByteOffset();
        }
        replace(from, to, instead);
    }

    private void replace(int from, int to, String instead) {
        ByteArrayOutputStream made = out == null ? new ByteArrayOutputStream(document.length) : out;
        made.write(document, copied, from - copied);
        made.writeBytes(quoted(instead));
        out = made;
        copied = to;
    }

    static byte[] quoted(String text) {
        String inside = new String(JsonStringEncoder.getInstance().quoteAsString(text));
        return ('"' + inside + '"').getBytes(StandardCharsets.UTF_8);
    }
}
