package io.penstock.job;

/**
 * The alphabet of queue, type and group names.
 *
 * <p>Names become parts of Redis keys, so the alphabet has no brace (a brace would move the hash tag and split a queue
 * over Cluster slots), no colon (our separator) and no control character (log forging).
 */
public final class Names {
    /** Longest name in characters; 64 keeps a key under 100 bytes. */
    public static final int MAX_LENGTH = 64;

    private Names() {}

    /**
     * Returns the name if it is legal.
     *
     * @param what what is named, for the message: {@code queue}, {@code type}
     * @throws IllegalArgumentException naming the value and the legal alphabet
     */
    public static String check(String what, String name) {
        if (!legal(name)) {
            throw new IllegalArgumentException(what + " name \"" + shown(name) + "\" is not legal: it needs 1 to "
                    + MAX_LENGTH + " characters of A-Z a-z 0-9 . _ - and must start with a letter or digit;"
                    + " nothing was done; rename it");
        }
        return name;
    }

    /** It stands in the header of a record, between tabs. */
    static void checkEncoding(String encoding) {
        for (int i = 0; i < encoding.length(); i++) {
            char c = encoding.charAt(i);
            if (c <= ' ' || c > '~' || i == MAX_LENGTH * 2) {
                throw new IllegalArgumentException("payload encoding of " + encoding.length() + " characters is not at"
                        + " most " + MAX_LENGTH * 2 + " printable ASCII ones; nothing was done; leave it empty");
            }
        }
    }

    /** By hand: every job names its queue and its type, and a matcher cost a third of the garbage of an enqueue. */
    private static boolean legal(String name) {
        int length = name.length();
        if (length == 0 || length > MAX_LENGTH || !alphanumeric(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < length; i++) {
            char c = name.charAt(i);
            if (!alphanumeric(c) && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean alphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    }

    /** A hostile name must not forge a log line or flood it. */
    private static String shown(String name) {
        String cut = name.length() <= MAX_LENGTH ? name : name.substring(0, MAX_LENGTH) + "...";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
