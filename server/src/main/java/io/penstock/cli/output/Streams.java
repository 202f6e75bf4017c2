package io.penstock.cli.output;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command reads and writes: data on {@code out}, all else on {@code err}.
 *
 * @param terminalIn whether a person types
 * @param terminalOut whether a person reads the data
 * @param terminalErr whether a person reads the rest
 */
public record Streams(
        PrintStream out,
        PrintStream err,
        InputStream in,
        Map<String, String> environment,
        boolean terminalIn,
        boolean terminalOut,
        boolean terminalErr) {
    public static Streams ofProcess() {
        return new Streams(System.out, System.err, System.in, System.getenv(), terminal(0), terminal(1), terminal(2));
    }

    /** Java has no isatty for one descriptor; where /proc is missing a TERM is taken for one. */
    private static boolean terminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException noProc) {
            return !System.getenv().getOrDefault("TERM", "").isEmpty();
        }
    }

    /** Returns a variable, or the fallback if it is missing or empty. */
    public String variable(String name, String fallback) {
        String text = environment.getOrDefault(name, "");
        return text.isEmpty() ? fallback : text;
    }

    /** Reads one line; empty at the end of the input. */
    public String line() {
        StringBuilder line = new StringBuilder();
        try {
            for (int next = in.read(); next >= 0 && next != '\n' && line.length() < 1_000; next = in.read()) {
                line.append((char) next);
            }
        } catch (IOException gone) {
            return "";
        }
        return line.toString();
    }

    /** Returns the columns of the terminal, 80 where nobody says. */
    public int width() {
        String columns = variable("COLUMNS", "80");
        return columns.matches("\\d{1,4}") ? Math.max(40, Integer.parseInt(columns)) : 80;
    }
}
