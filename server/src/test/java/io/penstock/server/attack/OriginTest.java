package io.penstock.server.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the browser of somebody who is signed in may be made to do by a page that is not ours: nothing. */
@ExtendWith(RigExtension.class)
final class OriginTest {
    private record Operation(String method, String path) {}

    private static List<Operation> operations(Rig rig, boolean writes) {
        List<Operation> operations = new ArrayList<>();
        JsonNode paths = rig.get("/openapi.json").json().path("paths");
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                boolean open = method.getValue().path("security").isArray()
                        && method.getValue().path("security").isEmpty();
                if (!open && writes != method.getKey().equals("get")) {
                    operations.add(new Operation(
                            method.getKey().toUpperCase(Locale.ROOT),
                            path.getKey().replaceAll("\\{\\w+}", "x-100")));
                }
            }
        }
        assertThat(operations).hasSizeGreaterThan(20);
        return operations;
    }

    private static String signIn(Rig rig) {
        Rig.Answer answer = rig.bare("POST", "/api/v1/sessions", "{\"token\":\"" + rig.token() + "\"}");
        String cookie = answer.header("Set-Cookie");
        return cookie.substring(0, cookie.indexOf(';'));
    }

    @Test
    void takesNoWriteFromElsewhereOnAnyRoute(Rig rig) {
        String cookie = signIn(rig);
        String[][] foreign = {
            {"Cookie", cookie},
            {"Cookie", cookie, "Origin", rig.url()}, // a form can have it, but not X-Requested-With
            {"Cookie", cookie, "X-Requested-With", "x", "Origin", "null"},
            {"Cookie", cookie, "X-Requested-With", "x", "Origin", "https://evil.example"},
            {"Cookie", cookie, "X-Requested-With", "x", "Origin", rig.url() + ".evil.example"},
            {"Cookie", cookie, "X-Requested-With", "x", "Sec-Fetch-Site", "cross-site"},
            {"Cookie", cookie, "X-Requested-With", "x", "Sec-Fetch-Site", "none"}
        };
        for (Operation operation : operations(rig, true)) {
            for (String[] headers : foreign) {
                Rig.Answer answer = rig.bare(operation.method(), operation.path(), headers);
                assertThat(answer.status())
                        .as(operation + " " + String.join(" ", headers) + " " + answer.text())
                        .isEqualTo(403);
                assertThat(answer.problem()).isEqualTo("foreign-origin");
            }
        }
    }

    @Test
    void opensNoSessionByAFormOfAnotherSite(Rig rig) throws IOException {
        for (String type : new String[] {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
            try (Wire wire = new Wire(rig)) {
                String body = "{\"token\":\"" + rig.token() + "\"}";
                wire.send("POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
                        + "Content-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                assertThat(wire.status()).as(type).isEqualTo(415);
            }
        }
    }

    @Test
    void letsNoOtherPageReadOrFrameOrKeepAnAnswer(Rig rig) {
        List<Operation> all = operations(rig, false);
        all.add(new Operation("GET", "/livez"));
        all.add(new Operation("GET", "/api/v1/nowhere"));
        all.add(new Operation("OPTIONS", "/api/v1/queues"));
        all.add(new Operation("DELETE", "/api/v1/queues"));
        for (Operation operation : all) {
            if (operation.path().matches(".*(events|histogram)")) {
                continue; // one does not end, the other stops the process for a moment
            }
            for (Rig.Answer answer : List.of(
                    rig.send(operation.method(), operation.path(), null, "Origin", "https://evil.example"),
                    rig.bare(operation.method(), operation.path(), "Origin", "null"))) {
                safe(operation + " " + answer.status(), answer);
            }
        }
    }

    private static void safe(String what, Rig.Answer answer) {
        assertThat(answer.headers()).as(what).doesNotContainKey("access-control-allow-origin");
        assertThat(answer.header("Cache-Control")).as(what).isEqualTo("no-store");
        assertThat(answer.header("X-Content-Type-Options")).as(what).isEqualTo("nosniff");
        assertThat(answer.header("Content-Security-Policy"))
                .as(what)
                .contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(answer.header("X-Frame-Options")).as(what).isEqualTo("DENY");
        assertThat(answer.header("Cross-Origin-Resource-Policy")).as(what).isEqualTo("same-origin");
        assertThat(answer.header("Referrer-Policy")).as(what).isEqualTo("no-referrer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example",
                "Host: localhost\r\nHost: evil.example",
                "Host: evil.example\r\nHost: localhost",
                "Host: localhost@evil.example",
                "Host: localhost.evil.example",
                "Host: evil.example#localhost",
                "Host: localhost:80:80",
                "Host: localhost:x",
                "Host: ",
                "X-Forwarded-Host: localhost"
            })
    void answersToNoOtherName(String host, Rig rig) throws IOException {
        for (String path : new String[] {"/livez", "/", "/api/v1/queues", "/ui/x/main.js"}) {
            try (Wire wire = new Wire(rig)) {
                wire.send("GET " + path + " HTTP/1.1\r\n" + host + "\r\nAuthorization: Bearer " + rig.token()
                        + "\r\nConnection: close\r\n\r\n");
                assertThat(wire.status()).as(host + " " + path).isIn(400, 421);
            }
        }
    }
}
