package io.penstock.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Function;

/**
 * A column of a table.
 *
 * @param wide only shown by {@code -o wide} and csv
 * @param right numbers stand right
 * @param text what a row shows; empty for nothing
 */
public record Column(String title, boolean wide, boolean right, Function<JsonNode, String> text) {
    /** A column that shows a field, named by a JSON pointer. */
    public static Column of(String title, String pointer) {
        return new Column(title, false, false, row -> text(row.at(pointer)));
    }

    public static Column number(String title, String pointer) {
        return new Column(title, false, true, row -> text(row.at(pointer)));
    }

    public static Column with(String title, Function<JsonNode, String> text) {
        return new Column(title, false, false, text);
    }

    /** Returns this for wide tables only. */
    public Column onlyWide() {
        return new Column(title, true, right, text);
    }

    static String text(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        return node.isContainerNode() ? node.toString() : node.asText();
    }
}
