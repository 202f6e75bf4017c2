package io.penstock.examples.chat.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Locale;

/**
 * What a subject says of itself, for that cannot be seen from outside.
 *
 * @param asked connections that were wanted at once, at most; -1 = it does not count that
 * @param waiting callers that waited for one, at most
 * @param redis50 milliseconds that half of the callers' operations took, the wait for a connection included; NaN = not told
 * @param redis99 the same of 99 %
 * @param optimisations since it was started
 * @param monitoring what its histories weigh
 */
record Inside(int asked, int waiting, double redis50, double redis99, long optimisations, String monitoring) {
    private static final double MEGABYTE = 1 << 20;

    static Inside ofReplay(JsonNode health) {
        return new Inside(
                health.path("connectionsAskedAtMost").asInt(),
                health.path("waitingAtMost").asInt(),
                health.path("redisP50Millis").asDouble(Double.NaN),
                health.path("redisP99Millis").asDouble(Double.NaN),
                health.path("optimisations").asLong(),
                health.path("samples").asInt() + " samples so far");
    }

    /** Asks the server that runs beside the example. */
    static Inside ofOurs(Subject subject, int waitingMost) throws IOException, InterruptedException {
        JsonNode latency = Site.beside(subject, "redis/latency").path("command");
        JsonNode monitoring = Site.beside(subject, "monitoring");
        return new Inside(
                -1,
                waitingMost,
                latency.path("p50Millis").asDouble(Double.NaN),
                latency.path("p99Millis").asDouble(Double.NaN),
                Site.beside(subject, "memory").at("/optimization/runs").asLong(),
                String.format(
                        Locale.ROOT,
                        "%.2f MB, at most %.0f",
                        monitoring.path("retainedBytes").asLong() / MEGABYTE,
                        monitoring.path("maxBytes").asLong() / MEGABYTE));
    }
}
