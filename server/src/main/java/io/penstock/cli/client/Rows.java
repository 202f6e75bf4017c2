package io.penstock.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a file in UTF-8, read one at a time.
 *
 * <p>Bound: a row of {@value #MOST_ROW_BYTES} bytes, the largest payload.
 */
public final class Rows implements AutoCloseable {
    private static final int MOST_ROW_BYTES = 256 << 10;

    private final InputStream in;
    private final String format;
    private final List<String> header = new ArrayList<>();
    private long bytes;
    private long line;
    private long count;

    /**
     * One row.
     *
     * @param number of its first line, from 1
     */
    public record Row(long number, JsonNode payload) {}

    private Rows(String format, InputStream in) {
        this.format = format;
        this.in = new BufferedInputStream(in, 64 << 10);
    }

    public static Rows of(String format, InputStream in) {
        if (!List.of("lines", "csv", "ndjson").contains(format)) {
            throw new Failure(Exit.USAGE, "--format \"" + format + "\" is none of lines, csv, ndjson");
        }
        return new Rows(format, in);
    }

    /** Returns the next row that is not empty, or null at the end. */
    @Nullable
    public Row next() throws IOException {
        for (String text = read(); text != null; text = read()) {
            long first = line - text.chars().filter(c -> c == '\n').count();
            if (text.isBlank()) {
                continue;
            }
            if (format.equals("csv") && header.isEmpty()) {
                header.addAll(cells(text));
                continue;
            }
            count++;
            return new Row(first, payload(text, first));
        }
        return null;
    }

    /** Returns the bytes read so far. */
    public long bytes() {
        return bytes;
    }

    /** Returns the rows read so far. */
    public long count() {
        return count;
    }

    private JsonNode payload(String text, long number) {
        return switch (format) {
            case "csv" -> csv(text, number);
            case "ndjson" -> json(text, number);
            default -> Api.object().put("line", text);
        };
    }

    private static JsonNode json(String text, long number) {
        try {
            return Api.mapper().readTree(text);
        } catch (JsonProcessingException broken) {
            throw new Failure(
                    Exit.FAILURE,
                    "line " + number + " is not JSON: " + broken.getOriginalMessage()
                            + "; the lines before it are enqueued; mend it and run the import again");
        }
    }

    private JsonNode csv(String text, long number) {
        List<String> cells = cells(text);
        if (cells.size() != header.size()) {
            throw new Failure(
                    Exit.FAILURE,
                    "line " + number + " has " + cells.size() + " cells, the header has " + header.size()
                            + "; the lines before it are enqueued; mend it and run the import again");
        }
        ObjectNode row = Api.object();
        for (int i = 0; i < cells.size(); i++) {
            row.put(header.get(i), cells.get(i));
        }
        return row;
    }

    /** Reads a line; in csv a quoted line break belongs to it (RFC 4180). */
    private @Nullable String read() throws IOException {
        ByteArrayOutputStream row = new ByteArrayOutputStream();
        boolean quoted = false;
        int next = in.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0; next = in.read()) {
            bytes++;
            quoted ^= next == '"' && format.equals("csv");
            if (next == '\n') {
                line++;
                if (!quoted) {
                    return text(row);
                }
            }
            if (row.size() == MOST_ROW_BYTES) {
                throw new Failure(
                        Exit.FAILURE,
                        "line " + (line + 1) + " is longer than " + MOST_ROW_BYTES
                                + " bytes; the lines before it are enqueued; shorten it and run the import again");
            }
            row.write(next);
        }
        line++;
        return text(row);
    }

    private static String text(ByteArrayOutputStream row) {
        String text = row.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private static List<String> cells(String text) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                cell.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        return cells;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
