package io.penstock.server.redact;

import org.jspecify.annotations.Nullable;

/**
 * One text on its way out: what looks like a secret in it is replaced, and so is what follows the name of one.
 *
 * <p>Written by hand, a step a character, because the text is a stranger's: no pattern here can go back on what it read, so
 * a text of n characters costs n steps and at most {@value #LONGEST_NAME} more at each {@code =} and {@code :}.
 */
final class SecretText {
    /** Letters looked at in front of an equals sign. */
    private static final int LONGEST_NAME = 64;

    /** A real bearer token is longer; the word behind "bearer" in a sentence is mostly shorter. */
    private static final int LEAST_TOKEN = 8;

    private static final int SURE_TOKEN = 20;
    private static final int LEAST_PREFIXED = 16;
    private static final int AWS_KEY = 20;

    private static final String[] AWS = {"AKIA", "ASIA", "AROA", "AIDA"};

    /** What services put in front of their tokens so that they can be found. */
    private static final String[] PREFIXES = {
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "xapp-",
        "sk-",
        "sk_live_",
        "rk_live_",
        "AIza",
        "npm_",
        "pk_"
    };

    /** The letters that those and the ids of AWS begin with. */
    private static final String BEGINNINGS = "Agxsrnp";

    private static final String MARK = "[redacted: ";

    private final SecretNames names;
    private final String text;
    private @Nullable StringBuilder out;
    private int copied;

    private SecretText(SecretNames names, String text) {
        this.names = names;
        this.text = text;
    }

    /** Returns the text as it may be shown; the same object if there is nothing to hide. */
    static String clean(SecretNames names, String text) {
        return new SecretText(names, text).run();
    }

    /** Returns what stands in the place of a secret. */
    static String mark(String what) {
        return MARK + what + "]";
    }

    /** Tells whether the text is what stands in the place of a secret, and nothing else. */
    static boolean marked(String text) {
        return text.length() <= LONGEST_NAME && text.startsWith(MARK) && text.indexOf(']') == text.length() - 1;
    }

    private String run() {
        int at = 0;
        while (at < text.length()) {
            int next = step(at);
            at = next > at ? next : at + 1;
        }
        StringBuilder made = out;
        return made == null ? text : made.append(text, copied, text.length()).toString();
    }

    /** Returns the first place that is still to be looked at. */
    private int step(int at) {
        char c = text.charAt(at);
        if (c == ':' && text.startsWith("://", at)) {
            return userinfo(at);
        }
        if (c == ':' || c == '=') {
            return named(at);
        }
        if (c == '-' && text.startsWith("-----BEGIN ", at)) {
            return pem(at);
        }
        if (!Character.isLetterOrDigit(c) || inWord(at)) {
            return at + 1;
        }
        if (c >= '0' && c <= '9') {
            return card(at);
        }
        if ((c == 'b' || c == 'B') && text.regionMatches(true, at, "bearer ", 0, 7)) {
            return bearer(at);
        }
        if (c == 'e') {
            return jwt(at);
        }
        return BEGINNINGS.indexOf(c) < 0 ? at + 1 : shaped(at, c);
    }

    private boolean inWord(int at) {
        return at > 0 && (Character.isLetterOrDigit(text.charAt(at - 1)) || text.charAt(at - 1) == '_');
    }

    private int replace(int from, int to, String what) {
        StringBuilder made = out == null ? new StringBuilder(text.length()) : out;
        made.append(text, copied, from).append(mark(what));
        out = made;
        copied = to;
        return to;
    }

    private int pem(int at) {
        int label = text.indexOf("-----", at + 11);
        if (label < 0 || label - at > LONGEST_NAME || text.indexOf("PRIVATE KEY", at) > label) {
            return at + 5;
        }
        if (text.indexOf("PRIVATE KEY", at) < 0) {
            return label + 5;
        }
        int end = text.indexOf("-----END ", label);
        int close = end < 0 ? -1 : text.indexOf("-----", end + 9);
        return replace(at, close < 0 ? text.length() : close + 5, "private key");
    }

    /** {@code scheme://user:password@host}; what is in front of the host is nobody's business. */
    private int userinfo(int at) {
        int from = at + 3;
        int sign = -1;
        int i = from;
        while (i < text.length() && "/?# \t\r\n\"'<>\\".indexOf(text.charAt(i)) < 0) {
            sign = text.charAt(i) == '@' ? i : sign;
            i++;
        }
        if (sign <= from || text.startsWith(MARK, from) || text.startsWith("***", from)) {
            return from;
        }
        return replace(from, sign, "user info");
    }

