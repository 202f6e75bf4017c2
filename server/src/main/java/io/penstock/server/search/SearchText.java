package io.penstock.server.search;

import io.penstock.job.JobState;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What people type to find jobs: {@code state:failed type:mail.* "connection refused"}.
 *
 * <p>Words with a colon are qualifiers, all others stand in the id or the type. Quotes hold a value together; a backslash in them
 * keeps the next character as it is. Bound: {@value #MOST} characters.
 */
public final class SearchText {
    /** Characters of a search, and of one value. */
    public static final int MOST = 500;

    /** The qualifiers, in the order in which they are offered. */
    public static final List<String> QUALIFIERS = List.of("id", "type", "state", "queue", "group", "error", "key");

    private final String text;
    private final Map<String, String> values = new HashMap<>();
    private final List<String> words = new ArrayList<>();
    private int at;

    private SearchText(String text) {
        this.text = text;
    }

    /**
     * Reads a search.
     *
     * @param given qualifiers that came otherwise, by name; null values say nothing
     * @throws Problem INVALID_VALUE naming the legal qualifiers and the one that was likely meant
     */
    public static JobFilter read(@Nullable String text, Map<String, @Nullable String> given) {
        SearchText search = new SearchText(text == null ? "" : text);
        if (search.text.length() > MOST) {
            throw refused("it has " + search.text.length() + " characters, and at most " + MOST + " are read");
        }
        given.forEach((name, value) -> {
            if (value != null) {
                search.put(name, value);
            }
        });
        while (search.more()) {
            search.term();
        }
        return search.filter();
    }

    private static Problem refused(String why) {
        return Problem.of(ProblemType.INVALID_VALUE, "this search cannot be read: " + why + "; nothing was done");
    }

    private boolean more() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at < text.length();
    }

    private void term() {
        int begin = at;
        while (at < text.length() && !Character.isWhitespace(text.charAt(at)) && text.charAt(at) != '"') {
            if (text.charAt(at) == ':') {
                String name = text.substring(begin, at++);
                qualified(name, value());
                return;
            }
            at++;
        }
        at = begin;
        words.add(value());
    }

    private void qualified(String name, String value) {
        if (!QUALIFIERS.contains(name)) {
            throw refused("\"" + Text.shown(name) + ":\" is no qualifier; " + Text.legal(name, QUALIFIERS)
                    + ", or put quotes around text with a colon");
        }
        if (value.isEmpty()) {
            throw refused(name + ": has no value; write " + name + ":VALUE or " + name + ":\"A VALUE\"");
        }
        put(name, value);
    }

    private void put(String name, String value) {
        String before = values.putIfAbsent(name, value);
        if (before != null && !before.equals(value)) {
            throw refused(name + " is asked for twice, as \"" + Text.shown(before) + "\" and \"" + Text.shown(value)
                    + "\"; ask for one" + (name.equals("state") ? ", or for state:failed,cancelled" : ""));
        }
    }

    /** Reads up to the next space, or what stands in quotes. */
    private String value() {
        StringBuilder value = new StringBuilder();
        boolean quoted = at < text.length() && text.charAt(at) == '"';
        if (!quoted) {
            while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
                value.append(text.charAt(at++));
            }
            return value.toString();
        }
        for (at++; at < text.length(); at++) {
            char next = text.charAt(at);
            if (next == '"') {
                at++;
                return value.toString();
            }
            if (next == '\\' && at + 1 < text.length()) {
                next = text.charAt(++at);
            }
            value.append(next);
        }
        throw refused("a quote is not closed");
    }

    private JobFilter filter() {
        words.removeIf(String::isEmpty);
        return new JobFilter(
                values.get("queue"),
                states(values.get("state")),
                values.get("id"),
                values.get("type"),
                values.get("group"),
                values.get("error"),
                values.get("key"),
                words,
                null);
    }

    /**
     * Reads states with commas between them.
     *
     * @throws Problem INVALID_VALUE naming the legal ones
     */
    public static Set<JobState> states(@Nullable String wire) {
        Set<JobState> states = new LinkedHashSet<>();
        for (String each : wire == null ? new String[0] : wire.split(",", 8)) {
            try {
                states.add(JobState.of(each.strip()));
            } catch (IllegalArgumentException unknown) {
                throw refused("state \"" + Text.shown(each)
                        + "\" is unknown: use waiting, delayed, active, blocked, completed, failed or cancelled");
            }
        }
        return states;
    }
}
