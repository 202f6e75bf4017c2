package io.penstock.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.server.Certificate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutboundTest {
    private final Threads threads = new Threads(20);
    private final Timer timer = new Timer(Clock.system(), threads);

    @AfterEach
    void stop() {
        timer.close();
        threads.close();
    }

    private Outbound outbound(String... listed) {
        return new Outbound(new AllowList(List.of(listed)), timer, Duration.ofMillis(700));
    }

    /** What a hostile receiver does with its connection. */
    private interface Play {
        void with(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    private ServerSocket server(Play play) throws IOException {
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
        threads.start("hostile", () -> {
            while (true) {
                try (Socket socket = server.accept()) {
                    hear(socket.getInputStream());
                    play.with(socket.getInputStream(), socket.getOutputStream());
                } catch (IOException | InterruptedException over) {
                    if (server.isClosed()) {
                        return;
                    }
                }
            }
        });
        return server;
    }

    /** Takes in the request, which ends with its body: who closes before that may cut off their own answer. */
    private static void hear(InputStream in) throws IOException {
        int before = 0;
        for (int next = in.read(); next >= 0 && !(before == '{' && next == '}'); next = in.read()) {
            before = next;
        }
    }

    private HttpAnswer post(ServerSocket server) throws IOException {
        URI target = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
        return outbound("http://127.0.0.1:" + server.getLocalPort())
                .post(target, Map.of(), "{}".getBytes(StandardCharsets.UTF_8));
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    @Test
    void readsAnAnswerInOnePieceOrInChunks() throws IOException {
        try (ServerSocket server = server((in, out) -> say(
                out,
                String.join(
                        "\r\n",
                        "HTTP/1.1 100 Continue",
                        "",
                        "HTTP/1.1 202 Accepted",
                        "Retry-After: 3",
                        "Transfer-Encoding: chunked",
                        "",
                        "3;x=y",
                        "abc",
                        "2",
                        "de",
                        "0",
                        "",
                        "")))) {
            HttpAnswer answer = post(server);
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.headers()).containsEntry("retry-after", "3");
            assertThat(answer.body()).asString().isEqualTo("abcde");
        }
        try (ServerSocket server =
                server((in, out) -> say(out, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"))) {
            assertThat(post(server).body()).asString().isEqualTo("abc");
        }
    }

    @Test
    void endsAfterItsTimeEvenIfTheReceiverDrips() throws IOException {
        long begin = Clock.system().nanos();
        try (ServerSocket server = server((in, out) -> {
            say(out, "HTTP/1.1 200 OK\r\n");
            while (true) {
                say(out, "X");
                in.readNBytes(1); // as fast as requests come, which is never again
            }
        })) {
            assertThatThrownBy(() -> post(server))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("was not done");
        }
        assertThat(Duration.ofNanos(Clock.system().nanos() - begin)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void readsNoHeadWithoutEnd() throws IOException {
        try (ServerSocket server = server((in, out) -> {
            say(out, "HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 10_000; i++) {
                say(out, "X-" + i + ": " + "x".repeat(100) + "\r\n");
            }
        })) {
            assertThatThrownBy(() -> post(server)).hasMessageContaining("65536 bytes");
        }
        try (ServerSocket server = server((in, out) -> say(out, "220 mail.example ESMTP\r\n"))) {
            assertThatThrownBy(() -> post(server)).hasMessageContaining("does not answer in HTTP");
        }
        try (ServerSocket server = server((in, out) -> {})) {
            assertThatThrownBy(() -> post(server)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void believesNoCertificateThatNobodyVouchesFor(@TempDir Path dir) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(Certificate.in(dir).context()));
        server.start();
        try {
            int port = server.getAddress().getPort();
            assertThatThrownBy(() -> outbound("127.0.0.1:" + port)
                            .post(URI.create("https://127.0.0.1:" + port + "/canary"), Map.of(), new byte[0]))
                    .isInstanceOf(SSLException.class)
                    .hasMessageNotContaining("canary");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void knowsWhereToSpeakMail() {
        outbound().checkMail("mail.example.com", 587);
        outbound("10.0.0.5:2025").checkMail("10.0.0.5", 2_025);
        assertThatThrownBy(() -> outbound().checkMail("mail.example.com", 6_379))
                .hasMessageContaining("6379");
        assertThatThrownBy(() -> outbound().mail("127.0.0.1", 25, socket -> true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not public");
        assertThatThrownBy(() -> outbound("169.254.169.254:25").mail("169.254.169.254", 25, socket -> true))
                .hasMessageContaining("not public");
    }
}
