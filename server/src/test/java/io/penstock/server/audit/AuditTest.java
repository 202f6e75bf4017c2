package io.penstock.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.Redis;
import io.penstock.server.RigExtension;
import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Role;
import io.penstock.server.http.Deed;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.redact.Redactor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The audit alone, over a Redis of its own, without the timer. */
@ExtendWith(RigExtension.First.class)
final class AuditTest {
    private static final Caller ANN = new Caller("ann", Role.OPERATOR, List.of());
    private static final Route RETRY = Route.act("/api/v1/jobs/{id}:retry", call -> Reply.noContent());
    private static final Route ENQUEUE = Route.post("/api/v1/queues/{queue}/jobs", call -> Reply.noContent());
    private static final Route ACK = Route.post("/api/v1/leases/{token}:nack", call -> Reply.noContent());

    private static EmbeddedRedis server;
    private static Penstock penstock;

    @BeforeAll
    static void connect() {
        server = EmbeddedRedis.builder().persistence(false).start();
        penstock = Penstock.connect(server.uri());
    }

    @AfterAll
    static void close() {
        penstock.close();
        server.close();
    }

    @BeforeEach
    @AfterEach
    void empty() {
        penstock.redis().await(penstock.redis().command("FLUSHALL", new io.penstock.redis.Call(16)));
    }

    private static Trail trail(int lines, long bytes) {
        return new Trail(penstock.redis(), Duration.ofDays(1), lines, bytes);
    }

    private static Audit audit(Trail trail) {
        return new Audit(trail, penstock.timer(), Redactor.STANDARD);
    }

    private static Deed deed(Route route, Map<String, String> path, @Nullable Caller caller, int status, String reply) {
        byte[] answer = reply.getBytes(StandardCharsets.UTF_8);
        return new Deed(
                route.method(), route, path, caller, "10.0.0.9", "req-1", status, 2_000_000, new byte[0], answer, null);
    }

    private static Deed retry(String id, @Nullable Caller caller, int status) {
        return deed(
                RETRY,
                Map.of("id", id),
                caller,
                status,
                "{\"id\":\"" + id + "\",\"state\":\"waiting\",\"payload\":\"p\"}");
    }

    private static void flush(Audit audit) {
        while (true) {
            var sent = audit.send();
            if (sent == null || !sent.toCompletableFuture().join()) {
                return;
            }
        }
    }

