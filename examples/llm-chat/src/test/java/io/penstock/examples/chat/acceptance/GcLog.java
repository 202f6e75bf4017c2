package io.penstock.examples.chat.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM wrote with {@code -Xlog:gc:file=...:uptime}: each collection that stopped it, and the heap that was left.
 *
 * @param collections in the order of time
 */
record GcLog(List<Collection> collections) {
    private static final Pattern PAUSE =
            Pattern.compile("\\[(\\d+\\.\\d+)s\\].*(Pause .*) \\d+([KMG])->(\\d+)([KMG])\\((\\d+)([KMG])\\).*");

    /**
     * One collection.
     *
     * @param seconds since the JVM began
     * @param asked whether somebody called for it
     * @param whole whether it went through all of the heap, so that nothing dead is left
     * @param leftBytes of the heap in use after it
     */
    record Collection(double seconds, boolean asked, boolean whole, long leftBytes) {}

    /** An option that makes a JVM write one. */
    static String option(Path file) {
        return "-Xlog:gc:file=" + file + ":uptime:filecount=0";
    }

    static GcLog read(Path file) throws IOException {
        return Files.exists(file) ? of(Files.readAllLines(file)) : new GcLog(List.of());
    }

    static GcLog of(List<String> lines) {
        List<Collection> found = new ArrayList<>();
        for (String line : lines) {
            Matcher pause = PAUSE.matcher(line);
            if (pause.matches()) {
                found.add(new Collection(
                        Double.parseDouble(pause.group(1)),
                        pause.group(2).contains("System.gc()"),
                        pause.group(2).startsWith("Pause Full"),
                        bytes(pause.group(4), pause.group(5))));
            }
        }
        return new GcLog(List.copyOf(found));
    }

    private static long bytes(String number, String unit) {
        int shift = switch (unit) {
            case "K" -> 10;
            case "M" -> 20;
            default -> 30;
        };
        return Long.parseLong(number) << shift;
    }

    GcLog after(double seconds) {
        return new GcLog(
                collections.stream().filter(one -> one.seconds() >= seconds).toList());
    }

    GcLog whole() {
        return new GcLog(collections.stream().filter(Collection::whole).toList());
    }

    /** What was left, sorted; empty = there was no collection. */
    long[] left() {
        return collections.stream().mapToLong(Collection::leftBytes).sorted().toArray();
    }

    long asked() {
        return collections.stream().filter(Collection::asked).count();
    }
}
