package io.penstock.server.wire;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Words of strangers made safe to repeat, and guesses at what they meant. */
public final class Text {
    private static final int MAX_SHOWN = 80;

    private Text() {}

    /** Returns the text for a message: cut, without control characters. */
    public static String shown(String text) {
        String cut = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }

    /** Returns a field name as one step of a JSON pointer. */
    static String pointer(String name) {
        return shown(name).replace("~", "~0").replace("/", "~1");
    }

    /** Names the legal words and, if one is near, the likely one. */
    public static String legal(String word, Collection<String> words) {
        String near = nearest(word, words);
        return (near == null ? "" : "did you mean \"" + near + "\"? ") + "use "
                + (words.isEmpty() ? "none" : String.join(", ", words));
    }

    /** Returns the word that a slip of the finger turns into this one, or null. */
    public static @Nullable String nearest(String word, Collection<String> words) {
        String best = null;
        int least = Math.max(1, Math.min(word.length(), 32) / 3) + 1;
        for (String candidate : words) {
            int steps = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (steps < least) {
                least = steps;
                best = candidate;
            }
        }
        return best;
    }

    /** Edits from one word to the other, two letters swapped being one; words are cut so that a hostile name costs nothing. */
    private static int distance(String one, String other) {
        String a = one.length() > 64 ? one.substring(0, 64) : one;
        String b = other.length() > 64 ? other.substring(0, 64) : other;
        int[][] steps = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                steps[i][j] = i == 0 || j == 0 ? i + j : least(steps, a, b, i, j);
            }
        }
        return steps[a.length()][b.length()];
    }

    private static int least(int[][] steps, String a, String b, int i, int j) {
        int replaced = steps[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(steps[i - 1][j], steps[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, steps[i - 2][j - 2] + 1) : best;
    }
}
