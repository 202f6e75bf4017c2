package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.output.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A flow drawn as a tree: what runs last stands first, and under each job what it needs.
 *
 * <p>A job that several need is drawn in full once and named where it comes again. At most {@value #MOST} lines.
 */
final class FlowTree {
    static final int MOST = 1_000;

    /** Deeper ones leave no room for names at 80 columns. */
    private static final int DEEPEST = 16;

    private static final Map<String, String> MARKS =
            Map.of("completed", "+", "failed", "!", "cancelled", "x", "active", ">", "blocked", ".");

    private final Map<String, JsonNode> nodes = new HashMap<>();
    private final Set<String> drawn = new HashSet<>();
    private final List<String> lines = new ArrayList<>();
    private final int width;

    private FlowTree(int width) {
        this.width = width;
    }

    static List<String> of(JsonNode flow, int width) {
        FlowTree tree = new FlowTree(width);
        Set<String> needed = new HashSet<>();
        List<String> order = new ArrayList<>();
        List<JsonNode> undos = new ArrayList<>();
        for (JsonNode node : flow.path("nodes")) {
            if (node.path("undoes").isTextual()) {
                undos.add(node);
            } else {
                String name = node.path("name").asText();
                tree.nodes.put(name, node);
                order.add(name);
                node.path("needs").forEach(child -> needed.add(child.asText()));
            }
        }
        for (int i = order.size() - 1; i >= 0; i--) {
            if (!needed.contains(order.get(i))) {
                tree.draw(order.get(i), "", "", 0);
            }
        }
        undos.forEach(undo -> tree.line("undo of " + undo.path("undoes").asText(), undo, ""));
        return tree.lines;
    }

    private void draw(String name, String branch, String indent, int depth) {
        JsonNode node = nodes.get(name);
        if (node == null) {
            return;
        }
        boolean again = !drawn.add(name);
        boolean hidden = node.path("needs").size() > 0 && (again || depth >= DEEPEST);
        line(branch + name, node, hidden ? again ? "  (see above)" : "  ..." : "");
        if (hidden) {
            return;
        }
        int left = node.path("needs").size();
        for (JsonNode child : node.path("needs")) {
            boolean last = --left == 0;
            draw(child.asText(), indent + (last ? "`- " : "|- "), indent + (last ? "   " : "|  "), depth + 1);
        }
    }

    private void line(String head, JsonNode node, String tail) {
        if (lines.size() >= MOST) {
            return;
        }
        String state = node.path("state").asText();
        String text = Table.plain(MARKS.getOrDefault(state, "?") + " " + head + "  " + state + "  "
                + node.path("id").asText() + tail);
        lines.add(text.length() <= width ? text : text.substring(0, width - 3) + "...");
    }
}