    private static List<String> lines(Trail trail) {
        return trail.read("+", "-", 1_000).stream()
                .map(stored -> new String(stored.line(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void writesWhoDidWhatToWhatAndNeverWhatWasSent() {
        Trail trail = trail(100, 1 << 20);
        Audit audit = audit(trail);
        audit.saw(retry("mail-1", ANN, 200));
        flush(audit);
        assertThat(lines(trail))
                .singleElement()
                .asString()
                .contains(
                        "\"caller\":\"ann\",\"role\":\"operator\",\"peer\":\"10.0.0.9\",\"action\":\"jobs.retry\",\"object\":\"mail-1\"")
                .contains("\"status\":200", "\"requests\":1", "\"requestId\":\"req-1\"", "\"durationMillis\":2")
                .contains("\"target\":\"/api/v1/jobs/mail-1:retry\"", "\"state\":\"waiting\"")
                .doesNotContain("payload");
    }

    @Test
    void countsWhatProgramsDoAllDay() {
        Trail trail = trail(100, 1 << 20);
        Audit audit = audit(trail);
        for (int i = 0; i < 500; i++) {
            audit.saw(deed(ENQUEUE, Map.of("queue", "mail"), ANN, 201, "{}"));
        }
        audit.saw(deed(ENQUEUE, Map.of("queue", "mail"), ANN, 429, "{}"));
        audit.saw(deed(ACK, Map.of("token", "lease-right"), ANN, 200, "{}"));
        flush(audit);
        assertThat(lines(trail)).isEmpty();
        audit.total();
        flush(audit);
        assertThat(lines(trail))
                .hasSize(3)
                .anyMatch(line ->
                        line.contains("\"action\":\"jobs.create\",\"object\":\"mail\",\"status\":201,\"requests\":500"))
                .anyMatch(line -> line.contains("\"status\":429,\"requests\":1"))
                .anyMatch(line -> line.contains("\"action\":\"leases.nack\""))
                .noneMatch(line -> line.contains("lease-right"));
        audit.total();
        flush(audit);
        assertThat(lines(trail)).hasSize(3);
    }

    @Test
    void isNotFloodedByWhoeverIsRefused() {
        Trail trail = trail(10_000, 8 << 20);
        Audit audit = audit(trail);
        for (int i = 0; i < 5_000; i++) {
            audit.saw(retry("mail-" + i, null, 401));
            audit.saw(retry("mail-" + i, ANN, 403));
        }
        audit.total();
        flush(audit);
        assertThat(lines(trail)).hasSizeBetween(Pace.UNKNOWN, Pace.UNKNOWN + 2);
        assertThat(lines(trail).stream().mapToLong(AuditTest::requests).sum()).isEqualTo(10_000);
    }

    @Test
    void letsNobodyPushHisDoingsOutByDoingMuch() {
        Trail trail = trail(10_000, 8 << 20);
        Audit audit = audit(trail);
        for (int i = 0; i < Pace.KNOWN * 3; i++) {
            audit.saw(retry("mail-" + i, ANN, 200));
        }
        audit.total();
        flush(audit);
        assertThat(lines(trail).stream().mapToLong(AuditTest::requests).sum()).isEqualTo(Pace.KNOWN * 3L);
        assertThat(trail.read("+", "-", 10_000)).hasSize(Pace.KNOWN + 1);
    }

    private static long requests(String line) {
        return Long.parseLong(line.replaceFirst(".*\"requests\":(\\d+).*", "$1"));
    }

    @Test
    void keepsToItsCountAndItsBytes() {
        Trail few = trail(5, 1 << 20);
        Audit audit = audit(few);
        for (int i = 0; i < 400; i++) {
            audit.saw(retry("mail-" + i, ANN, 200));
        }
        flush(audit);
        assertThat(lines(few)).hasSize(5).first().asString().contains("mail-399");
        Trail small = trail(1_000, 2_000);
        Audit other = audit(small);
        other.saw(retry("mail-400", ANN, 200));
        flush(other);
        assertThat(lines(small)).isNotEmpty();
        assertThat(lines(small).stream().mapToInt(String::length).sum()).isLessThanOrEqualTo(2_000);
        assertThat(kept())
                .isEqualTo(lines(small).stream().mapToInt(String::length).sum());
    }

    private static long kept() {
        Redis redis = penstock.redis();
        byte[] key = Redis.utf8("pk:audit:{all}:bytes");
        return Long.parseLong(Redis.text(redis.await(redis.command("GET", new io.penstock.redis.Call(64).key(key)))
                .get(0)));
    }

    @Test
    void dropsWhatIsTooOld() {
        Trail old = new Trail(penstock.redis(), Duration.ofMillis(1), 1_000, 1 << 20);
        Audit audit = audit(old);
        audit.saw(retry("mail-1", ANN, 200));
        flush(audit);
        await().untilAsserted(() -> {
            audit.saw(retry("mail-2", ANN, 200));
            flush(audit);
            assertThat(lines(old)).noneMatch(line -> line.contains("mail-1"));
        });
    }

    @Test
    void writesABatchOnceThatIsSentTwice() {
        Trail trail = trail(100, 1 << 20);
        List<byte[]> batch = List.of(Redis.utf8("{\"action\":\"a\"}"), Redis.utf8("{\"action\":\"b\"}"));
        penstock.redis().await(trail.write(1, batch));
        penstock.redis().await(trail.write(1, batch));
        assertThat(lines(trail)).hasSize(2);
        penstock.redis().await(trail.write(2, batch));
        penstock.redis().await(trail(100, 1 << 20).write(1, batch));
        assertThat(lines(trail)).hasSize(6);
    }

    @Test
    void saysHowMuchWasLostWhenMoreWaitedThanMay() {
        Trail trail = trail(100_000, 64 << 20);
        Audit audit = audit(trail);
        int many = Audit.MOST_LINES + 50;
        for (int i = 0; i < many; i++) { // each a caller of his own, so that the pace does not count them together
            Caller caller = new Caller("c" + i % 900, Role.ADMIN, List.of());
            audit.saw(retry("mail-" + i, caller, 200));
        }
        assertThat(audit.lost()).isPositive();
        flush(audit);
        List<String> lost = trail.read("+", "-", many).stream()
                .map(stored -> new String(stored.line(), StandardCharsets.UTF_8))
                .filter(line -> line.contains("audit.lost"))
                .toList();
        assertThat(lost).singleElement().asString().contains("\"requests\":" + audit.lost());
        assertThat(trail.read("+", "-", many + 10)).hasSize(many - (int) audit.lost() + 1);
    }

    @Test
    void namesWhatRoutesMean() {
        assertThat(Meaning.action(RETRY)).isEqualTo("jobs.retry");
        assertThat(action("PUT", "/api/v1/memory/policy")).isEqualTo("memory.policy.set");
        assertThat(action("POST", "/api/v1/queues/{queue}/groups/{group}:pause"))
                .isEqualTo("groups.pause");
        assertThat(action("PUT", "/api/v1/queues/{queue}/groups/{group}")).isEqualTo("groups.set");
        assertThat(action("POST", "/api/v1/jobs:batch")).isEqualTo("jobs.batch");
        assertThat(action("POST", "/api/v1/sessions")).isEqualTo("session.open");
        assertThat(action("DELETE", "/api/v1/tokens/{id}")).isEqualTo("tokens.delete");
        assertThat(action("POST", "/api/v1/jobs/{id}/signals/{name}")).isEqualTo("signals.create");
    }

    private static String action(String method, String template) {
        Route.Blocking none = call -> Reply.noContent();
        return Meaning.action(
                switch (method) {
                    case "PUT" -> Route.put(template, none);
                    case "DELETE" -> Route.delete(template, none);
                    default -> Route.post(template, none);
                });
    }
}
