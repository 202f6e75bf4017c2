package io.penstock.examples.chat;

/** One line of a conversation, as the protocol wants it: {@code system}, {@code user} or {@code assistant}. */
record ModelMessage(String role, String content) {}
