package io.penstock.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The end of what a process wrote, short enough to be quoted in an error. */
final class Excerpt {
    private static final int MAX_BYTES = 1_000;
    private static final int MAX_LINES = 4;

    private Excerpt() {}

    /** At most the last 4 lines and 1,000 bytes written after {@code from}; empty when there is nothing to read. */
    static String tail(Path file, long from) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long start = Math.max(from, channel.size() - MAX_BYTES);
            ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
            channel.read(bytes, Math.max(0, start));
            List<String> lines = StandardCharsets.UTF_8
                    .decode(bytes.flip())
                    .toString()
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size()));
        } catch (IOException unreadable) {
            return "";
        }
    }
}
