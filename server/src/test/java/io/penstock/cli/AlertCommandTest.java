package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class AlertCommandTest {
    @Test
    void makesARuleAndActsOnItsAlert(Rig rig) {
        Shell shell = Shell.at(rig);
        assertThat(shell.run("alert").code()).isEqualTo(2);
        assertThat(shell.run("alert", "rule", "get", "cli-rule").code()).isEqualTo(3);
        assertThat(shell.run("alert", "rule", "set", "cli-rule", "metric=memory.level", "--dry-run")
                        .out())
                .contains("would write");
        assertThat(shell.run("alert", "rule", "set", "cli-rule", "metric=memory.level")
                        .err())
                .contains("operator is missing");
        Shell.Result made = shell.run(
                "alert", "rule", "set", "cli-rule", "metric=memory.level", "operator=>=", "threshold=0", "cooldown=0s");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out()).contains("memory.level").contains("evaluatedBy");
        await().until(() -> shell.run("alert", "list", "--state", "firing", "-o", "json")
                .out()
                .contains("cli-rule-"));
        String id = shell.run("alert", "rule", "get", "cli-rule", "-o", "json")
                .json()
                .at("/status/metrics/0/alert")
                .asText();
        Shell.Result list = shell.run("alert", "list");
        assertThat(list.out()).contains("cli-rule-").contains("warning");
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(shell.run("alert", "rule", "get", "cli-rule").out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(shell.run("alert", "ack", id).out()).contains(id + " is acknowledged");
        assertThat(shell.run("alert", "silence", id).code()).isEqualTo(2);
        assertThat(shell.run("alert", "silence", id, "--for", "1h").out()).contains("is silenced until");
        assertThat(shell.run("alert", "silence", id, "--for", "0s").out()).contains("acknowledged");
        assertThat(shell.run("alert", "ack", "none-0").code()).isEqualTo(3);
        assertThat(shell.run("alert", "list", "--state", "loud").code()).isEqualTo(2);

        Shell.Result changed = shell.run(
                "alert",
                "rule",
                "set",
                "cli-rule",
                "threshold=3",
                "hysteresis=0.5",
                "tag.team=ops",
                "channels=a,b",
                "-o",
                "json");
        assertThat(changed.code()).as(changed.err()).isZero();
        assertThat(changed.json().path("clear").asDouble()).isEqualTo(1.5);
        assertThat(changed.json().at("/tags/team").asText()).isEqualTo("ops");
        assertThat(changed.json().path("channels")).hasSize(2);
        assertThat(changed.json().path("cooldown").asText()).isEqualTo("0s");
        assertThat(shell.run("alert", "rule", "set", "cli-rule", "threshold=").err())
                .contains("threshold is missing");
        assertThat(shell.run("alert", "rule", "set", "cli-rule", "threshold").code())
                .isEqualTo(2);
        await().until(() -> shell.run("alert", "list", "--state", "resolved", "-o", "json")
                .out()
                .contains(id));
        assertThat(shell.run("alert", "rule", "delete", "cli-rule").code()).isEqualTo(2);
        assertThat(shell.run("alert", "rule", "delete", "cli-rule", "-y").code())
                .isZero();
        assertThat(shell.run("alert", "rule", "delete", "redis-down", "-y").code())
                .isEqualTo(4);
    }

    @Test
    void listsRulesWithin80Columns(Rig rig) {
        Shell.Result list = Shell.at(rig).run("alert", "rule", "list");
        assertThat(list.out())
                .contains("queue-oldest")
                .contains("> 300000")
                .contains("standard")
                .contains("rise > 0");
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
    }
}
