package io.penstock.job;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt failed, bounded so that a million dead letters stay small.
 *
 * @param type the exception's class name, or a reason such as {@code poison} or {@code timeout}
 * @param message at most {@value #MAX_MESSAGE} characters
 * @param stack at most {@value #MAX_STACK} characters, null where there is none
 */
public record JobError(
        String type, String message, @Nullable String stack) {
    /** Characters of message kept. */
    public static final int MAX_MESSAGE = 1_000;

    /** Characters of stack kept: about the innermost 40 frames. */
    public static final int MAX_STACK = 4_000;

    public JobError {
        type = cut(type, 200);
        message = cut(message, MAX_MESSAGE);
        stack = stack == null ? null : cut(stack, MAX_STACK);
    }

    /** Describes a throwable; its own {@code getMessage} is not trusted to work. */
    public static JobError of(Throwable error) {
        String message;
        String stack;
        try {
            message = String.valueOf(error.getMessage());
            StringWriter text = new StringWriter();
            error.printStackTrace(new PrintWriter(text));
            stack = text.toString();
        } catch (RuntimeException unprintable) {
            message =
                    "(its message could not be read: " + unprintable.getClass().getName() + ")";
            stack = null;
        }
        return new JobError(error.getClass().getName(), message, stack);
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 3) + "...";
    }
}
