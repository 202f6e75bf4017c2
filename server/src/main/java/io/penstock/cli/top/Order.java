package io.penstock.cli.top;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;

/** What the queues are sorted by: the most first, but for names. */
enum Order {
    WAITING("waiting", "/counts/waiting"),
    ACTIVE("active", "/counts/active"),
    FAILED("failed", "/counts/failed"),
    RATE("per s", "/throughputPerSecond"),
    P99("run p99", "/runP99Millis"),
    NAME("name", "/name");

    private final String shown;
    private final String pointer;

    Order(String shown, String pointer) {
        this.shown = shown;
        this.pointer = pointer;
    }

    String shown() {
        return shown;
    }

    Order next() {
        return switch (this) {
            case WAITING -> ACTIVE;
            case ACTIVE -> FAILED;
            case FAILED -> RATE;
            case RATE -> P99;
            case P99 -> NAME;
            case NAME -> WAITING;
        };
    }

    Comparator<JsonNode> comparator() {
        Comparator<JsonNode> byName =
                Comparator.comparing(queue -> queue.path("name").asText());
        return this == NAME
                ? byName
                : Comparator.<JsonNode>comparingDouble(
                                queue -> -queue.at(pointer).asDouble())
                        .thenComparing(byName);
    }
}
