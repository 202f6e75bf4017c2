package io.penstock.memory.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Resident bytes by {@code ps}, for macOS.
 *
 * <p>It never waits: a reading begins the program and the next one takes its answer, so the number is one reading old.
 * A process each time is dear, hence every 10 s at most.
 */
final class PsProbe implements Probe {
    private static final long EVERY_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int LONGEST_ANSWER = 64;

    private final List<String> command;
    private @Nullable Process asked;

    PsProbe(List<String> command) {
        this.command = command;
    }

    static PsProbe ofThisProcess() {
        return new PsProbe(List.of(
                "/bin/ps",
                "-o",
                "rss=",
                "-p",
                Long.toString(ProcessHandle.current().pid())));
    }

    @Override
    public String name() {
        return "rss";
    }

    @Override
    public Column[] columns() {
        return new Column[] {Column.RSS};
    }

    @Override
    public long everyNanos() {
        return EVERY_NANOS;
    }

    @Override
    public void read(long[] row) throws IOException {
        Process before = asked;
        if (before != null && before.isAlive()) {
            before.destroyForcibly();
            asked = null;
            throw new IOException("ps did not answer until the next reading");
        }
        asked = null;
        if (before != null) {
            byte[] answer = before.getInputStream().readNBytes(LONGEST_ANSWER);
            row[Column.RSS.index()] = kib(new String(answer, StandardCharsets.US_ASCII)) << 10;
        }
        asked = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        asked.getOutputStream().close();
    }

    /** Tells whether the next reading has no program to wait for. */
    boolean answered() {
        Process last = asked;
        return last == null || !last.isAlive();
    }

    private static long kib(String answer) throws IOException {
        try {
            return Long.parseLong(answer.strip());
        } catch (NumberFormatException unclear) {
            throw new IOException("ps answered '" + answer.strip() + "' and no number", unclear);
        }
    }

    @Override
    public void close() {
        Process last = asked;
        if (last != null) {
            last.destroyForcibly();
        }
    }
}
