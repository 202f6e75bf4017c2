package io.penstock.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A table that fits the terminal: columns as wide as their text, the widest cut when all together are too wide. */
public final class Table {
    private static final String GAP = "  ";
    private static final int LEAST = 6;

    private final List<Column> columns;
    private final boolean whole;
    private final int width;

    Table(List<Column> columns, boolean wide, int width) {
        this.columns = columns.stream().filter(column -> wide || !column.wide()).toList();
        this.whole = wide;
        this.width = width;
    }

    /** Where lines go. */
    interface Lines {
        void add(String line, boolean title);
    }

    void print(Iterable<JsonNode> rows, Lines lines) {
        List<List<String>> cells = new ArrayList<>();
        for (JsonNode row : rows) {
            cells.add(columns.stream()
                    .map(column -> plain(column.text().apply(row)).replace('\n', ' '))
                    .toList());
        }
        int[] widths = widths(cells);
        lines.add(line(columns.stream().map(Column::title).toList(), widths), true);
        cells.forEach(row -> lines.add(line(row, widths), false));
    }

    private int[] widths(List<List<String>> cells) {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = columns.get(i).title().length();
            for (List<String> row : cells) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        int over = total(widths) - width;
        while (over > 0 && !whole) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            if (widths[widest] <= LEAST) {
                break;
            }
            widths[widest]--;
            over--;
        }
        return widths;
    }

    private static int total(int[] widths) {
        int total = GAP.length() * (widths.length - 1);
        for (int one : widths) {
            total += one;
        }
        return total;
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String text = cells.get(i);
            String cut = text.length() <= widths[i] ? text : text.substring(0, widths[i] - 1) + "\u2026";
            String space = " ".repeat(widths[i] - cut.length());
            line.append(i == 0 ? "" : GAP).append(columns.get(i).right() ? space + cut : cut + space);
        }
        return line.toString().stripTrailing();
    }

    /** Takes out what could move the cursor or change colours: names and errors are written by strangers. */
    public static String plain(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\\n]]", "?");
    }
}
