package io.penstock.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintStream;
import java.util.ArrayList;
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
                field(name + "  ", Table.plain(text));
            }
        }
    }

    /** A value that is longer than the terminal goes on below itself, but for {@code wide}, which is for copying. */
    private void field(String name, String text) {
        int room = format == Format.WIDE ? Integer.MAX_VALUE : Math.max(20, streams.width() - name.length());
        String head = name;
        for (String line : text.split("\n", -1)) {
            String left = line;
            while (left.length() > room) {
                int space = left.lastIndexOf(' ', room);
                int end = space <= room / 2 ? room : space;
                out.println(head + left.substring(0, end));
                left = left.substring(end).stripLeading();
                head = " ".repeat(name.length());
            }
            out.println((head + left).stripTrailing());
            head = " ".repeat(name.length());
        }
    }

    /** Writes what {@code --dry-run} leaves undone: a sentence for each, or rows for programs. */
    public void would(String action, List<String> objects) {
        if (human()) {
            objects.forEach(object -> paragraph("would " + action + " " + object));
            return;
        }
        List<JsonNode> rows = new ArrayList<>();
        for (String object : objects) {
            rows.add(JsonNodeFactory.instance.objectNode().put("action", action).put("object", object));
        }
        list(List.of(Column.of("ACTION", "/action"), Column.of("OBJECT", "/object")), rows);
    }

    /** Writes what was made: for a person its id, for a program all that was answered. */
    public void made(JsonNode receipt) {
        if (human()) {
            text(receipt.path("id").asText());
        } else {
            one(receipt);
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
