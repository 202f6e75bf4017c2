package io.penstock.server.audit;

import java.util.HashMap;
import java.util.Map;

/**
 * How many lines of their own somebody gets until the next minute; what is beyond is told by number.
 *
 * <p>So nobody can push what he did out of the log by doing much, and nobody without a token by being refused. Bound:
 * {@value #MOST_NAMES} names; those beyond get none. Threads: safe.
 */
final class Pace {
    /** Ten a second: a person at work, a script that goes through its list. */
    static final int KNOWN = 600;

    /** All that were refused without being known, together. */
    static final int UNKNOWN = 60;

    private static final int MOST_NAMES = 1_024;
    private static final String NOBODY = "";

    private final Map<String, Integer> used = new HashMap<>();

    /** Takes a line; false = there is none left. */
    synchronized boolean take(String caller) {
        int most = caller.equals(NOBODY) ? UNKNOWN : KNOWN;
        Integer before = used.get(caller);
        if (before == null && used.size() >= MOST_NAMES) {
            return false;
        }
        int now = before == null ? 1 : before + 1;
        if (now <= most) {
            used.put(caller, now);
        }
        return now <= most;
    }

    /** A minute has begun. */
    synchronized void renew() {
        used.clear();
    }
}
