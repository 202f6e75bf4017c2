package io.penstock.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The items of a list, fetched a page at a time as they are read. */
public final class Pages implements Iterable<JsonNode> {
    private static final int PAGE = 500;

    private final Api api;
    private final String path;
    private final int most;

    /** @param path with its query, but for cursor and limit */
    public Pages(Api api, String path, int most) {
        this.api = api;
        this.path = path;
        this.most = most;
    }

    @Override
    public Iterator<JsonNode> iterator() {
        return new Iterator<>() {
            private final Deque<JsonNode> here = new ArrayDeque<>();
            private @Nullable String next = "";
            private int left = most;

            @Override
            public boolean hasNext() {
                while (here.isEmpty() && next != null && left > 0) {
                    fetch(next);
                }
                return !here.isEmpty() && left > 0;
            }

            private void fetch(String cursor) {
                String query =
                        "limit=" + Math.min(PAGE, left) + (cursor.isEmpty() ? "" : "&cursor=" + Api.quoted(cursor));
                JsonNode page = api.get(path + (path.contains("?") ? "&" : "?") + query);
                page.path("items").forEach(here::add);
                next = page.path("next").isTextual() ? page.path("next").asText() : null;
            }

            @Override
            public JsonNode next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                left--;
                return here.remove();
            }
        };
    }
}
