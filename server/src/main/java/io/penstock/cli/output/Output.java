package io.penstock.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Writes data on stdout in the form that was asked for. */
public final class Output {
    private final Streams streams;
    private final PrintStream out;
    private final Format format;
    private final boolean colour;

    public Output(Streams streams, Format format, boolean noColour) {
        this.streams = streams;
        this.out = streams.out();
        this.format = format;
        this.colour = streams.terminalOut() && !noColour;
    }

    Format format() {
        return format;
    }

    /** Tells whether a person reads it rather than a program. */
    public boolean human() {
        return format == Format.TABLE || format == Format.WIDE;
    }

    /** Writes a list. */
    public void list(List<Column> columns, Iterable<JsonNode> rows) {
        switch (format) {
            case TABLE, WIDE -> new Table(columns, format == Format.WIDE, streams.width()).print(rows, this::line);
            case JSON -> array(rows);
            case NDJSON -> rows.forEach(out::println);
            case CSV -> csv(columns, rows);
        }
    }

    private void line(String line, boolean title) {
        out.println(title && colour ? "\u001b[1m" + line + "\u001b[0m" : line);
    }

    private void array(Iterable<JsonNode> rows) {
        Iterator<JsonNode> left = rows.iterator();
        out.print('[');
        while (left.hasNext()) {
            out.print(left.next());
            if (left.hasNext()) {
                out.print(",\n ");
            }
        }
        out.println(']');
    }

    private void csv(List<Column> columns, Iterable<JsonNode> rows) {
        out.println(String.join(
                ",", columns.stream().map(Column::title).map(Output::cell).toList()));
        for (JsonNode row : rows) {
            out.println(String.join(
                    ",",
                    columns.stream()
                            .map(column -> cell(column.text().apply(row)))
                            .toList()));
        }
    }

    private static String cell(String text) {
        // a cell that begins like a formula would be run by a spreadsheet
        boolean formula = text.matches("[=+\\-@].*") && !text.matches("[+\\-]?\\d+(?:\\.\\d+)?");
        String safe = formula ? "'" + text : text;
        return safe.matches("(?s).*[\",\\r\\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    /** Writes one thing: its fields below each other, or its JSON. */
    public void one(JsonNode thing) {
        switch (format) {
            case TABLE, WIDE -> fields(thing);
            case JSON -> out.println(thing.toPrettyString());
            case NDJSON -> out.println(thing);
            case CSV -> {
                out.println("field,value");
                thing.properties()
                        .forEach(
                                field -> out.println(cell(field.getKey()) + "," + cell(Column.text(field.getValue()))));
            }
        }
    }

    private void fields(JsonNode thing) {
        int longest = 0;
        for (Map.Entry<String, JsonNode> field : thing.properties()) {
            longest = Math.max(longest, field.getKey().length());
        }
        for (Map.Entry<String, JsonNode> field : thing.properties()) {
            String text = Column.text(field.getValue());
            if (!text.isEmpty()) {
                String name =
                        field.getKey() + " ".repeat(longest - field.getKey().length());
                out.println(name + "  " + Table.plain(text).replace("\n", "\n" + " ".repeat(longest + 2)));
            }
        }
    }

    /** Writes a line as it is. */
    public void text(String line) {
        out.println(line);
    }

    /** Writes a part of a line as it is, so that it is seen at once. */
    public void part(String text) {
        out.print(text);
        out.flush();
    }

    /** Returns how many characters a line has. */
    public int width() {
        return streams.width();
    }

    /** Writes a sentence, broken where the terminal ends; returns the lines that it took. */
    public int paragraph(String text) {
        int lines = 1;
        String left = Table.plain(text);
        String indent = "";
        int width = streams.width();
        while (indent.length() + left.length() > width) {
            int cut = left.lastIndexOf(' ', width - indent.length());
            int end = cut <= 0 ? width - indent.length() : cut;
            out.println(indent + left.substring(0, end));
            left = left.substring(end).stripLeading();
            indent = "  ";
            lines++;
        }
        out.println(indent + left);
        return lines;
    }
}
