package io.penstock.testing;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one worker process has run, line by line in a file; a line is one write, so it outlives a kill of the process.
 *
 * <p>{@code S n deliveries} a run of job n begins, {@code E n deliveries} its handler returns, {@code I n deliveries} it
 * was interrupted, {@code R serial} the end that it reported was refused.
 */
public final class Journal implements AutoCloseable {
    private final OutputStream file; // no channel: an interrupted thread would close it

    /** One line: what happened to which run of which job. */
    public record Line(char what, String job, int deliveries) {}

    public Journal(Path path) throws IOException {
        file = new FileOutputStream(path.toFile(), true);
    }

    public synchronized void write(char what, Object job, int deliveries) {
        byte[] line = (what + " " + job + " " + deliveries + "\n").getBytes(StandardCharsets.US_ASCII);
        try {
            file.write(line);
        } catch (IOException disk) {
            throw new UncheckedIOException(disk);
        }
    }

    /** What has been written so far; a torn last line does not count. */
    public static List<Line> read(Path path) {
        List<Line> lines = new ArrayList<>();
        try {
            String text = Files.exists(path) ? Files.readString(path) : "";
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
                if (!line.isEmpty()) {
                    String[] part = line.split(" ", 3);
                    lines.add(new Line(part[0].charAt(0), part[1], Integer.parseInt(part[2])));
                }
            }
        } catch (IOException disk) {
            throw new UncheckedIOException(disk);
        }
        return lines;
    }

    /** Runs that began and neither returned nor were interrupted, by job. */
    public static Map<String, Integer> open(List<Line> lines) {
        Map<String, Integer> open = new HashMap<>();
        for (Line line : lines) {
            switch (line.what()) {
                case 'S' -> open.put(line.job(), line.deliveries());
                case 'E', 'I' -> open.remove(line.job());
                default -> {}
            }
        }
        return open;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
