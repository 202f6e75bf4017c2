package io.penstock.server.caller;

import io.penstock.job.Names;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.util.List;

/**
 * Whoever asks, as the front found out.
 *
 * @param name stands for the caller in rates, logs and the audit; says nothing about the token
 * @param queues patterns of the queues it may touch ({@code mail-*}); empty = all
 */
public record Caller(String name, Role role, List<String> queues) {
    public Caller {
        queues = List.copyOf(queues);
    }

    /** Tells whether there are queues that it may not touch. */
    public boolean narrowed() {
        return !queues.isEmpty();
    }

    /** Tells whether it may touch this queue, and know of it. */
    public boolean sees(String queue) {
        return sees(queues, queue);
    }

    /** Tells whether a queue is one of these patterns; none = all queues. */
    public static boolean sees(List<String> queues, String queue) {
        if (queues.isEmpty()) {
            return true;
        }
        for (String pattern : queues) {
            int last = pattern.length() - 1;
            boolean fits = pattern.charAt(last) == '*'
                    ? queue.regionMatches(0, pattern, 0, last) && queue.length() >= last
                    : pattern.equals(queue);
            if (fits) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether a text is a pattern: the name of a queue, or the beginning of names and a star behind it. */
    public static boolean pattern(String text) {
        String begin = text.endsWith("*") ? text.substring(0, text.length() - 1) : text;
        try {
            Names.check("queue", begin);
            return true;
        } catch (IllegalArgumentException none) {
            return false;
        }
    }

    /**
     * Passes a queue that it may touch; one that is not there is refused as one that is.
     *
     * @throws Problem FORBIDDEN
     */
    public void check(String queue) {
        if (!sees(queue)) {
            throw Problem.of(
                    ProblemType.FORBIDDEN,
                    "queue \"" + Text.shown(queue) + "\" is not one of this token's (" + shownQueues() + ", role "
                            + role.wire() + "); nothing was done; ask with a token for it");
        }
    }

    /** Names its patterns for a refusal. */
    public String shownQueues() {
        return String.join(", ", queues);
    }
}
