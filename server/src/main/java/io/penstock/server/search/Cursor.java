package io.penstock.server.search;

import io.penstock.job.JobState;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A place in the walk over queues and states where the next page begins; opaque to clients.
 *
 * @param skip jobs of that place that were shown already: Redis may give more at a place than a page holds
 * @param inner the place inside that queue and state, null = its begin
 */
record Cursor(
        String queue, JobState state, int skip, @Nullable String inner) {
    private static final char SEPARATOR = '\n';

    String encode() {
        String text = queue + SEPARATOR + state.wire() + SEPARATOR + skip + (inner == null ? "" : SEPARATOR + inner);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws Problem INVALID_VALUE if we did not write it */
    static Cursor decode(String encoded) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
            String[] parts = text.split("\n", 4);
            if (parts.length >= 3 && encoded.length() < 1_000 && parts[2].matches("\\d{1,6}")) {
                return new Cursor(
                        parts[0],
                        JobState.of(parts[1]),
                        Integer.parseInt(parts[2]),
                        parts.length == 4 ? parts[3] : null);
            }
        } catch (IllegalArgumentException foreign) {
            // told below
        }
        throw broken();
    }

    static Problem broken() {
        return Problem.of(
                ProblemType.INVALID_VALUE,
                "query parameter cursor is not one that this route gave; nothing was done; begin without one");
    }
}
