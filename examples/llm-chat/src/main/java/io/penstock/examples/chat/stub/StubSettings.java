package io.penstock.examples.chat.stub;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a stub behaves. Each of these is also read from the query of a request, and then holds for that request.
 *
 * @param firstTokenMillis median wait before the first token, jittered by half of it either way; 0 to 600,000
 * @param tokenMillis median wait between tokens, jittered likewise; 0 to 60,000
 * @param tokens of an answer; 1 to 10,000
 * @param share429 of the requests that are answered 429 with {@code Retry-After: retryAfterSeconds}; 0 to 1
 * @param share500 of the requests that are answered 500; 0 to 1
 * @param shareHang of the requests that are never answered: the connection is closed after ten minutes; 0 to 1
 * @param shareCut of the streams that break off in the middle; 0 to 1
 * @param retryAfterSeconds told with a 429; 0 to 3,600
 * @param seed of all that is random
 */
public record StubSettings(
        int firstTokenMillis,
        int tokenMillis,
        int tokens,
        double share429,
        double share500,
        double shareHang,
        double shareCut,
        int retryAfterSeconds,
        long seed) {
    /** 300 ms and 40 tokens a second: what public endpoints commonly show; no faults. */
    public static final StubSettings DEFAULT = new StubSettings(300, 25, 60, 0, 0, 0, 0, 1, 1);

    public StubSettings {
        check("firstTokenMillis", firstTokenMillis, 0, 600_000);
        check("tokenMillis", tokenMillis, 0, 60_000);
        check("tokens", tokens, 1, 10_000);
        check("share429", share429, 0, 1);
        check("share500", share500, 0, 1);
        check("shareHang", shareHang, 0, 1);
        check("shareCut", shareCut, 0, 1);
        check("retryAfterSeconds", retryAfterSeconds, 0, 3_600);
    }

    private static void check(String key, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException("stub setting " + key + " is " + value + ", legal is " + least + " to "
                    + most + "; nothing was changed; correct it");
        }
    }

    /** Returns this with another pace. */
    public StubSettings pace(int firstMillis, int eachMillis, int many) {
        return new StubSettings(
                firstMillis, eachMillis, many, share429, share500, shareHang, shareCut, retryAfterSeconds, seed);
    }

    /** Returns this with other shares of 429 and 500. */
    public StubSettings failing(double limited, double broken) {
        return new StubSettings(
                firstTokenMillis, tokenMillis, tokens, limited, broken, shareHang, shareCut, retryAfterSeconds, seed);
    }

    /** Returns this with the settings of these names changed. */
    public StubSettings with(Map<String, String> changed) {
        Function<String, @Nullable String> text = changed::get;
        return new StubSettings(
                (int) number(text, "firstTokenMillis", firstTokenMillis),
                (int) number(text, "tokenMillis", tokenMillis),
                (int) number(text, "tokens", tokens),
                number(text, "share429", share429),
                number(text, "share500", share500),
                number(text, "shareHang", shareHang),
                number(text, "shareCut", shareCut),
                (int) number(text, "retryAfterSeconds", retryAfterSeconds),
                (long) number(text, "seed", (double) seed));
    }

    private static double number(Function<String, @Nullable String> text, String key, double otherwise) {
        String given = text.apply(key);
        if (given == null) {
            return otherwise;
        }
        try {
            return Double.parseDouble(given);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "stub setting " + key + " is \"" + given + "\", no number; nothing was changed; correct it", e);
        }
    }
}
