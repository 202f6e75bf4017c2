package io.penstock.examples.chat.llm;

/**
 * What a model said.
 *
 * @param ending {@code stop}, {@code length} if it was cut, {@code cancelled} if nobody wanted the rest
 * @param tokens of question and answer together, by the model's count or else a quarter of the characters
 */
public record ModelAnswer(String text, String ending, int tokens) {}
