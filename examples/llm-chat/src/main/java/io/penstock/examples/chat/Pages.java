package io.penstock.examples.chat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The page in the browser: five files out of the jar, held in memory. */
final class Pages {
    private static final Map<String, String> FILES = Map.of(
            "index.html", "text/html; charset=utf-8",
            "chat.js", "text/javascript; charset=utf-8",
            "words.js", "text/javascript; charset=utf-8",
            "chat.css", "text/css; charset=utf-8",
            "icon.svg", "image/svg+xml");

    private Pages() {}

    static void route(Front front) {
        FILES.forEach((name, type) -> {
            byte[] bytes = read(name);
            front.route("GET /" + name, request -> request.send(200, type, bytes));
            if (name.equals("index.html")) {
                front.route("GET /", request -> request.send(200, type, bytes));
            }
        });
    }

    private static byte[] read(String name) {
        try (InputStream in = Pages.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the page's " + name + " is not in the jar; build it anew");
            }
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
