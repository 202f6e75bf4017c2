package io.penstock.memory.optimise;

import java.time.Duration;
import java.util.Locale;

/** How this package writes bytes, waits and what others wrote. */
final class Texts {
    private Texts() {}

    static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }

    static String bytes(long bytes) {
        if (bytes < 0) {
            return "unknown";
        }
        return bytes < 1 << 20
                ? (bytes + 512) / 1024 + " KiB"
                : String.format(Locale.ROOT, "%.1f MiB", bytes / 1_048_576.0);
    }

    static String span(Duration span) {
        long millis = span.toMillis();
        return millis < 10_000 && millis % 1000 != 0 ? millis + " ms" : millis / 1000 + " s";
    }
}
