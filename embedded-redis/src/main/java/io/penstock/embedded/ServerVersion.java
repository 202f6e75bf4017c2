package io.penstock.embedded;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code redis-server --version} says: the flavour (redis, valkey ...) and its number. */
record ServerVersion(String flavour, int major, String number) {
    /** Streams, and thus nothing Penstock relies on, exist below it. */
    static final int LOWEST_MAJOR = 5;

    /** From here on the append-only file is a directory of parts; older servers do not look into it. */
    private static final int MULTI_PART_AOF_MAJOR = 7;

    // "Redis server v=7.0.15 sha=00000000:0 ...", "Valkey server v=8.0.1 sha=..."
    private static final Pattern LINE = Pattern.compile("(\\w+) server v=((\\d{1,4})(?:\\.\\d{1,6}){0,3})");

    static Optional<ServerVersion> parse(String output) {
        Matcher line = LINE.matcher(output);
        if (!line.find()) return Optional.empty();
        return Optional.of(new ServerVersion(
                line.group(1).toLowerCase(Locale.ROOT), Integer.parseInt(line.group(3)), line.group(2)));
    }

    boolean tooOld() {
        return major < LOWEST_MAJOR;
    }

    boolean readsMultiPartAof() {
        return major >= MULTI_PART_AOF_MAJOR;
    }

    @Override
    public String toString() {
        return flavour.equals("redis") ? number : flavour + " " + number;
    }
}
