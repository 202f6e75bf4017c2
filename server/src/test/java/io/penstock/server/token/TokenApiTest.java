package io.penstock.server.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Keys;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.caller.Role;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class TokenApiTest {
    private static final String PATH = "/api/v1/tokens";

    private static JsonNode listed(Rig rig, String id) {
        for (JsonNode item : rig.get(PATH + "?limit=500").json().path("items")) {
            if (item.path("id").asText().equals(id)) {
                return item;
            }
        }
        return null;
    }

    private static String cookie(Rig rig, String token) {
        Rig.Answer in = rig.bare("POST", "/api/v1/sessions", "{\"token\":\"" + token + "\"}");
        assertThat(in.status()).as(in.text()).isEqualTo(201);
        String cookie = in.header("Set-Cookie");
        return cookie.substring(0, cookie.indexOf(';'));
    }

    @Test
    void makesATokenAndShowsItsTextOnce(Rig rig, EmbeddedRedis redis) {
        Rig.Answer made = rig.post(
                PATH,
                "{\"name\":\"mailer\",\"role\":\"producer\",\"queues\":[\"mail-*\",\"sms\"],\"expiresIn\":\"30d\"}");
        assertThat(made.status()).isEqualTo(201);
        String id = made.json().path("id").asText();
        String text = made.json().path("token").asText();
        assertThat(text).matches("pk_" + id + "_[A-Za-z0-9_-]{43}");
        assertThat(made.header("Location")).isEqualTo(PATH + "/" + id);
        JsonNode shown = listed(rig, id);
        assertThat(shown.path("role").asText()).isEqualTo("producer");
        assertThat(shown.path("queues")).hasSize(2);
        assertThat(shown.path("expiresAt").asText()).isNotEmpty();
        assertThat(shown.has("token")).isFalse();
        assertThat(shown.path("lastUsedAt").isNull()).isTrue();
        try (Penstock penstock = Penstock.connect(redis.uri())) {
            byte[] stored = penstock.redis()
                    .await(new TokenStore(penstock.redis()).all())
                    .get(id);
            assertThat(new String(stored, java.nio.charset.StandardCharsets.UTF_8))
                    .contains("mailer")
                    .doesNotContain(text.substring(20));
        }
        Rig.Answer session = rig.bare("GET", "/api/v1/session", "Authorization", "Bearer " + text);
        assertThat(session.json().path("role").asText()).isEqualTo("producer");
        assertThat(session.json().path("name").asText()).isEqualTo("mailer." + id);
        assertThat(listed(rig, id).path("lastUsedAt").asText()).isNotEmpty();
    }

    @Test
    void refusesWhatOnlyLooksLikeAToken(Rig rig) {
        String text = Keys.of(rig, Role.VIEWER).token();
        String last = text.endsWith("A") ? "B" : "A";
        for (String wrong : List.of(
                text.substring(0, text.length() - 1) + last,
                text + "A",
                text.substring(0, text.length() - 1),
                text.toUpperCase(java.util.Locale.ROOT),
                "pk_0000000000000000" + text.substring(19))) {
            assertThat(rig.bare("GET", "/api/v1/session", "Authorization", "Bearer " + wrong)
                            .status())
                    .as(wrong)
                    .isEqualTo(401);
        }
    }

    @Test
    void refusesWishesThatCannotBe(Rig rig) {
        assertThat(rig.post(PATH, "{\"name\":\"x\",\"role\":\"boss\"}").text()).contains("viewer");
        assertThat(rig.post(PATH, "{\"role\":\"viewer\"}").status()).isEqualTo(400);
        for (String queues : List.of("[]", "[\"*\"]", "[\"\"]", "[\"a*b\"]", "[\"ma il\"]", "[\"a**\"]")) {
            String body = "{\"name\":\"x\",\"role\":\"viewer\",\"queues\":" + queues + "}";
            assertThat(rig.post(PATH, body).status()).as(queues).isEqualTo(400);
        }
        for (String span : List.of("1s", "20000d", "soon")) {
            String body = "{\"name\":\"x\",\"role\":\"viewer\",\"expiresIn\":\"" + span + "\"}";
            assertThat(rig.post(PATH, body).status()).as(span).isEqualTo(400);
        }
        assertThat(rig.send("DELETE", PATH + "/0000000000000000", null).status())
                .isEqualTo(404);
        assertThat(rig.send("DELETE", PATH + "/version", null).status()).isEqualTo(404);
    }

    @Test
    void endsEverywhereWhenItIsRevoked(Rig rig, EmbeddedRedis redis) {
        try (Rig second = Rig.start(redis, flags -> {})) {
            Keys keys = Keys.of(rig, Role.OPERATOR);
            String id = keys.token().substring(3, 19);
            String header = "Bearer " + keys.token();
            await().until(() -> second.bare("GET", "/api/v1/session", "Authorization", header)
                            .status()
                    == 200);
            String cookie = cookie(second, keys.token());
            Rig.Answer session = second.bare("GET", "/api/v1/session", "Cookie", cookie);
            assertThat(session.json().path("role").asText()).isEqualTo("operator");
            assertThat(second.bare("GET", PATH, "Cookie", cookie).problem()).isEqualTo("forbidden");
            assertThat(rig.send("DELETE", PATH + "/" + id, null).status()).isEqualTo(204);
            assertThat(keys.get("/api/v1/session").status()).isEqualTo(401); // here at once
            await().until(() -> second.bare("GET", "/api/v1/session", "Authorization", header)
                            .status()
                    == 401);
            assertThat(second.bare("GET", "/api/v1/session", "Cookie", cookie).status())
                    .isEqualTo(401);
            assertThat(listed(rig, id)).isNull();
        }
    }

    @Test
    void signsInPeopleOnly(Rig rig) {
        Keys program = Keys.of(rig, Role.WORKER);
        Rig.Answer refused = rig.bare("POST", "/api/v1/sessions", "{\"token\":\"" + program.token() + "\"}");
        assertThat(refused.problem()).isEqualTo("forbidden");
        assertThat(refused.header("Set-Cookie")).isEmpty();
    }

    @Test
    void keepsTheSecretOutOfRememberedAnswers(Rig rig) {
        String body = "{\"name\":\"once\",\"role\":\"viewer\"}";
        String first = rig.send("POST", PATH, body, "Idempotency-Key", "same-" + Rig.queue())
                .json()
                .path("token")
                .asText();
        assertThat(rig.send("POST", PATH, body, "Idempotency-Key", "same-" + Rig.queue())
                        .json()
                        .path("token")
                        .asText())
                .isNotEqualTo(first);
    }

    @Test
    void givesNobodyTheAnswerOfAnother(Rig rig) {
        String queue = Rig.queue();
        String job = "{\"type\":\"nobody.does\",\"payload\":{}}";
        String path = "/api/v1/queues/" + queue + "/jobs";
        Keys one = Keys.of(rig, Role.PRODUCER);
        Keys two = Keys.of(rig, Role.PRODUCER);
        String[] first = {job, "Authorization", "Bearer " + one.token(), "Idempotency-Key", "k-" + queue};
        String[] other = {job, "Authorization", "Bearer " + two.token(), "Idempotency-Key", "k-" + queue};
        String id = rig.bare("POST", path, first).json().path("id").asText();
        assertThat(rig.bare("POST", path, first).json().path("id").asText()).isEqualTo(id);
        assertThat(rig.bare("POST", path, other).json().path("id").asText()).isNotEqualTo(id);
    }

    @Test
    void holdsNoMoreThanItsBound() {
        try (EmbeddedRedis own = EmbeddedRedis.builder().persistence(false).start();
                Rig rig = Rig.start(own, flags -> {});
                Penstock penstock = Penstock.connect(own.uri())) {
            TokenStore store = new TokenStore(penstock.redis());
            TokenWish wish = new TokenWish("many", Role.VIEWER, List.of(), null);
            for (int i = 0; i < TokenStore.MOST; i++) {
                assertThat(store.add(Token.make(wish, Instant.now()).token(), TokenStore.ANY))
                        .isEqualTo(TokenStore.Written.DONE);
            }
            Rig.Answer full = rig.post(PATH, "{\"name\":\"one-more\",\"role\":\"viewer\"}");
            assertThat(full.problem()).isEqualTo("conflict");
            assertThat(full.text())
                    .contains("1000 tokens")
                    .contains("nothing was made")
                    .contains("revoke");
            Rig.Answer page = rig.get(PATH + "?limit=400");
            assertThat(page.json().path("items")).hasSize(400);
            String next = page.json().path("next").asText();
            assertThat(rig.get(PATH + "?limit=500&cursor=" + next).json().path("items"))
                    .hasSize(500);
            String first = page.json().at("/items/0/id").asText();
            assertThat(rig.send("DELETE", PATH + "/" + first, null).status()).isEqualTo(204);
            assertThat(rig.post(PATH, "{\"name\":\"one-more\",\"role\":\"viewer\"}")
                            .status())
                    .isEqualTo(201);
        }
    }

    @Test
    void makesRoomOfThoseThatAreOver() {
        try (EmbeddedRedis own = EmbeddedRedis.builder().persistence(false).start();
                Rig rig = Rig.start(own, flags -> {});
                Penstock penstock = Penstock.connect(own.uri())) {
            TokenStore store = new TokenStore(penstock.redis());
            TokenWish wish = new TokenWish("old", Role.VIEWER, List.of(), java.time.Duration.ofMinutes(1));
            Token.Fresh over = Token.make(wish, Instant.EPOCH);
            assertThat(store.add(over.token(), TokenStore.ANY)).isEqualTo(TokenStore.Written.DONE);
            TokenWish endless = new TokenWish("many", Role.VIEWER, List.of(), null);
            for (int i = 1; i < TokenStore.MOST; i++) {
                store.add(Token.make(endless, Instant.now()).token(), TokenStore.ANY);
            }
            assertThat(rig.bare("GET", "/api/v1/session", "Authorization", "Bearer " + over.text())
                            .status())
                    .isEqualTo(401);
            assertThat(rig.post(PATH, "{\"name\":\"fits\",\"role\":\"viewer\"}").status())
                    .isEqualTo(201);
        }
    }

    @Test
    void changesNothingThatWasOvertaken() {
        try (EmbeddedRedis own = EmbeddedRedis.builder().persistence(false).start();
                Rig server = Rig.start(own, flags -> {})) {
            String body = "{\"name\":\"etag\",\"role\":\"viewer\"}";
            String none = server.get(PATH).header("ETag");
            Rig.Answer made = server.send("POST", PATH, body, "If-Match", none);
            assertThat(made.status()).isEqualTo(201);
            String tag = server.get(PATH).header("ETag");
            assertThat(tag).matches("\"v[0-9a-f]+\"").isEqualTo(made.header("ETag"));
            String path = PATH + "/" + made.json().path("id").asText();
            for (String old : List.of(none, "W/" + tag, tag + ", " + tag, "x", "\"vany\"")) {
                assertThat(server.send("DELETE", path, null, "If-Match", old).problem())
                        .as(old)
                        .isEqualTo("precondition-failed");
                assertThat(server.send("POST", PATH, body, "If-Match", old).problem())
                        .as(old)
                        .isEqualTo("precondition-failed");
            }
            assertThat(server.get(PATH).json().path("items")).hasSize(1);
            assertThat(server.send("DELETE", path, null, "If-Match", tag).status())
                    .isEqualTo(204);
            assertThat(server.send("DELETE", path, null, "If-Match", "*").status())
                    .isEqualTo(404);
        }
    }
}
