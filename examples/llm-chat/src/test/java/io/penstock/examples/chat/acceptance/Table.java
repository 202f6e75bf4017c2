package io.penstock.examples.chat.acceptance;

import java.util.ArrayList;
import java.util.List;

/** The one table, as Markdown whose columns also stand in line as plain text. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... titles) {
        rows.add(List.of(titles));
    }

    void row(String... cells) {
        if (cells.length != rows.get(0).size()) {
            throw new IllegalArgumentException("a row of " + cells.length + " cells in a table of "
                    + rows.get(0).size());
        }
        rows.add(List.of(cells));
    }

    List<List<String>> rows() {
        return rows.subList(1, rows.size());
    }

    @Override
    public String toString() {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            line(text, rows.get(r), widths, " ");
            if (r == 0) {
                line(text, rows.get(0).stream().map(title -> "").toList(), widths, "-");
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells, int[] widths, String filling) {
        text.append('|');
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            text.append(filling)
                    .append(cell)
                    .append(filling.repeat(widths[i] - cell.length()))
                    .append(filling)
                    .append('|');
        }
        text.append('\n');
    }
}
