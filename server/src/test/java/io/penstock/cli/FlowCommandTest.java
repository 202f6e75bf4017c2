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

    private String plain(int n) {
        return "{\"queue\":\"" + queue + "\",\"type\":\"demo.echo\",\"payload\":" + n + "}";
    }

    @Test
    void opensFillsSealsListsAndCancelsBatches(Rig rig) {
        Shell shell = Shell.at(rig);
        assertThat(shell.run("batch", "open", "rows", "--queue", queue, "--dry-run")
                        .out())
                .contains("would open batch rows");
        Shell.Result opened = shell.run("batch", "open", "rows", "--queue", queue, "--on-complete", plain(0));
        assertThat(opened.code()).as(opened.err()).isZero();
        String id = opened.out().strip();
        assertThat(shell.run("batch", "add", id, "[" + plain(1) + "," + plain(2) + "]")
                        .out())
                .contains("accepted", "2");
        Shell.Result added = shell.run("batch", "add", id, plain(3), "--seal", "-o", "json");
        assertThat(added.out()).contains("\"accepted\" : 1");
        await().until(() -> shell.run("batch", "get", id, "-o", "json").out().contains("\"state\" : \"completed\""));
        assertThat(shell.run("batch", "get", id, "-o", "json").out()).contains("\"completed\" : 3");
        assertThat(shell.run("batch", "seal", id).code()).isZero();
        Shell.Result listed = shell.run("batch", "list", "--limit", "500");
        assertThat(listed.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(listed.out()).contains(id).doesNotContain(queue + "-f");
        assertThat(shell.run("flow", "list", "--limit", "500").out()).doesNotContain(id);
        String second =
                shell.run("batch", "open", "late", "--queue", queue).out().strip();
        String later = plain(4).replace("}", ",\"delay\":\"1h\"}");
        assertThat(shell.run("batch", "add", second, later).code()).isZero();
        assertThat(shell.run("batch", "cancel", second).code()).isZero();
        await().until(() -> shell.run("batch", "get", second).out().contains("cancelled"));
        assertThat(shell.run("batch", "get", queue + "-b000000000000").code()).isEqualTo(3);
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
