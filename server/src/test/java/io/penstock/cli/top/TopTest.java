package io.penstock.cli.top;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.cli.client.Api;
import io.penstock.cli.output.Streams;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.utils.ScreenTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The live view on a terminal of this process, seen as a person sees it. */
@ExtendWith(RigExtension.class)
final class TopTest {
    private static Api api(Rig rig) {
        Map<String, String> environment = Map.of("PENSTOCK_TOKEN", rig.token());
        Streams streams = new Streams(
                System.out, System.err, java.io.InputStream.nullInputStream(), environment, false, false, false);
        return new Api(streams, rig.url(), null, null);
    }

    /** A terminal, what it shows, and the live view that runs on it. */
    private static final class Stage implements AutoCloseable {
        private final ScreenTerminal.VirtualTerminal both;
        private final Attributes before;
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final CompletableFuture<Integer> end;

        Stage(Rig rig, int columns, int rows) throws IOException {
            both = ScreenTerminal.withTerminal("test", "xterm-256color", columns, rows);
            before = both.terminal().getAttributes();
            Top top = new Top(both.terminal(), api(rig), Duration.ofMillis(500), false);
            end = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return top.run();
                        } catch (IOException broken) {
                            throw new AssertionError(broken);
                        }
                    },
                    thread);
        }

        String shown() {
            return both.screen().toString();
        }

        void press(String keys) throws IOException {
            both.terminal().processInputBytes(keys.getBytes(StandardCharsets.US_ASCII));
        }

        void shows(String... texts) {
            await().untilAsserted(() -> assertThat(shown()).contains(texts));
        }

        void showsNot(String text) {
            await().untilAsserted(() -> assertThat(shown()).doesNotContain(text));
        }

        @Override
        public void close() throws IOException {
            both.terminal().close();
            thread.shutdownNow();
        }
    }

    @Test
    void showsWhatGoesOnAndObeysKeys(@TempDir Path dir) throws IOException {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start()) { // other tests fill theirs
            Rig rig = Rig.start(dir.resolve("data"), flags -> flags.put(Setting.REDIS, redis.uri()));
            for (String queue : List.of("mail", "reports", "reports")) {
                rig.enqueue(queue, "{\"type\":\"nobody.runs.this\"}");
            }
            try (Stage stage = new Stage(rig, 80, 24)) {
                stage.shows("memory  ", "line    [", "redis   ", "3 waiting", "QUEUE", "mail", "reports", "h help");
                assertThat(stage.shown().indexOf("reports"))
                        .isLessThan(stage.shown().indexOf("mail"));
                rig.enqueue("mail", "{\"type\":\"nobody.runs.this\"}");
                stage.shows("4 waiting");
                stage.press("/rep\r");
                stage.shows("filter: rep");
                stage.showsNot("mail");
                stage.press("p");
                stage.shows("reports is paused");
                assertThat(rig.get("/api/v1/queues/reports")
                                .json()
                                .path("status")
                                .asText())
                        .isEqualTo("paused");
                stage.press("p");
                stage.shows("reports goes on");
                stage.press("h");
                stage.shows("select a queue");
                stage.press("x\033");
                stage.shows("mail");
                stage.press("\033[B\033OBp"); // two kinds of arrows down, to the last
                stage.shows("reports is paused");
                stage.press("s");
                stage.shows("sort: active");
                stage.press("q");
                assertThat(stage.end.join()).isZero();
                assertThat(stage.both.terminal().getAttributes().toString()).isEqualTo(stage.before.toString());
            }
            rig.stop();
        }
    }

    @Test
    void saysThatTheServerIsGoneAndGoesOnWhenItIsBack(@TempDir Path dir) throws IOException {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start()) {
            Rig rig = Rig.start(dir.resolve("data"), flags -> flags.put(Setting.REDIS, redis.uri()));
            int port = rig.port();
            try (Stage stage = new Stage(rig, 130, 30)) {
                stage.shows("WAIT99", "no queues yet");
                rig.stop();
                stage.shows("does not answer");
                Rig again = Rig.start(dir.resolve("data"), flags -> {
                    flags.put(Setting.REDIS, redis.uri());
                    flags.put(Setting.PORT, Integer.toString(port));
                });
                stage.shows(rig.url());
                stage.both.screen().setSize(Size.of(60, 20));
                stage.both.terminal().setSize(Size.of(60, 20));
                stage.both.terminal().raise(Terminal.Signal.WINCH);
                stage.showsNot("WAIT99");
                stage.press("\u0003");
                assertThat(stage.end.join()).isEqualTo(130);
                again.stop();
            }
        }
    }
}
