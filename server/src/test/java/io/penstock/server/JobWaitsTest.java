package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class JobWaitsTest {
    private final String queue = Rig.queue();
    private final String jobs = "/api/v1/queues/" + queue + "/jobs";

    private String waiting(Rig rig) {
        String id = rig.enqueue(queue, "{\"type\":\"demo.await\",\"payload\":{\"signal\":\"go\",\"seconds\":600}}");
        await().until(() -> rig.job(id).path("state").asText().equals("delayed"));
        return id;
    }

    @Test
    void answersWithTheResultWhenTheJobEndsInTime(Rig rig) {
        Rig.Answer answer = rig.post(jobs + "?wait=10s", "{\"type\":\"demo.echo\",\"payload\":{\"n\":1}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("state").asText()).isEqualTo("completed");
        assertThat(answer.text()).contains("\"result\":{\"n\":1}").contains("\"duplicate\":false");
        assertThat(answer.header("Location")).endsWith(answer.json().path("id").asText());
    }

    @Test
    void answersWithTheJobAsItIsWhenTheTimeIsOver(Rig rig) {
        Rig.Answer answer = rig.post(jobs + "?wait=100ms", "{\"type\":\"mail.send\",\"delay\":\"1h\"}");
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().path("state").asText()).isEqualTo("delayed");

        String id = answer.json().path("id").asText();
        Rig.Answer shown = rig.get("/api/v1/jobs/" + id + "?wait=50ms");
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.json().path("state").asText()).isEqualTo("delayed");
    }

    @Test
    void waitsForTheFirstJobOfAUniqueKey(Rig rig) {
        String body =
                "{\"type\":\"demo.await\",\"payload\":{\"signal\":\"go\",\"seconds\":600},\"unique\":{\"key\":\"k\"}}";
        String first = rig.enqueue(queue, body);

        Rig.Answer second = rig.post(jobs + "?wait=1s", body);

        JsonNode job = second.json();
        assertThat(second.status()).as(second.text()).isEqualTo(202);
        assertThat(job.path("id").asText()).isEqualTo(first);
        assertThat(job.path("duplicate").asBoolean()).isTrue();
        rig.post("/api/v1/jobs/" + first + "/signals/go", "{\"payload\":5}");
        assertThat(rig.get("/api/v1/jobs/" + first + "?wait=10s")
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("completed");
    }

    @Test
    void refusesAWaitThatIsNoDurationAndClampsLongOnes(Rig rig) {
        Rig.Answer wrong = rig.post(jobs + "?wait=soon", "{\"type\":\"demo.echo\"}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.text()).contains("0s to 30s");
        assertThat(rig.post(jobs + "?wait=7d", "{\"type\":\"demo.echo\"}").status())
                .isEqualTo(200);
        assertThat(rig.get("/api/v1/jobs/" + queue + "-1vv00?wait=5s").status()).isEqualTo(404);
    }

    @Test
    void tellsAJobWhatItWaitsFor(Rig rig) {
        String id = waiting(rig);

        Rig.Answer told = rig.post("/api/v1/jobs/" + id + "/signals/go", "{\"payload\":{\"by\":\"eve\"}}");

        assertThat(told.status()).as(told.text()).isEqualTo(200);
        Rig.Answer ended = rig.get("/api/v1/jobs/" + id + "?wait=10s");
        assertThat(ended.json().at("/result/told/by").asText()).isEqualTo("eve");
        assertThat(rig.post("/api/v1/jobs/" + id + "/signals/go", "{}").status())
                .isEqualTo(409);
    }

    @Test
    void aSignalWithoutAPayloadSaysTrue(Rig rig) {
        String id = waiting(rig);
        rig.post("/api/v1/jobs/" + id + "/signals/go", "{}");

        assertThat(rig.get("/api/v1/jobs/" + id + "?wait=10s")
                        .json()
                        .at("/result/told")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void refusesSignalsInWords(Rig rig) {
        String id = waiting(rig);
        String signals = "/api/v1/jobs/" + id + "/signals/";
        assertThat(rig.post(signals + "a=b", "{}").status()).isEqualTo(400);
        assertThat(rig.post(signals + "go", "{\"value\":1}").text()).contains("unknown-field");
        assertThat(rig.post(signals + "go", "{\"payload\":\"" + "x".repeat(17_000) + "\"}")
                        .status())
                .isEqualTo(413);
        assertThat(rig.post("/api/v1/jobs/" + queue + "-1vv00/signals/go", "{}").status())
                .isEqualTo(404);
        assertThat(rig.post(signals + "other", "{\"payload\":1}").status()).isEqualTo(200);
        assertThat(rig.post(signals + "other", "{\"payload\":2}").text()).contains("the first one stays");
        rig.post("/api/v1/jobs/" + id + ":cancel", "");
    }
}
