package io.penstock.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class ModelFaultsTest {
    @TempDir
    static Path dir;

    private static ChatRig rig;

    @BeforeAll
    static void start() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
        rig = ChatRig.start(dir, "--chat-workers=2", "--tenant-tokens-per-day=3000");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void behave() {
        rig.stub.settings(ChatRig.FAST);
    }

    @Test
    void comesAgainWhenTheModelSaidSo() throws Exception {
        rig.stub.settings(ChatRig.FAST.with(Map.of("share429", "1", "retryAfterSeconds", "300")));
        JobId job = JobId.parse(rig.leave("busy", "default", "busy").path("job").asText());
        await().untilAsserted(() -> assertThat(job(job).state()).isEqualTo(JobState.DELAYED));
        Instant due = job(job).runAt();
        assertThat(due).isAfter(job(job).createdAt().plusSeconds(299));
        rig.stub.settings(ChatRig.FAST);
        rig.app().penstock().queue("chat").promote(job);
        await().untilAsserted(() -> assertThat(job(job).state()).isEqualTo(JobState.COMPLETED));
    }

    @Test
    void asksAnewWhenAStreamIsCut() throws Exception {
        rig.stub.settings(ChatRig.FAST.with(Map.of("shareCut", "1", "tokenMillis", "1")));
        long before = rig.stub.calls();
        try (ChatRig.Events events = rig.events("cut me", "X-Tenant", "cut")) {
            events.until("turn");
            await().until(() -> rig.stub.calls() > before);
            rig.stub.settings(ChatRig.FAST);
            JsonNode end = events.until("completed", "failed");
            assertThat(end.path("answer").asText())
                    .startsWith("You asked: cut me -")
                    .isEqualTo(events.text.toString());
        }
        assertThat(rig.stub.calls()).isGreaterThan(before + 1);
    }

    @Test
    void leavesABrokenModelAloneAndComesBackToIt() throws Exception {
        rig.agent("broken", "{\"concurrent\":50}");
        rig.stub.settings(ChatRig.FAST.failing(0, 1));
        for (int i = 0; i < 12; i++) {
            rig.leave("broken " + i, "broken", "broken");
        }
        await().untilAsserted(() -> assertThat(breaker()).isEqualTo("open"));
        rig.stub.settings(ChatRig.FAST);
        await().untilAsserted(() -> assertThat(breaker()).isEqualTo("closed"));
    }

    private static String breaker() throws Exception {
        return ChatRig.json(rig.get("/api/health"))
                .path("models")
                .path("llm.broken")
                .path("breaker")
                .asText();
    }

    @Test
    void deniesATenantWhoseTokensAreUsedUpAndNoOther() throws Exception {
        rig.stub.settings(ChatRig.FAST.pace(0, 0, 10_000));
        JsonNode costly = ChatRig.json(rig.send(rig.post("{\"message\":\"much\"}", "X-Tenant", "spender")));
        assertThat(costly.path("ending").asText()).isEqualTo("length");
        rig.stub.settings(ChatRig.FAST);
        HttpResponse<String> denied = rig.send(rig.post("{\"message\":\"more\"}", "X-Tenant", "spender"));
        assertThat(denied.statusCode()).isEqualTo(429);
        assertThat(denied.headers().firstValue("retry-after")).isPresent();
        assertThat(ChatRig.json(denied).path("type").asText()).isEqualTo("chat-tokens");
        assertThat(rig.send(rig.post("{\"message\":\"more\"}", "X-Tenant", "saver"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void limitsTheRequestsOfAnAgent() throws Exception {
        rig.agent("rare", "{\"requestsPerMinute\":1}");
        String ask = "{\"message\":\"now\",\"agent\":\"rare\"}";
        assertThat(rig.send(rig.post(ask, "X-Tenant", "a")).statusCode()).isEqualTo(200);
        assertThat(rig.send(rig.post(ask, "X-Tenant", "b")).statusCode()).isEqualTo(429);
    }

    @Test
    void takesTurnsBetweenTenants() throws Exception {
        rig.app().penstock().queue("chat").pause();
        List<JobId> jobs = new ArrayList<>();
        Map<JobId, Integer> started = new HashMap<>();
        for (int i = 0; i < 16; i++) {
            jobs.add(JobId.parse(
                    rig.leave("noisy " + i, "default", "noisy").path("job").asText()));
        }
        JobId quiet =
                JobId.parse(rig.leave("quiet", "default", "quiet").path("job").asText());
        jobs.add(quiet);
        rig.app().penstock().queue("chat").resume();
        await().untilAsserted(() ->
                assertThat(jobs).allSatisfy(id -> assertThat(job(id).state()).isEqualTo(JobState.COMPLETED)));
        jobs.stream()
                .map(ModelFaultsTest::job)
                .sorted(Comparator.comparing(Job::startedAt))
                .forEach(each -> started.put(each.id(), started.size()));
        assertThat(started.get(quiet)).as("place of the last who came").isLessThan(10);
    }

    @Test
    void saysWhyAJobWasRefused() {
        Problem memory = Problem.refused(
                new Enqueued.Refused(Enqueued.Reason.MEMORY_PRESSURE, Duration.ofMillis(1_500), "no room"));
        assertThat(memory.status()).isEqualTo(503);
        assertThat(memory.type()).isEqualTo("memory-pressure");
        assertThat(Request.seconds(memory.retryAfter())).isEqualTo(2);
    }

    private static Job job(JobId id) {
        return rig.app().penstock().job(id).orElseThrow();
    }
}
