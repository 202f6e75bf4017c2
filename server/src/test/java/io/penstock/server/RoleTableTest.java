package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.caller.Access;
import io.penstock.server.caller.Role;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Route;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds docs/roles.md and what is answered over HTTP together: each route by each role, and for tokens of some queues.
 *
 * <p>{@code -Droles.write=true} writes the table of docs/roles.md anew from the routes; its diff is what is to be
 * reviewed.
 */
@ExtendWith(RigExtension.class)
final class RoleTableTest {
    private static final Path DOC = Path.of("..", "docs", "roles.md");
    private static final String MAY = "yes";
    private static final String HEAD =
            "| route | viewer | producer | worker | operator | admin | token of some queues |";

    /** Refused after the roles and before anything is done. */
    private static final String STRANGE = "?role-table=1";

    private static List<Route> table;

    /** @param queues what a token of some queues meets: narrowed, refused, or - where no token is needed */
    private record Row(List<Role> roles, String queues) {}

    @BeforeAll
    static void readRoutes(EmbeddedRedis redis, @TempDir Path dir) {
        try (io.penstock.Penstock penstock = io.penstock.Penstock.connect(redis.uri())) {
            Engine engine = new Engine(penstock);
            Settings settings =
                    Settings.read(Map.of(Setting.PORT, "0", Setting.DATA_DIR, dir.toString()), null, Map.of());
            Work work = new Work(penstock, engine, settings);
            table = new Server(engine, work, LiveSettings.open(settings), "no-token-at-all")
                    .routes()
                    .table();
        }
    }

    @AfterAll
    static void forgetRoutes() {
        table = null;
    }

    private static String name(Route route) {
        return route.method() + " " + route.template();
    }

    private static String line(Route route) {
        StringBuilder line = new StringBuilder("| `" + name(route) + "` |");
        for (Role role : Role.values()) {
            line.append(route.access().roles().contains(role) ? " " + MAY + " |" : " |");
        }
        boolean open = route.access() == Access.ANYONE;
        return line.append(open ? " no token needed |" : route.narrow() ? " its queues |" : " refused |")
                .toString();
    }

    private static List<String> lines() {
        return table.stream()
                .sorted(Comparator.comparing(Route::template).thenComparing(Route::method))
                .map(RoleTableTest::line)
                .toList();
    }

    @Test
    void saysOfEveryRouteWhoMayCallIt() throws IOException {
        List<String> doc = Files.readAllLines(DOC);
        if (Boolean.getBoolean("roles.write")) {
            List<String> written = new ArrayList<>(
                    doc.stream().filter(line -> !line.startsWith("| `")).toList());
            written.addAll(written.indexOf(HEAD) + 2, lines());
            Files.write(DOC, written);
            doc = written;
        }
        assertThat(doc.stream().filter(line -> line.startsWith("| `")).toList())
                .as("docs/roles.md; -Droles.write=true writes it anew")
                .isEqualTo(lines());
    }

    private static Map<String, Row> documented() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        for (String line : Files.readAllLines(DOC)) {
            if (line.startsWith("| `")) {
                String[] cells = line.split("\\|", -1);
                List<Role> roles = new ArrayList<>();
                int cell = 2;
                for (Role role : Role.values()) {
                    if (cells[cell++].strip().equals(MAY)) {
                        roles.add(role);
                    }
                }
                rows.put(cells[1].strip().replace("`", ""), new Row(roles, cells[7].strip()));
            }
        }
        return rows;
    }

    @Test
    void answersEachRoleAsItIsDocumented(Rig rig) throws IOException {
        Map<Role, Keys> keys = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            keys.put(role, Keys.of(rig, role));
        }
        Map<String, Row> rows = documented();
        for (Route route : table) {
            Row row = rows.get(name(route));
            assertThat(row).as("row of " + name(route)).isNotNull();
            String path = route.template().replaceAll("\\{\\w+}", "x-100") + STRANGE;
            for (Role role : Role.values()) {
                Rig.Answer answer = keys.get(role).send(route.method(), path, null);
                String which = role + " " + name(route);
                if (row.roles().contains(role)) {
                    assertThat(answer.problem()).as(which).isEqualTo("unknown-parameter");
                } else {
                    assertThat(answer.status()).as(which).isEqualTo(403);
                    assertThat(answer.problem()).as(which).isEqualTo("forbidden");
                    assertThat(answer.text())
                            .as(which)
                            .contains(role.wire())
                            .contains(row.roles().get(0).wire());
                }
            }
        }
    }

    @Test
    void keepsTokensOfSomeQueuesFromTheRest(Rig rig) throws IOException {
        Keys narrow = Keys.of(rig, Role.ADMIN, "mine-*");
        Map<String, Row> rows = documented();
        for (Route route : table) {
            Row row = rows.get(name(route));
            assertThat(row).as("row of " + name(route)).isNotNull();
            Rig.Answer foreign = narrow.send(route.method(), path(route, "x-100") + STRANGE, null);
            Rig.Answer own = narrow.send(route.method(), path(route, "mine-1") + STRANGE, null);
            if (row.queues().equals("refused")) {
                assertThat(own.problem()).as(name(route)).isEqualTo("forbidden");
            } else {
                assertThat(own.problem()).as(name(route)).isEqualTo("unknown-parameter");
            }
            if (route.template().contains("{queue}")) {
                assertThat(foreign.problem()).as(name(route)).isEqualTo("forbidden");
            }
        }
    }

    private static String path(Route route, String queue) {
        return route.template().replace("{queue}", queue).replaceAll("\\{\\w+}", "x-100");
    }

    @Test
    void changesNothingInReadOnlyMode(EmbeddedRedis redis) {
        try (Rig still = Rig.start(redis, flags -> flags.put(Setting.READ_ONLY, "true"))) {
            for (Route route : table) {
                Rig.Answer answer = still.send(route.method(), path(route, "x-100") + STRANGE, null);
                String wanted = route.harmless() ? "unknown-parameter" : "read-only";
                assertThat(answer.problem()).as(name(route)).isEqualTo(wanted);
            }
            List<String> harmless = table.stream()
                    .filter(route -> route.harmless() && !route.method().equals("GET"))
                    .map(RoleTableTest::name)
                    .toList();
            assertThat(harmless)
                    .containsExactlyInAnyOrder(
                            "POST /api/v1/sessions", "DELETE /api/v1/session", "POST /api/v1/schedules:preview");
            Rig.Answer in = still.bare("POST", "/api/v1/sessions", "{\"token\":\"" + still.token() + "\"}");
            assertThat(in.status()).isEqualTo(201);
            assertThat(in.json().path("readOnly").asBoolean()).isTrue();
        }
    }
}
