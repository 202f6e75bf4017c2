package io.penstock.examples.chat.acceptance;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a subject says of itself, for that cannot be seen from outside.
 *
 * @param asked connections that were wanted at once, at most
 * @param waiting callers that waited for one, at most
 * @param redis50 milliseconds that half of the callers' operations took, the wait for a connection included; NaN = not told
 * @param redis99 the same of 99 %
 * @param optimisations since it was started
 * @param monitoring what its histories weigh
 * @param listeners that are registered; -1 = not told
 */
record Inside(
        int asked,
        int waiting,
        double redis50,
        double redis99,
        long optimisations,
        String monitoring,
        int listeners) {
    static Inside ofReplay(JsonNode health) {
        return new Inside(
                health.path("connectionsAskedAtMost").asInt(),
                health.path("waitingAtMost").asInt(),
                health.path("redisP50Millis").asDouble(Double.NaN),
                health.path("redisP99Millis").asDouble(Double.NaN),
                health.path("optimisations").asLong(),
                health.path("samples").asInt() + " samples so far",
                health.path("listeners").asInt(-1));
    }
}
