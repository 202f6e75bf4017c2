package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What stands in the place of a secret never becomes data; whoever works with a job gets the truth. */
@ExtendWith(RigExtension.class)
final class RedactedJobTest {
    private static final String JOB =
            "{\"type\":\"lent.out\",\"delay\":\"1h\",\"payload\":{\"user\":\"bob\",\"password\":\"hunter2\"},\"metadata\":{\"apiKey\":\"k-1\"}}";

    private static JsonNode lease(Rig rig, String queue) {
        return rig.post(
                        "/api/v1/leases",
                        "{\"queues\":[\"" + queue + "\"],\"max\":5,\"waitMillis\":0,\"worker\":\"w-" + queue + "\"}")
                .json()
                .path("jobs");
    }

    @Test
    void showsPeopleNoSecretsAndLendsTheTruth(Rig rig) {
        String queue = Rig.queue();
        String id = rig.enqueue(queue, JOB);
        JsonNode job = rig.job(id);
        assertThat(job.path("payload")).hasToString("{\"user\":\"bob\",\"password\":\"[redacted: password]\"}");
        assertThat(job.at("/metadata/apiKey").asText()).isEqualTo("[redacted: apikey]");
        assertThat(rig.get("/api/v1/jobs?queue=" + queue).text())
                .contains("bob")
                .doesNotContain("hunter2", "k-1");
        assertThat(rig.post("/api/v1/jobs/" + id + ":promote", null).text()).doesNotContain("hunter2", "k-1");
        JsonNode lent = lease(rig, queue);
        assertThat(lent).hasSize(1);
        assertThat(lent.path(0).path("payload")).hasToString("{\"user\":\"bob\",\"password\":\"hunter2\"}");
        assertThat(lent.at("/0/metadata/apiKey").asText()).isEqualTo("k-1");
    }

    @Test
    void keepsWhatWasNotShownThroughEditsAndClones(Rig rig) {
        String queue = Rig.queue();
        String id = rig.enqueue(queue, JOB);
        String shown = rig.job(id).path("payload").toString();
        Rig.Answer back = rig.send("PATCH", "/api/v1/jobs/" + id, "{\"payload\":" + shown + "}");
        assertThat(back.status()).isEqualTo(400);
        assertThat(back.text()).contains("[redacted: …]").contains("/payload").doesNotContain("hunter2");
        Rig.Answer elsewhere = rig.post(
                "/api/v1/jobs/" + id + ":clone",
                "{\"payload\":{\"to\":\"evil\",\"password\":\"[redacted: password]\"}}");
        assertThat(elsewhere.status()).isEqualTo(400);
        assertThat(rig.post("/api/v1/jobs/" + id + ":clone", "{\"payload\":\"[hidden: this role sees no payloads]\"}")
                        .status())
                .isEqualTo(400);
        assertThat(rig.send("PATCH", "/api/v1/jobs/" + id, "{\"priority\":\"high\",\"delay\":\"0s\"}")
                        .status())
                .isEqualTo(200);
        assertThat(rig.post("/api/v1/jobs/" + id + ":clone", "{}").status()).isEqualTo(201);
        JsonNode lent = lease(rig, queue);
        assertThat(lent).hasSize(2);
        assertThat(lent)
                .allSatisfy(
                        job -> assertThat(job.at("/payload/password").asText()).isEqualTo("hunter2"));
    }

    @Test
    void refusesASchedulesPayloadThatWasReadAndWrittenBack(Rig rig) {
        String id = "s-" + Rig.queue();
        String path = "/api/v1/schedules/" + id;
        String job = "\"job\":{\"queue\":\"" + Rig.queue() + "\",\"type\":\"lent.out\",\"payload\":";
        assertThat(rig.send("PUT", path, "{\"every\":\"24h\"," + job + "{\"token\":\"hunter2\",\"n\":1}}}")
                        .status())
                .isEqualTo(201);
        Rig.Answer seen = rig.get(path);
        assertThat(seen.text()).contains("[redacted: token]").doesNotContain("hunter2");
        String shown = seen.json().at("/job/payload").toString();
        Rig.Answer back = rig.send("PUT", path, "{\"every\":\"12h\"," + job + shown + "}}");
        assertThat(back.status()).as(back.text()).isEqualTo(400);
        assertThat(rig.send("PUT", path, "{\"every\":\"12h\"," + job + "{\"token\":\"hunter3\"}}}")
                        .status())
                .isEqualTo(200);
        assertThat(rig.send("DELETE", path, null).status()).isEqualTo(204);
    }

    @Test
    void showsAResultWithoutItsSecretsToWhoeverAwaitsItAsAdmin(Rig rig) {
        Rig.Answer done = rig.post(
                "/api/v1/queues/" + Rig.queue() + "/jobs?wait=30s",
                "{\"type\":\"demo.echo\",\"payload\":{\"text\":\"hi\",\"secret\":\"hunter2\"}}");
        assertThat(done.text()).contains("hi").doesNotContain("hunter2");
    }
}
