package io.penstock.server.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that begin and do not go on: others are served meanwhile, and each of them is ended by its deadline.
 *
 * <p>{@code -Dpenstock.attack.slow=2000} has so many of them, and some that do not read what they asked for, which takes a
 * minute more; figures go to stderr.
 */
@ExtendWith(RigExtension.class)
final class SlowClientsTest {
    private static final int CLIENTS = Integer.getInteger("penstock.attack.slow", 120);
    private static final boolean WHOLE = CLIENTS >= 1_000;
    private static final int LOOKS = 200;

    /** The longest deadline is that of unread answers, a minute; a busy machine may be late. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final List<Socket> sockets = new ArrayList<>();

    @Test
    void areEndedByTheirDeadlineWhileOthersAreServed(EmbeddedRedis redis, @TempDir Path dir) throws IOException {
        Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/net/tcp")), "connections are counted by /proc");
        try (Rig rig = Rig.start(redis, flags -> {})) {
            for (int i = 0; i < CLIENTS; i++) {
                begin(rig, i % (WHOLE ? 5 : 3));
            }
            measure(rig, "with " + held(rig) + " slow connections");
            await().atMost(PATIENCE).until(() -> held(rig) <= 2 + streams()); // the rig's own client keeps one or two
            measure(rig, "after them");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Live events have no deadline but a bound of 64, and who does not read is ended when a mebibyte waits for it. */
    private static int streams() {
        return WHOLE ? 64 : 0;
    }

    private void begin(Rig rig, int kind) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        if (kind == 3) {
            socket.setReceiveBufferSize(4_096);
        }
        socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), rig.port()), 60_000);
        String known = "Host: localhost\r\nAuthorization: Bearer " + rig.token() + "\r\n";
        String text = switch (kind) {
            case 0 -> "GET /livez HTTP/1.1\r\nHost: loc";
            case 1 ->
                "POST /api/v1/queues/slow/jobs HTTP/1.1\r\n" + known
                        + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
            case 2 -> "GET /overview HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"; // of the dashboard
            case 3 -> ("GET /openapi.json HTTP/1.1\r\n" + known + "\r\n").repeat(60);
            default -> "GET /api/v1/events?topics=overview HTTP/1.1\r\n" + known + "\r\n";
        };
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void measure(Rig rig, String when) {
        long[] micros = new long[LOOKS];
        for (int i = 0; i < LOOKS; i++) {
            long begin = System.nanoTime();
            assertThat(rig.bare("GET", "/livez").status()).isEqualTo(200);
            micros[i] = (System.nanoTime() - begin) / 1_000;
        }
        Arrays.sort(micros);
        System.err.printf(
                Locale.ROOT,
                "SlowClientsTest: /livez %s: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
                when,
                micros[LOOKS / 2] / 1e3,
                micros[LOOKS * 99 / 100] / 1e3,
                micros[LOOKS - 1] / 1e3);
    }

    /** Connections of the server's side that it still holds a descriptor for: established, or left by the client only. */
    private static long held(Rig rig) {
        String port = String.format(Locale.ROOT, ":%04X", rig.port());
        long held = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try {
                held += Files.readAllLines(Path.of(table)).stream()
                        .map(line -> line.strip().split("\\s+", 5))
                        .filter(line -> line.length > 3 && line[1].endsWith(port))
                        .filter(line -> line[3].equals("01") || line[3].equals("08"))
                        .count();
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }
        return held;
    }
}
