package io.penstock.examples.chat.acceptance;

import io.penstock.examples.chat.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The application beside somebody who keeps memory: each line {@code keep} half a megabyte more, {@code drop} all of it. */
public final class Hoarder {
    private static final int BLOCK_BYTES = 16 << 10;
    private static final int BLOCKS = 32;
    private static final List<byte[]> KEPT = new ArrayList<>(8_192); // of the reading thread only

    private Hoarder() {}

    public static void main(String[] args) {
        Thread reader = new Thread(Hoarder::read, "hoarder");
        reader.setDaemon(true);
        reader.start();
        Main.main(args);
    }

    private static void read() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("drop")) {
                    KEPT.clear();
                } else {
                    keep();
                }
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static void keep() {
        try {
            for (int i = 0; i < BLOCKS; i++) {
                KEPT.add(new byte[BLOCK_BYTES]);
            }
        } catch (OutOfMemoryError full) {
            KEPT.subList(Math.max(0, KEPT.size() - 2 * BLOCKS), KEPT.size())
                    .clear(); // as much as fits beside the others
        }
    }
}
