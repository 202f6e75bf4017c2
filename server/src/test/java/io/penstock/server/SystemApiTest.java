package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class SystemApiTest {
    @Test
    void answersProbesAndThePageWithoutAToken(Rig rig) {
        assertThat(rig.bare("GET", "/livez").text()).isEqualTo("ok\n");
        assertThat(rig.bare("GET", "/readyz").text()).isEqualTo("ready\n");
        Rig.Answer page = rig.bare("GET", "/");
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.text()).contains("penstock status").contains("<script type=\"module\" src=");
        assertThat(rig.bare("HEAD", "/livez").status()).isEqualTo(200);
        assertThat(rig.bare("HEAD", "/livez").text()).isEmpty();
    }

    @Test
    void protectsEveryAnswer(Rig rig) {
        for (Rig.Answer answer : new Rig.Answer[] {rig.bare("GET", "/api/v1/jobs"), rig.get("/api/v1/jobs")}) {
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Content-Security-Policy"))
                    .contains("default-src 'none'")
                    .contains("frame-ancestors 'none'");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
            assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(answer.headers()).doesNotContainKey("server").doesNotContainKey("access-control-allow-origin");
            assertThat(answer.headers()).containsKey("content-length");
        }
    }

    @Test
    void saysHowItIs(Rig rig) {
        assertThat(rig.get("/api/v1/health").json().path("status").asText()).isIn("ok", "degraded");
        assertThat(rig.get("/api/v1/health").text())
                .contains("\"name\":\"redis\"")
                .contains("redis eviction");
        assertThat(rig.get("/api/v1/info").json().path("handlers").toString()).contains("demo.echo");
        assertThat(rig.get("/openapi.json").json().path("openapi").asText()).isEqualTo("3.1.0");
        assertThat(rig.get("/api/v1/workers").status()).isEqualTo(200);
        assertThat(rig.get("/api/v1/workers/nobody").status()).isEqualTo(404);
    }

    @Test
    void showsSettingsWithTheirOriginAndNoSecrets(Rig rig) {
        Rig.Answer config = rig.get("/api/v1/config");
        assertThat(config.text())
                .contains("{\"key\":\"demo\",\"value\":\"true\",\"origin\":\"flag --demo\",\"live\":false}");
        assertThat(config.text()).doesNotContain(rig.token());
    }

    @Test
    void countsForPrometheus(Rig rig) {
        String queue = Rig.queue();
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        rig.get("/api/v1/jobs/" + queue + "-100?x=" + queue);
        String text = rig.get("/metrics").text();
        assertThat(text)
                .contains("penstock_http_requests_seconds_count")
                .contains("route=\"/api/v1/queues/{queue}/jobs\"");
        assertThat(text)
                .contains("penstock_queue_size")
                .contains("jvm_memory_used_bytes")
                .contains("penstock_leases_held");
        assertThat(text).doesNotContain("route=\"/api/v1/jobs/" + queue);
    }

    @Test
    void echoesAHarmlessRequestIdOnly(Rig rig) {
        assertThat(rig.bare("GET", "/livez", "X-Request-Id", "trace-1.2_3").header("X-Request-Id"))
                .isEqualTo("trace-1.2_3");
        assertThat(rig.bare("GET", "/livez", "X-Request-Id", "a b<script>").header("X-Request-Id"))
                .matches("[0-9a-f-]{36}");
    }
}
