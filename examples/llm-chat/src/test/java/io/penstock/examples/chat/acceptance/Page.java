package io.penstock.examples.chat.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of the docs, of which a part between two marks is written by a run. */
final class Page {
    private Page() {}

    /** Puts text between {@code <!-- name -->} and {@code <!-- /name -->}. */
    static void replace(Path file, String name, String text) throws IOException {
        String page = Files.readString(file);
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- /" + name + " -->";
        int from = page.indexOf(begin);
        int to = page.indexOf(end, Math.max(0, from));
        if (from < 0 || to < 0) {
            throw new IOException(file + " has no part between \"" + begin.strip() + "\" and \"" + end
                    + "\"; it was not written; put the two marks where the result belongs");
        }
        Files.writeString(
                file, page.substring(0, from + begin.length()) + "```\n" + text + "```\n" + page.substring(to));
    }
}
