package io.penstock.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The record blocks that the next take will probably meet, so that it can declare their keys.
 *
 * <p>Redis Cluster wants every key of a script declared, but which records a take reads is known only inside it. So the
 * client declares the blocks it has seen last, the script stops at one that is not declared and names it, and the next
 * call has it: a miss costs one more round trip in about a thousand jobs of a producer. Bound: {@value #MOST} names.
 * Threads: safe.
 */
final class BlockHints {
    /** Blocks declared in a call: so many producers may interleave in the head of a line without a miss. */
    private static final int MOST = 24;

    private final LinkedHashSet<String> recent = new LinkedHashSet<>();

    synchronized void seen(String block) {
        recent.remove(block);
        recent.add(block);
        if (recent.size() > MOST) {
            recent.remove(recent.iterator().next());
        }
    }

    synchronized List<String> all() {
        return new ArrayList<>(recent);
    }
}
