package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.class)
final class AlertChannelCommandTest {
    @TempDir
    private Path dir;

    @Test
    void makesChangesTriesAndDeletesAChannel(Rig rig) {
        Shell shell = Shell.at(rig);
        assertThat(shell.run("alert", "channel", "set", "cli-log", "kind=log", "minSeverity=error")
                        .out())
                .contains("kind         log");
        assertThat(shell.run("alert", "channel", "set", "cli-log", "perMinute=7", "-o", "json")
                        .json()
                        .path("minSeverity")
                        .asText())
                .isEqualTo("error");
        Shell.Result test = shell.run("alert", "channel", "test", "cli-log");
        assertThat(test.code()).as(test.err()).isZero();
        assertThat(test.out()).contains("cli-log: taken in");
        Shell.Result list = shell.run("alert", "channel", "list");
        assertThat(list.out()).contains("cli-log", "log", "error");
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(shell.run("alert", "channel", "deliveries", "cli-log").out()).contains("delivered");
        assertThat(shell.run("alert", "channel", "set", "cli-log", "perMinute=").code())
                .isZero();
        assertThat(shell.run("alert", "channel", "get", "cli-log", "-o", "json")
                        .json()
                        .has("perMinute"))
                .isFalse();
        assertThat(shell.run("alert", "channel", "delete", "cli-log").code()).isEqualTo(2);
        assertThat(shell.run("alert", "channel", "delete", "cli-log", "--yes").code())
                .isZero();
        assertThat(shell.run("alert", "channel", "get", "cli-log").code()).isEqualTo(3);
        assertThat(shell.run("alert").code()).isEqualTo(2);
        assertThat(shell.run("alert", "channel", "set", "--help").out().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void readsSecretsFromAFileAndRepeatsNone(Rig rig) throws IOException {
        Path url = Files.writeString(dir.resolve("url"), "https://hooks.slack.com/services/canary\n");
        Shell shell = Shell.at(rig);
        Shell.Result made =
                shell.run("alert", "channel", "set", "cli-slack", "kind=slack", "url=@" + url, "enabled=false");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out()).contains("https://hooks.slack.com/***").doesNotContain("canary");
        assertThat(shell.run("alert", "channel", "set", "cli-slack", "minSeverity=critical")
                        .code())
                .isZero();
        assertThat(shell.run("alert", "channel", "test", "cli-slack").code()).isEqualTo(4);
        Shell.Result wrong = shell.run("alert", "channel", "set", "cli-slack", "canary");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).doesNotContain("canary");
        assertThat(shell.run("alert", "channel", "set", "cli-slack", "url=@nowhere")
                        .code())
                .isEqualTo(2);
        assertThat(shell.run("alert", "channel", "set", "cli-slack", "enabled=yes")
                        .err())
                .contains("true or false");
        assertThat(shell.run("alert", "channel", "delete", "cli-slack", "--yes").code())
                .isZero();
    }
}
