package io.penstock.memory.admission;

import org.jspecify.annotations.Nullable;

/**
 * The line of those who wait for room, first come first served; linked through the permits, so that it needs no memory.
 *
 * <p>Threads: guarded by the load line.
 */
final class Waiting {
    private @Nullable Permit first;
    private @Nullable Permit last;
    private int size;

    boolean isEmpty() {
        return first == null;
    }

    int size() {
        return size;
    }

    @Nullable
    Permit first() {
        return first;
    }

    void add(Permit permit) {
        permit.before = last;
        permit.after = null;
        if (last == null) {
            first = permit;
        } else {
            last.after = permit;
        }
        last = permit;
        size++;
    }

    void remove(Permit permit) {
        Permit before = permit.before;
        Permit after = permit.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        permit.before = null;
        permit.after = null;
        size--;
    }

    /** Takes one out of a chain that is linked by {@code after} only. */
    static @Nullable Permit without(@Nullable Permit chain, Permit out) {
        if (chain == out) {
            Permit rest = out.after;
            out.after = null;
            return rest;
        }
        for (Permit at = chain; at != null; at = at.after) {
            if (at.after == out) {
                at.after = out.after;
                out.after = null;
                break;
            }
        }
        return chain;
    }
}
