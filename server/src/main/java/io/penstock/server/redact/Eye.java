package io.penstock.server.redact;

import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one caller may see of jobs: the truth, the truth without secrets, or no values at all.
 *
 * <p>Every view of a job asks for one, so that none can be written that forgets who looks. Immutable.
 */
public final class Eye {
    private static final String HIDDEN = "[hidden: this role sees no payloads]";
    private static final byte[] HIDDEN_JSON = SecretJson.quoted(HIDDEN);
    private static final byte[] BEGIN = "\"[redacted: ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] BEGIN_HIDDEN = "\"[hidden: ".getBytes(StandardCharsets.UTF_8);

    private final Redactor redactor;
    private final Sight sight;

    /** How much of values is seen. */
    public enum Sight {
        /** A program that made the job or runs it: it cannot work with less. */
        TRUE,
        /** A person who looks after jobs. */
        REDACTED,
        /** A person who looks on. */
        NONE
    }

    public Eye(Redactor redactor, Sight sight) {
        this.redactor = redactor;
        this.sight = sight;
    }

    /** Returns a payload, result or the like as it may be seen; null stays null. */
    public byte @Nullable [] value(byte @Nullable [] json) {
        if (json == null || sight == Sight.TRUE) {
            return json;
        }
        return sight == Sight.NONE ? HIDDEN_JSON : redactor.json(json);
    }

    /** Returns progress as it may be seen: a plain number is nobody's secret. */
    public byte @Nullable [] progress(@Nullable String json) {
        if (json == null) {
            return null;
        }
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return bytes.length < 20 && json.matches("[0-9.]+") ? bytes : value(bytes);
    }

    /** Returns a text as it may be seen: an error, a log line, a key. */
    public @Nullable String text(@Nullable String text) {
        return text == null || sight == Sight.TRUE ? text : redactor.text(text);
    }

    /** Returns notes as they may be seen. */
    public Map<String, String> notes(Map<String, String> notes) {
        if (sight == Sight.TRUE) {
            return notes;
        }
        Map<String, String> seen = new LinkedHashMap<>();
        notes.forEach((name, value) ->
                seen.put(redactor.text(name), sight == Sight.NONE ? HIDDEN : redactor.named(name, value)));
        return seen;
    }

    /** Tells whether everything is seen as it is, so that a part of a text can be told without the rest. */
    public boolean plain() {
        return sight == Sight.TRUE;
    }

    /** Tells whether values are seen at all; a version made of them would give them away by trying. */
    public boolean seesValues() {
        return sight != Sight.NONE;
    }

    /**
     * Refuses a document that holds what stands in the place of a secret, unless the one that it replaces does too.
     *
     * <p>Refused rather than mended from what is stored: who may not see a secret must not be able to send it elsewhere by
     * changing what stands beside it.
     *
     * @param wished what shall be stored
     * @param stored what is, null = nothing
     * @throws Problem INVALID_VALUE
     */
    public static void refuseMarks(byte[] wished, byte @Nullable [] stored, String pointer) {
        boolean marks = holds(wished, BEGIN) || holds(wished, BEGIN_HIDDEN);
        boolean before = stored != null && (holds(stored, BEGIN) || holds(stored, BEGIN_HIDDEN));
        if (marks && !before) {
            throw Problem.invalid(
                    pointer,
                    "the payload holds \"[redacted: …]\" or \"[hidden: …]\", which stands for a value that was not shown;"
                            + " nothing was done; send the true value there, or leave the payload out to keep it whole");
        }
    }

    /** Refuses as {@link #refuseMarks(byte[], byte[], String)} does, a part of a body. */
    public static void refuseMarks(Slice wished, byte @Nullable [] stored) {
        refuseMarks(wished.copy(), stored, wished.pointer());
    }

    private static boolean holds(byte[] text, byte[] part) {
        for (int i = 0; i + part.length <= text.length; i++) {
            int same = 0;
            while (same < part.length && text[i + same] == part[same]) {
                same++;
            }
            if (same == part.length) {
                return true;
            }
        }
        return false;
    }
}
