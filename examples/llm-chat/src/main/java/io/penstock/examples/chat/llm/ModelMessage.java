package io.penstock.examples.chat.llm;

/** One line of a conversation, as the protocol wants it: {@code system}, {@code user} or {@code assistant}. */
public record ModelMessage(String role, String content) {}
