package io.penstock.server.redact;

import java.io.IOException;
import java.util.List;

/**
 * Takes secrets out of whatever is shown: by the name of a field, by the shape of a value, by its place in a document.
 *
 * <p>What is taken out is replaced by {@code [redacted: what]}, so that nobody takes it for data. Immutable. Time: linear in
 * what is shown.
 */
public final class Redactor {
    /** Names and shapes that everybody knows, and no places. */
    public static final Redactor STANDARD = new Redactor(true, List.of(), List.of());

    /** Names of an operator's own at most. */
    public static final int MOST_NAMES = 64;

    private static final byte[] UNREADABLE = SecretJson.quoted(SecretText.mark("not readable as JSON"));

    private final boolean on;
    private final SecretNames names;
    private final SecretPaths paths;

    /**
     * Knows what to hide.
     *
     * @param on false = nothing, but for roles that see no values at all
     * @param names further names of fields, each found as a word
     * @param paths places such as {@code $.user.email}
     * @throws IllegalArgumentException if a path is none, or there are too many of either
     */
    public Redactor(boolean on, List<String> names, List<String> paths) {
        if (names.size() > MOST_NAMES) {
            throw new IllegalArgumentException(names.size() + " names are more than " + MOST_NAMES);
        }
        this.on = on;
        this.names = new SecretNames(names);
        this.paths = new SecretPaths(paths);
    }

    /** Returns a document without its secrets; one that cannot be read is hidden whole. */
    public byte[] json(byte[] document) {
        if (!on || document.length == 0) {
            return document;
        }
        try {
            return SecretJson.clean(names, paths, document);
        } catch (IOException broken) {
            return UNREADABLE;
        }
    }

    /** Returns a text without its secrets. */
    public String text(String text) {
        return on ? SecretText.clean(names, text) : text;
    }

    /** Returns the value of a named thing without its secrets. */
    public String named(String name, String value) {
        SecretNames.Name known = on ? names.find(name) : null;
        boolean count = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (known == null || value.isEmpty() || (count && !known.numbers())) {
            return text(value);
        }
        return SecretText.mark(known.word());
    }
}
