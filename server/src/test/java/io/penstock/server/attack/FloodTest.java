package io.penstock.server.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bodies without end: nobody may fill the log of the server with them. */
@ExtendWith(RigExtension.class)
final class FloodTest {
    private static final String CHUNK = "10000\r\n" + " ".repeat(1 << 16) + "\r\n";

    /** What goes to stderr, kept as well as shown, since other tests write there too. */
    private static final class Heard extends OutputStream {
        private final PrintStream before = System.err;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int letter) {
            kept.write(letter);
            before.write(letter);
        }

        synchronized String text() {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void writesNothingToTheLogOfABodyThatIsTooLong(Rig rig) throws IOException {
        Heard heard = new Heard();
        System.setErr(new PrintStream(heard, true, StandardCharsets.UTF_8));
        try {
            for (String path : new String[] {"/livez", "/", "/api/v1/sessions", "/nowhere"}) {
                for (String first : new String[] {"fffffff\r\n{", CHUNK.repeat(80)}) {
                    flood(rig, path, first);
                }
            }
            assertThat(heard.text()).doesNotContain("RequestTooBigException");
        } finally {
            System.setErr(heard.before);
        }
        assertThat(rig.bare("GET", "/livez").status()).isEqualTo(200);
    }

    private static void flood(Rig rig, String path, String body) throws IOException {
        try (Wire wire = new Wire(rig)) {
            wire.send("GET " + path
                    + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
            wire.send(body);
            wire.endOfSending();
            assertThat(wire.all()).as(path).doesNotContain("HTTP/1.1 5");
        } catch (java.net.SocketException hungUp) {
            // before all was sent
        }
    }
}
