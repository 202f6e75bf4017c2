package io.penstock.examples.chat.llm;

import java.time.Duration;
import java.util.List;

/**
 * What a model is asked.
 *
 * @param endpoint base address, to which {@code /chat/completions} is added; empty = the one of the client
 * @param maxTokens of the answer
 * @param patience until the first word, and between two
 */
public record ModelCall(String endpoint, String model, int maxTokens, Duration patience, List<ModelMessage> messages) {}
