package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Route;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.wire.ProblemType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Holds openapi.json, the route table and the token check together. */
@ExtendWith(RigExtension.class)
final class RouteTableTest {
    private static io.penstock.Penstock penstock;
    private static List<Route> table;
    private static JsonNode openapi;

    @BeforeAll
    static void readBoth(EmbeddedRedis redis, @TempDir Path dir) throws IOException {
        penstock = io.penstock.Penstock.connect(redis.uri());
        Engine engine = new Engine(penstock);
        Settings settings = Settings.read(Map.of(Setting.PORT, "0", Setting.DATA_DIR, dir.toString()), null, Map.of());
        Work work = new Work(penstock, engine, settings);
        table = new Server(engine, work, LiveSettings.open(settings), "no-token-at-all")
                .routes()
                .table();
        openapi = new JsonMapper().readTree(SystemApi.resource("openapi.json"));
    }

    @AfterAll
    static void close() {
        penstock.close();
    }

    @Test
    void describesExactlyTheRoutesThereAre() {
        Set<String> described = new TreeSet<>();
        openapi.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(
                                method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        Set<String> there = new TreeSet<>();
        table.forEach(route -> there.add(route.method() + " " + route.template()));
        assertThat(described).isEqualTo(there);
    }

    @Test
    void describesWhatEachRouteTakes() {
        for (Route route : table) {
            JsonNode operation = operation(route);
            assertThat(names(operation, "query"))
                    .as(route.template() + " query")
                    .isEqualTo(route.query());
            Set<String> parts = new HashSet<>();
            java.util.regex.Pattern.compile("\\{(\\w+)}")
                    .matcher(route.template())
                    .results()
                    .forEach(part -> parts.add(part.group(1)));
            assertThat(names(operation, "path")).as(route.template() + " path").isEqualTo(parts);
            assertThat(names(operation, "header").contains("Idempotency-Key"))
                    .as(route.template() + " idempotency")
                    .isEqualTo(route.creates());
            List<String> types = new ArrayList<>();
            operation.at("/requestBody/content").fieldNames().forEachRemaining(types::add);
            assertThat(types).as(route.template() + " body").containsExactlyInAnyOrderElementsOf(route.bodyTypes());
            assertThat(operation.has("security") && operation.path("security").isEmpty())
                    .as(route.template() + " open")
                    .isEqualTo(route.open());
        }
    }

    private static JsonNode operation(Route route) {
        return openapi.path("paths").path(route.template()).path(route.method().toLowerCase(Locale.ROOT));
    }

    private static Set<String> names(JsonNode operation, String in) {
        Set<String> names = new HashSet<>();
        for (JsonNode parameter : operation.path("parameters")) {
            JsonNode whole = parameter.has("$ref")
                    ? openapi.at(parameter.path("$ref").asText().substring(1))
                    : parameter;
            if (whole.path("in").asText().equals(in)) {
                names.add(whole.path("name").asText());
            }
        }
        return names;
    }

    @Test
    void publishesEveryProblem() {
        Set<String> published = new TreeSet<>();
        openapi.at("/components/schemas/Problem/properties/type/enum").forEach(type -> published.add(type.asText()));
        Set<String> known = new TreeSet<>();
        for (ProblemType type : ProblemType.values()) {
            known.add(type.uri());
        }
        assertThat(published).isEqualTo(known);
    }

    @Test
    void refersOnlyToWhatIsThere() {
        List<String> dangling = openapi.findValuesAsText("$ref").stream()
                .filter(reference -> openapi.at(reference.substring(1)).isMissingNode())
                .toList();
        assertThat(dangling).isEmpty();
    }

    @Test
    void wantsTheTokenEverywhereButWhereItSaysNot(Rig rig) {
        for (Route route : table) {
            String path = route.template().replaceAll("\\{\\w+}", "x-100");
            Rig.Answer without = rig.bare(route.method(), path);
            Rig.Answer wrong = rig.bare(route.method(), path, "Authorization", "Bearer pk_wrong");
            if (route.open()) {
                // what opens a session wants a body, and this server has no issuer
                int wanted = path.contains("oidc") ? 404 : route.bodyTypes().isEmpty() ? 200 : 400;
                assertThat(without.status()).as(path).isEqualTo(wanted);
            } else {
                assertThat(without.status()).as(path).isEqualTo(401);
                assertThat(without.header("WWW-Authenticate")).isEqualTo("Bearer");
                assertThat(wrong.status()).as(path).isEqualTo(401);
                assertThat(rig.bare("OPTIONS", path).status())
                        .as("OPTIONS " + path)
                        .isEqualTo(401);
                assertThat(rig.send(route.method(), path, null).status())
                        .as(path)
                        .isNotEqualTo(401);
            }
        }
        assertThat(rig.bare("GET", "/api/v1/secrets").status()).isEqualTo(401);
    }

    @Test
    void answersOtherMethodsWithThoseThereAre(Rig rig) {
        for (Route route : table) {
            String path = route.template().replaceAll("\\{\\w+}", "x-100");
            Rig.Answer answer = rig.send("TRACE".equals(route.method()) ? "PUT" : "PROPFIND", path, null);
            assertThat(answer.status()).as(path).isEqualTo(405);
            assertThat(answer.header("Allow")).as(path).contains(route.method()).contains("OPTIONS");
            assertThat(answer.problem()).isEqualTo("method-not-allowed");
            Rig.Answer options = rig.send("OPTIONS", path, null);
            assertThat(options.status()).as(path).isEqualTo(204);
            assertThat(options.header("Allow")).isEqualTo(answer.header("Allow"));
            assertThat(options.headers()).doesNotContainKey("access-control-allow-origin");
        }
    }

    @Test
    void refusesUnknownParametersOnEveryRoute(Rig rig) {
        for (Route route : table) {
            String path = route.template().replaceAll("\\{\\w+}", "x-100") + "?lmit=5";
            Rig.Answer answer = rig.send(route.method(), path, null);
            assertThat(answer.status()).as(path).isEqualTo(400);
            assertThat(answer.problem()).isEqualTo("unknown-parameter");
        }
        assertThat(rig.get("/api/v1/jobs?lmit=5").text()).contains("did you mean \\\"limit\\\"?");
        assertThat(rig.get("/api/v1/jobs?limit=5&limit=6").problem()).isEqualTo("invalid-value");
    }
}
