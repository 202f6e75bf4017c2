package io.penstock.server.search;

import io.penstock.server.caller.Caller;
import java.util.List;

/**
 * The queues that somebody may see and touch.
 *
 * @param patterns as of {@link Caller#queues}; empty = all queues
 */
public record Scope(List<String> patterns) {
    /** All queues. */
    public static final Scope ALL = new Scope(List.of());

    public Scope {
        patterns = List.copyOf(patterns);
    }

    /** Returns the queues of a caller. */
    public static Scope of(Caller caller) {
        return new Scope(caller.queues());
    }

    /** Tells whether a queue is among them. */
    public boolean has(String queue) {
        return Caller.sees(patterns, queue);
    }

    /** Tells whether a text fits a pattern with {@code *} for any characters; by hand, because a pattern of a stranger must not become an expression. */
    static boolean fits(String pattern, String text) {
        int star = -1;
        int again = 0;
        int p = 0;
        int t = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                again = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++again;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
