package io.penstock.server.redact;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The names of fields whose values are secrets, whatever their case and whatever stands between their words.
 *
 * <p>{@code apiKey}, {@code API-KEY} and {@code x_api_key} are one name. A word that also means something harmless is
 * found as a word only: {@code maxTokens} has one, {@code tokenizer} has none; and there numbers pass, since a program that
 * counts tokens is more common than a token without a letter.
 *
 * <p>Immutable. Time: linear in the name, times some twenty words.
 */
final class SecretNames {
    /** Names longer than this are cut; nobody names a secret so. */
    private static final int LONGEST = 128;

    private static final List<Name> KNOWN = known();

    private final List<Name> names;

    /**
     * A name that gives a secret away.
     *
     * @param word letters and digits in lower case
     * @param anywhere also inside a longer word
     * @param numbers numbers and whole objects below it are secrets too
     */
    record Name(String word, boolean anywhere, boolean numbers) {}

    /** @param more names of the operator's own, each found as a word */
    SecretNames(List<String> more) {
        List<Name> all = new ArrayList<>(KNOWN);
        for (String each : more) {
            String word = plain(each).letters();
            if (!word.isEmpty()) {
                all.add(new Name(word, false, true));
            }
        }
        this.names = List.copyOf(all);
    }

    private static List<Name> known() {
        List<Name> known = new ArrayList<>();
        for (String word : List.of("password", "passwd", "passphrase", "authorization", "apikey", "credential")) {
            known.add(new Name(word, true, true));
        }
        for (String word : List.of("privatekey", "secretkey", "accesskey", "signingkey", "encryptionkey")) {
            known.add(new Name(word, true, true));
        }
        for (String word : List.of("secret", "pwd", "cookie", "cvv", "cvc")) {
            known.add(new Name(word, false, true));
        }
        for (String word : List.of("token", "session", "private", "jwt", "csrf", "xsrf", "bearer", "auth")) {
            known.add(new Name(word, false, false));
        }
        return List.copyOf(known);
    }

    /** A name without what stands between its words. */
    private record Plain(String letters, boolean[] begins) {}

    /** Returns the name that a field's name holds, or null. */
    @Nullable
    Name find(String field) {
        Plain plain = plain(field);
        for (Name name : names) {
            if (holds(plain, name)) {
                return name;
            }
        }
        return null;
    }

    private static boolean holds(Plain plain, Name name) {
        String letters = plain.letters();
        String word = name.word();
        for (int at = letters.indexOf(word); at >= 0; at = letters.indexOf(word, at + 1)) {
            int end = at + word.length();
            int plural = end < letters.length() && letters.charAt(end) == 's' ? end + 1 : end;
            // the end of the whole is enough: accesstoken, usersecret
            boolean last = end == letters.length() || plural == letters.length();
            boolean whole = plain.begins()[at] && (plain.begins()[end] || plain.begins()[plural]);
            if (name.anywhere() || last || whole) {
                return true;
            }
        }
        return false;
    }

    private static Plain plain(String field) {
        String cut = field.length() > LONGEST ? field.substring(0, LONGEST) : field;
        StringBuilder letters = new StringBuilder(cut.length());
        boolean[] begins = new boolean[cut.length() + 1];
        boolean gap = true;
        for (int i = 0; i < cut.length(); i++) {
            char c = cut.charAt(i);
            if (!Character.isLetterOrDigit(c)) {
                gap = true;
                continue;
            }
            begins[letters.length()] = gap || hump(cut, i);
            letters.append(c);
            gap = false;
        }
        begins[letters.length()] = true;
        return new Plain(letters.toString().toLowerCase(Locale.ROOT), begins);
    }

    /** {@code myToken} begins a word at T, {@code APIToken} at T too, {@code token2} at 2. */
    private static boolean hump(String text, int at) {
        char before = text.charAt(at - 1);
        char here = text.charAt(at);
        boolean lowerNext = at + 1 < text.length() && Character.isLowerCase(text.charAt(at + 1));
        boolean upper = Character.isUpperCase(here) && (!Character.isUpperCase(before) || lowerNext);
        return upper || Character.isDigit(here) != Character.isDigit(before);
    }
}