    private int bearer(int at) {
        int from = at + 7;
        int to = run(from, "._~+/=-");
        boolean digit = text.substring(from, to).chars().anyMatch(Character::isDigit);
        boolean token = to - from >= SURE_TOKEN || (to - from >= LEAST_TOKEN && digit);
        return token ? replace(from, to, "bearer token") : from;
    }

    /** Returns the end of a run of letters, digits and these. */
    private int run(int from, String others) {
        int to = from;
        while (to < text.length()
                && (text.charAt(to) < 128 && Character.isLetterOrDigit(text.charAt(to))
                        || others.indexOf(text.charAt(to)) >= 0)) {
            to++;
        }
        return to;
    }

    private int jwt(int at) {
        if (!text.startsWith("eyJ", at)) {
            return at + 1;
        }
        int to = run(at, "_-.");
        int first = text.indexOf('.', at);
        int second = first < 0 ? -1 : text.indexOf('.', first + 1);
        boolean three = second > 0 && second < to && first - at >= 10 && second - first > 4;
        return three ? replace(at, to, "JWT") : to;
    }

    private int shaped(int at, char c) {
        if (c == 'A') {
            for (String aws : AWS) {
                int to = run(at, "");
                if (text.startsWith(aws, at) && to - at == AWS_KEY && upper(at, to)) {
                    return replace(at, to, "AWS key id");
                }
            }
        }
        for (String prefix : PREFIXES) {
            if (text.startsWith(prefix, at)) {
                int to = run(at + prefix.length(), "_-");
                if (to - at - prefix.length() >= LEAST_PREFIXED) {
                    return replace(at, to, "token");
                }
            }
        }
        return at + 1;
    }

    private boolean upper(int from, int to) {
        for (int i = from; i < to; i++) {
            if (Character.isLowerCase(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private int card(int at) {
        int to = CardNumber.end(text, at);
        if (to > at) {
            return replace(at, to, "card number");
        }
        int over = at;
        while (over < text.length() && Character.isLetterOrDigit(text.charAt(over))) {
            over++;
        }
        return over;
    }

    /** {@code password=x}, {@code "token": "x"}, {@code Authorization: Bearer x}: {@code at} is the sign between. */
    private int named(int at) {
        int end = at;
        while (end > copied && at - end < 4 && " \"'\\".indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        int begin = end;
        while (begin > copied && end - begin < LONGEST_NAME && ofName(text.charAt(begin - 1))) {
            begin--;
        }
        SecretNames.Name name = begin == end ? null : names.find(text.substring(begin, end));
        return name == null ? at + 1 : value(at + 1, name);
    }

    private static boolean ofName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.';
    }

    private int value(int after, SecretNames.Name name) {
        int from = after;
        while (from < text.length() && " \t>".indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (from < text.length() && text.charAt(from) == '\\') {
            from++; // a quote inside JSON inside JSON
        }
        if (from == text.length() || text.startsWith(MARK, from) || text.startsWith("***", from)) {
            return after;
        }
        char quote = text.charAt(from);
        boolean quoted = quote == '"' || quote == '\'';
        boolean escaped = quoted && text.charAt(from - 1) == '\\';
        int begin = quoted ? from + 1 : from;
        int to = quoted ? quoteEnd(begin, quote, escaped) : wordEnd(begin, name);
        String value = text.substring(begin, to);
        boolean harmless = value.isEmpty() || value.equals("null") || (!name.numbers() && count(value));
        return harmless ? after : replace(begin, to, name.word());
    }

    private static boolean count(String value) {
        return value.equals("true") || value.equals("false") || value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private int quoteEnd(int from, char quote, boolean escaped) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == quote) {
                return escaped && text.charAt(i - 1) == '\\' ? i - 1 : i;
            }
            if (text.charAt(i) == '\\' && !escaped) {
                i++;
            }
        }
        return text.length();
    }

    private int wordEnd(int from, SecretNames.Name name) {
        if (name.word().equals("cookie")) { // the whole line: a=b; c=d
            int end = from;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            return end;
        }
        int end = plainEnd(from);
        String word = text.substring(from, end);
        boolean scheme = word.equalsIgnoreCase("bearer") || word.equalsIgnoreCase("basic");
        return scheme && end < text.length() && text.charAt(end) == ' ' ? plainEnd(end + 1) : end;
    }

    private int plainEnd(int from) {
        int end = from;
        while (end < text.length() && " \t\r\n,;&\"')]}|".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }
}
