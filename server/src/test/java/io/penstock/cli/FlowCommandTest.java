package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class FlowCommandTest {
    private final String queue = Rig.queue();

    private String job(String name, String rest) {
        return "{\"name\":\"" + name + "\",\"queue\":\"" + queue + "\",\"type\":\"demo.echo\"" + rest + "}";
    }

    @Test
    void submitsDrawsCancelsAndRetries(Rig rig) {
        Shell shell = Shell.at(rig);
        String flow = "{\"name\":\"report\",\"jobs\":[" + job("a", "") + "," + job("b", ",\"delay\":\"1h\"") + ","
                + job("sum", ",\"needs\":[\"a\",\"b\"]") + "," + job("mail", ",\"needs\":[\"sum\",\"a\"]") + "]}";
        assertThat(shell.run("flow", "submit", flow, "--dry-run").out()).contains("would submit flow report");
        Shell.Result submitted = shell.run("flow", "submit", flow);
        assertThat(submitted.code()).as(submitted.err()).isZero();
        String id = submitted.out().strip();
        await().until(() -> shell.run("flow", "get", id).out().contains("1 completed"));
        Shell.Result drawn = shell.run("flow", "get", id);
        assertThat(drawn.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(drawn.out()).contains(". mail  blocked", ". |- sum  blocked", "|  `- b  active");
        assertThat(shell.run("flow", "cancel", id).code()).isZero();
        await().until(() -> shell.run("flow", "get", id).out().contains("report  cancelled"));
        assertThat(shell.run("flow", "retry", id).out()).contains("report  running");
        assertThat(shell.run("flow", "get", id, "-o", "json").out()).contains("\"nodes\"");
        assertThat(shell.run("flow", "get", queue + "-f000000000000").code()).isEqualTo(3);
    }
}
