package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class OpCommandTest {
    private final String queue = Rig.queue();

    /** Else the demo worker would put jobs off that it has no handler for. */
    private void pause(Rig rig) {
        rig.send("POST", "/api/v1/queues/" + queue + ":pause", null);
    }

    private int count(Rig rig, String state) {
        return rig.get("/api/v1/queues/" + queue).json().at("/counts/" + state).asInt();
    }

    @Test
    void cancelsWhatFitsOnceItIsConfirmed(Rig rig) {
        pause(rig);
        for (int i = 0; i < 25; i++) {
            rig.enqueue(queue, "{\"type\":\"mail.send\"}");
        }
        rig.enqueue(queue, "{\"type\":\"sms.send\"}");
        Shell shell = Shell.at(rig);
        Shell.Result planned = shell.run("job", "cancel", "--queue", queue, "--filter", "type:mail.*", "--dry-run");
        assertThat(planned.code()).as(planned.err()).isZero();
        assertThat(planned.out()).contains("would cancel " + queue).contains("and 5 more");
        assertThat(shell.run("job", "cancel", "--queue", queue).code()).isEqualTo(2); // nobody there to confirm it
        Shell.Result done = shell.run("job", "cancel", "--queue", queue, "--type", "mail.send", "-y");
        assertThat(done.code()).as(done.err()).isZero();
        assertThat(done.err()).contains("cancel: 25 of 25");
        assertThat(count(rig, "cancelled")).isEqualTo(25);
        assertThat(count(rig, "waiting")).isEqualTo(1);
        assertThat(shell.run("job", "delete", "--queue", queue, "-y").err()).contains("in which states");
        assertThat(shell.run("job", "delete", "--queue", queue, "--state", "cancelled", "-y", "-o", "json")
                        .json()
                        .path("done")
                        .asInt())
                .isEqualTo(25);
    }

    @Test
    void endsWithEightWhenSomeWereRefused(Rig rig) {
        pause(rig);
        String key = ",\"unique\":{\"key\":\"k\"}}";
        String held = rig.enqueue(queue, "{\"type\":\"x.y\"" + key);
        String free = rig.enqueue(queue, "{\"type\":\"x.y\"}");
        Shell shell = Shell.at(rig);
        assertThat(shell.run("job", "cancel", held, free).code()).isZero();
        rig.enqueue(queue, "{\"type\":\"x.y\"" + key);
        Shell.Result partly = shell.run("job", "retry", "--queue", queue, "--state", "cancelled", "-y");
        assertThat(partly.code()).as(partly.err()).isEqualTo(8);
        assertThat(partly.err())
                .contains(held + ": another job holds its unique key")
                .contains("1 of 2");
        Shell.Result none = shell.run("job", "retry", "--queue", queue, "--state", "cancelled", "-y");
        assertThat(none.code()).isEqualTo(1);
    }

    @Test
    void listsShowsAndCancelsOperations(Rig rig) {
        pause(rig);
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        Shell shell = Shell.at(rig);
        String id = shell.run("job", "cancel", "--queue", queue, "-y", "-o", "json")
                .json()
                .path("id")
                .asText();
        Shell.Result list = shell.run("op", "list", "--limit", "100");
        assertThat(list.out()).contains(id).contains("100 %");
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(shell.run("op", "get", id).out()).contains("completed").contains(queue);
        assertThat(shell.run("op", "cancel", id).out()).contains("completed"); // it had ended
        assertThat(shell.run("op", "get", "op-none").code()).isEqualTo(3);
        assertThat(shell.run("op", "cancel", id, "--watch").code()).isEqualTo(2);
    }

    @Test
    void searchesFromTheCommandLine(Rig rig) {
        pause(rig);
        String id = rig.enqueue(queue, "{\"type\":\"mail.send\"}");
        rig.enqueue(queue, "{\"type\":\"sms.send\"}");
        await().until(() -> count(rig, "waiting") == 2);
        Shell shell = Shell.at(rig);
        assertThat(shell.run("job", "list", "type:mail.*", "queue:" + queue, "-o", "ndjson")
                        .out())
                .contains(id)
                .doesNotContain("sms.send");
        assertThat(shell.run("job", "list", id, "-o", "ndjson").out()).contains(id);
        assertThat(shell.run("job", "list", "queue:" + queue, "error:not found", "-o", "json")
                        .json())
                .isEmpty();
        assertThat(shell.run("job", "list", "typ:x").err()).contains("did you mean \"type\"?");
        assertThat(shell.run("job", "retry").code()).isEqualTo(2);
        assertThat(shell.run("job", "retry", id, "--queue", queue).code()).isEqualTo(2);
    }
}
