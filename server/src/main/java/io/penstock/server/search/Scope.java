package io.penstock.server.search;

import io.penstock.server.http.Caller;
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
}
