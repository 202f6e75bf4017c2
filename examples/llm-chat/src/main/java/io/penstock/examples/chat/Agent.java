package io.penstock.examples.chat;

import io.penstock.examples.chat.llm.ModelCall;
import io.penstock.examples.chat.llm.ModelMessage;
import java.time.Duration;
import java.util.List;

/**
 * A model behind an endpoint, with what it may be asked.
 *
 * @param endpoint base address, to which {@code /chat/completions} is added; empty = the one that is configured
 * @param system what the model is told before each conversation
 * @param maxTokens of one answer, 1 to 8,000
 * @param concurrent turns at once, 1 to 1,000
 * @param requestsPerMinute 1 to 100,000
 * @param timeoutSeconds until the first token, and between two; 1 to 300
 */
record Agent(
        String id,
        String name,
        String model,
        String endpoint,
        String system,
        int maxTokens,
        int concurrent,
        int requestsPerMinute,
        int timeoutSeconds) {
    Agent {
        text("id", id, 1, 40);
        if (!id.matches("[a-z0-9][a-z0-9-]*")) {
            throw Problem.illegal("id is not of a-z 0-9 -");
        }
        text("name", name, 1, 80);
        text("model", model, 1, 120);
        text("endpoint", endpoint, 0, 200);
        text("system", system, 0, 4_000);
        range("maxTokens", maxTokens, 8_000);
        range("concurrent", concurrent, 1_000);
        range("requestsPerMinute", requestsPerMinute, 100_000);
        range("timeoutSeconds", timeoutSeconds, 300);
    }

    /** Asks its model. */
    ModelCall call(List<ModelMessage> messages) {
        return new ModelCall(endpoint, model, maxTokens, Duration.ofSeconds(timeoutSeconds), messages);
    }

    private static void text(String field, String value, int least, int most) {
        if (value.length() < least || value.length() > most) {
            throw Problem.illegal(field + " has " + value.length() + " characters, legal is " + least + " to " + most);
        }
    }

    private static void range(String field, int value, int most) {
        if (value < 1 || value > most) {
            throw Problem.illegal(field + " is " + value + ", legal is 1 to " + most);
        }
    }
}
