package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.class)
final class MainTest {
    @TempDir
    private Path dir;

    @Test
    void helpsWhoAsksAndFailsWhoSaysNothing() {
        Shell.Result help = new Shell().run("--help");
        assertThat(help.code()).isZero();
        assertThat(help.out())
                .contains("job")
                .contains("Exit codes")
                .contains("124")
                .satisfies(MainTest::fits80);
        assertThat(help.err()).isEmpty();
        Shell.Result nothing = new Shell().run();
        assertThat(nothing.code()).isEqualTo(2);
        assertThat(nothing.out()).isEmpty();
        assertThat(nothing.err()).contains("Usage:");
        assertThat(new Shell().run("job").code()).isEqualTo(2);
    }

    private static void fits80(String text) {
        assertThat(text.lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void saysWhatWasMeant() {
        Shell.Result wrong = new Shell().run("job", "enqueu", "x");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("enqueue").contains("penstock job --help");
        assertThat(new Shell().run("job", "list", "--qeue", "x").err()).contains("--queue");
        assertThat(new Shell().run("job", "list", "-o", "yaml").err())
                .contains("none of table, wide, json, ndjson, csv");
        assertThat(new Shell().run("job", "list", "--timeout", "soon").err()).contains("is no duration");
    }

    @Test
    void tellsAnUnreachableServerFromAWrongToken(Rig rig) {
        Shell.Result away = new Shell().run("-u", "http://127.0.0.1:1", "queue", "list");
        assertThat(away.code()).isEqualTo(6);
        assertThat(away.err()).contains("penstock up");
        assertThat(away.out()).isEmpty();
        Shell.Result wrong =
                Shell.at(rig).with("PENSTOCK_TOKEN", "pk_wrong_wrong_wrong").run("queue", "list");
        assertThat(wrong.code()).isEqualTo(5);
        assertThat(new Shell().run("-u", "ftp://x", "queue", "list").code()).isEqualTo(2);
        assertThat(new Shell()
                        .run("--token-file", dir.resolve("none").toString(), "queue", "list")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void findsTheTokenOfTheLocalServerButKeepsItFromOthers(Rig rig) throws IOException {
        Path data = Files.createDirectories(dir.resolve("penstock"));
        Files.writeString(data.resolve("token"), rig.token() + "\n");
        Shell local = new Shell().with("PENSTOCK_URL", rig.url()).with("XDG_DATA_HOME", dir.toString());
        assertThat(local.run("queue", "list").code()).isZero();
        assertThat(new Shell()
                        .with("PENSTOCK_URL", rig.url())
                        .with("PENSTOCK_DATA_DIR", data.toString())
                        .run("queue", "list")
                        .code())
                .isZero();
        assertThat(new Shell()
                        .with("PENSTOCK_URL", rig.url())
                        .run("--token-file", data.resolve("token").toString(), "queue", "list")
                        .code())
                .isZero();
        assertThat(new Shell()
                        .with("PENSTOCK_URL", rig.url())
                        .run("queue", "list")
                        .code())
                .isEqualTo(5);
    }

    @Test
    void printsCompletionsAndItsVersion() {
        assertThat(new Shell().run("completion", "bash").out()).contains("complete -o default -F");
        assertThat(new Shell().run("completion", "zsh").code()).isZero();
        assertThat(new Shell().run("completion", "fish").out())
                .contains("-a enqueue")
                .contains("__penstock_at 'job'");
        assertThat(new Shell().run("completion", "tcsh").code()).isEqualTo(2);
        assertThat(new Shell().run("version").out()).contains("java");
        assertThat(new Shell().run("--version").out()).startsWith("penstock ");
    }

    @Test
    void watchesOnlyWhatReads() {
        Shell.Result result = new Shell().run("queue", "pause", "x", "--watch");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("only read");
    }

    @Test
    void checksSettingsAsAStartWould() throws IOException {
        Path file = Files.writeString(dir.resolve("p.properties"), "prot=1\n");
        Shell.Result wrong = new Shell().run("config", "check", "--config", file.toString());
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("did you mean \"port\"?");
        assertThat(new Shell().run("config", "check").code()).isZero();
        assertThat(new Shell().run("up", "--port", "99999").code()).isEqualTo(2);
        assertThat(new Shell()
                        .run(
                                "up",
                                "--bind",
                                "0.0.0.0",
                                "--data-dir",
                                dir.resolve("d").toString())
                        .err())
                .contains("--insecure-plaintext");
        assertThat(new Shell()
                        .with("PENSTOCK_PORT", "4000")
                        .run("up", "--dry-run")
                        .code())
                .isZero();
    }

    @Test
    void showsWhereASettingIsFrom(Rig rig) {
        Shell.Result local = new Shell()
                .with("PENSTOCK_PORT", "4000")
                .with("PENSTOCK_TOKEN", "a-token-that-is-secret")
                .run("config", "show", "-o", "csv");
        assertThat(local.out())
                .contains("port,4000,environment PENSTOCK_PORT")
                .contains("bind,127.0.0.1,default")
                .doesNotContain("a-token");
        assertThat(Shell.at(rig)
                        .run("config", "show", "--server", "-o", "ndjson")
                        .out())
                .contains("{\"key\":\"demo\",\"value\":\"true\",\"origin\":\"flag --demo\",\"live\":false}");
    }

    @Test
    void showsHowEverythingIs(Rig rig) {
        Shell.Result status = Shell.at(rig).run("status");
        assertThat(status.code()).isZero();
        assertThat(status.out())
                .startsWith("penstock ")
                .contains("\nmemory  ", "RSS ", "\nredis   ok", "QUEUE")
                .satisfies(MainTest::fits80);
        assertThat(Shell.at(rig)
                        .run("status", "-o", "json")
                        .json()
                        .at("/info/name")
                        .asText())
                .isEqualTo("penstock");
        Shell.Result doctor =
                Shell.at(rig).with("XDG_DATA_HOME", dir.toString()).run("doctor");
        assertThat(doctor.code()).as(doctor.out()).isZero();
        assertThat(doctor.out()).contains("redis eviction").satisfies(MainTest::fits80);
        assertThat(new Shell().run("-u", "http://127.0.0.1:1", "doctor").code()).isEqualTo(10);
        assertThat(new Shell().run("-u", "http://127.0.0.1:1", "status").code()).isEqualTo(6);
    }

    @Test
    void showsTheBusiestOfManyQueuesOnOneScreen() {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start()) { // other tests fill theirs
            Rig rig = Rig.start(dir.resolve("data"), flags -> flags.put(Setting.REDIS, redis.uri()));
            for (int i = 0; i < 40; i++) {
                rig.enqueue(Rig.queue(), "{\"type\":\"nobody.runs.this\"}");
            }
            String busiest = Rig.queue();
            rig.enqueue(busiest, "{\"type\":\"nobody.runs.this\"}");
            rig.enqueue(busiest, "{\"type\":\"nobody.runs.this\"}");
            Shell.Result status = Shell.at(rig).run("status");
            assertThat(status.out()).contains(busiest).containsPattern("\\d+ more: penstock queue list");
            assertThat(status.out().lines().count()).isLessThanOrEqualTo(24);
            assertThat(status.out()).satisfies(MainTest::fits80);
            rig.stop();
        }
    }

    @Test
    void showsWhatItCanWhileRedisIsAway() {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start()) {
            Rig rig = Rig.start(dir.resolve("data"), flags -> flags.put(Setting.REDIS, redis.uri()));
            redis.kill();
            await().until(() -> rig.get("/api/v1/health")
                    .json()
                    .at("/services/redis/status")
                    .asText()
                    .equals("DOWN"));
            Shell.Result status = Shell.at(rig).run("status");
            assertThat(status.code()).isEqualTo(10);
            assertThat(status.out())
                    .contains("unhealthy", "DOWN: redis", "memory  ", "not known while Redis does not answer")
                    .satisfies(MainTest::fits80);
            rig.stop();
        }
    }
}
