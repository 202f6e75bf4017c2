package io.penstock.cli.top;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What somebody has chosen to see: order, filter, the selected queue, the help. Not safe for threads. */
final class View {
    private static final int LONGEST_FILTER = 64;

    private Order order = Order.WAITING;
    private String filter = "";
    private @Nullable String selected;
    private boolean typing;
    private boolean help;
    private String message = "";

    /** Returns the queues that pass the filter, in their order. */
    List<JsonNode> queues(JsonNode overview) {
        List<JsonNode> queues = new ArrayList<>();
        for (JsonNode queue : overview.path("busiest")) {
            if (queue.path("name").asText().toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT))) {
                queues.add(queue);
            }
        }
        queues.sort(order.comparator());
        return queues;
    }

    /** Returns where the selected queue stands; the first when it is gone or none was selected. */
    int row(List<JsonNode> queues) {
        for (int i = 0; i < queues.size(); i++) {
            if (queues.get(i).path("name").asText().equals(selected)) {
                return i;
            }
        }
        return 0;
    }

    /** Selects the queue so many rows further down. */
    void move(List<JsonNode> queues, int rows) {
        if (!queues.isEmpty()) {
            int row = Math.max(0, Math.min(queues.size() - 1, row(queues) + rows));
            selected = queues.get(row).path("name").asText();
        }
    }

    Order order() {
        return order;
    }

    void sort() {
        order = order.next();
    }

    String filter() {
        return filter;
    }

    boolean typing() {
        return typing;
    }

    void startTyping() {
        typing = true;
    }

    void stopTyping(boolean keep) {
        typing = false;
        filter = keep ? filter : "";
    }

    void type(char letter) {
        if (letter >= ' ' && letter < 0x7f && filter.length() < LONGEST_FILTER) {
            filter += letter;
        }
    }

    void erase() {
        filter = filter.isEmpty() ? filter : filter.substring(0, filter.length() - 1);
    }

    boolean help() {
        return help;
    }

    void help(boolean shown) {
        help = shown;
    }

    String message() {
        return message;
    }

    /** Says something on the last line until the next key. */
    void say(String text) {
        message = text;
    }
}
