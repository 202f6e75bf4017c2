package io.penstock.cli.top;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Sizes;
import io.penstock.cli.output.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;

/** Columns that stand still from frame to frame: their widths depend on the terminal, not on what is in them. */
final class Columns {
    private static final int LEAST_NAME = 12;
    private static final int MOST_NAME = 48;

    /** From here on there is room for more. */
    private static final int WIDE = 110;

    private final List<Cell> cells;

    /** @param text what a row shows; it is cut to the width, right for numbers */
    private record Cell(
            String title,
            int width,
            boolean right,
            @Nullable Order order,
            Function<JsonNode, String> text) {}

    private Columns(List<Cell> cells) {
        this.cells = cells;
    }

    static Columns queues(int width) {
        List<Cell> cells = new ArrayList<>();
        cells.add(
                new Cell("STATUS", 8, false, null, queue -> queue.path("status").asText()));
        cells.add(count("WAIT", Order.WAITING, "/counts/waiting"));
        cells.add(count("DELAY", null, "/counts/delayed"));
        cells.add(count("ACTIVE", Order.ACTIVE, "/counts/active"));
        cells.add(count("FAILED", Order.FAILED, "/counts/failed"));
        cells.add(new Cell("PER S", 7, true, Order.RATE, queue -> number(queue.path("throughputPerSecond"))));
        cells.add(new Cell("RUN99", 6, true, Order.P99, queue -> number(queue.path("runP99Millis"))));
        cells.add(new Cell("OLDEST", 6, true, null, queue -> age(queue.path("oldestWaitingMillis"))));
        if (width >= WIDE) {
            cells.add(new Cell("WAIT99", 7, true, null, queue -> number(queue.path("waitP99Millis"))));
            cells.add(new Cell("ERRORS", 6, true, null, queue -> Sizes.percent(queue.path("errorRate"), 1)));
            cells.add(count("DONE", null, "/counts/completed"));
            cells.add(new Cell("BYTES", 9, true, null, queue -> Sizes.bytes(queue.path("bytes"))));
        }
        return named(
                "QUEUE", Order.NAME, width, cells, queue -> queue.path("name").asText());
    }

    static Columns workers(int width) {
        List<Cell> cells = new ArrayList<>();
        cells.add(new Cell(
                "QUEUE",
                width >= WIDE ? 30 : 20,
                false,
                null,
                worker -> worker.path("queue").asText()));
        cells.add(count("RUNS", null, "/report/running"));
        cells.add(count("OF", null, "/report/concurrency"));
        cells.add(new Cell("SEEN", 6, true, null, worker -> Ages.since(worker.path("seenAt"))));
        cells.add(new Cell("", 5, false, null, worker -> worker.path("quiet").asBoolean() ? "quiet" : ""));
        return named(
                "WORKER",
                null,
                width,
                cells,
                worker -> worker.path("name").asText(worker.path("id").asText()));
    }

    private static Columns named(
            String title, @Nullable Order order, int width, List<Cell> rest, Function<JsonNode, String> text) {
        int left = width - rest.stream().mapToInt(cell -> cell.width() + 1).sum();
        List<Cell> cells = new ArrayList<>();
        cells.add(new Cell(title, Math.max(LEAST_NAME, Math.min(MOST_NAME, left)), false, order, text));
        cells.addAll(rest);
        return new Columns(cells);
    }

    private static Cell count(String title, @Nullable Order order, String pointer) {
        return new Cell(title, 6, true, order, row -> number(row.at(pointer)));
    }

    /** Four digits at most, so that a column of six holds any. */
    static String number(JsonNode number) {
        if (!number.isNumber()) {
            return "-";
        }
        double value = number.asDouble();
        if (value < 100 && value != Math.rint(value)) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        String[] units = {"", "k", "M", "G", "T"};
        int unit = 0;
        while (value >= 10_000 && unit < units.length - 1) {
            value /= 1_000;
            unit++;
        }
        return Math.round(value) + units[unit];
    }

    private static String age(JsonNode millis) {
        return millis.asLong() <= 0 ? "-" : Ages.rough(Duration.ofMillis(millis.asLong()));
    }

    /** @param sorted by which the rows are sorted, or null */
    AttributedString title(@Nullable Order sorted) {
        AttributedStringBuilder line = new AttributedStringBuilder();
        for (Cell cell : cells) {
            boolean marked = sorted != null && cell.order() == sorted;
            AttributedStyle style = marked ? AttributedStyle.BOLD.underline() : AttributedStyle.BOLD;
            append(line, cell, cell.title(), style, AttributedStyle.DEFAULT);
        }
        return line.toAttributedString();
    }

    AttributedString row(JsonNode row, boolean selected) {
        AttributedStringBuilder line = new AttributedStringBuilder();
        AttributedStyle style = selected ? AttributedStyle.INVERSE : AttributedStyle.DEFAULT;
        for (Cell cell : cells) {
            append(line, cell, Table.plain(cell.text().apply(row)).replace('\n', ' '), style, style);
        }
        return line.toAttributedString();
    }

    private static void append(
            AttributedStringBuilder line, Cell cell, String text, AttributedStyle style, AttributedStyle gap) {
        AttributedString whole = new AttributedString(text, style);
        boolean cut = whole.columnLength() > cell.width();
        AttributedString shown = cut
                ? new AttributedStringBuilder()
                        .append(whole.columnSubSequence(0, cell.width() - 1))
                        .append("\u2026", style)
                        .toAttributedString()
                : whole;
        String space = " ".repeat(Math.max(0, cell.width() - shown.columnLength()));
        if (line.length() > 0) {
            line.append(" ", gap);
        }
        if (cell.right()) {
            line.append(space, gap).append(shown);
        } else {
            line.append(shown).append(space, gap);
        }
    }
}
