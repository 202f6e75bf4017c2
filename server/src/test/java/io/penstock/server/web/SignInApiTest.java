package io.penstock.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class SignInApiTest {
    private static final String PAUSE = "/api/v1/queues/demo:pause";

    private static String signIn(Rig rig) {
        Rig.Answer answer = rig.bare("POST", "/api/v1/sessions", "{\"token\":\"" + rig.token() + "\"}");
        assertThat(answer.status()).isEqualTo(201);
        String cookie = answer.header("Set-Cookie");
        assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Path=/").doesNotContain("Secure");
        return cookie.substring(0, cookie.indexOf(';'));
    }

    @Test
    void turnsTheTokenIntoACookieThatOpensEverything(Rig rig) {
        String cookie = signIn(rig);
        assertThat(rig.bare("GET", "/api/v1/queues", "Cookie", cookie).status()).isEqualTo(200);
        Rig.Answer session = rig.bare("GET", "/api/v1/session", "Cookie", "a=b; " + cookie + "; c=d");
        assertThat(session.json().path("role").asText()).isEqualTo("admin");
        assertThat(session.json().path("endsAt").asText()).isNotEmpty();
    }

    @Test
    void marksTheCookieSecureBehindTls(Rig rig) {
        String body = "{\"token\":\"" + rig.token() + "\"}";
        assertThat(rig.bare("POST", "/api/v1/sessions", body, "X-Forwarded-Proto", "https")
                        .header("Set-Cookie"))
                .contains("Secure");
    }

    @Test
    void takesWritesByCookieFromItsOwnPagesOnly(Rig rig) {
        String cookie = signIn(rig);
        String[] ours = {"Cookie", cookie, "X-Requested-With", "penstock"};
        assertThat(rig.bare("POST", PAUSE, "Cookie", cookie).problem()).isEqualTo("foreign-origin");
        assertThat(rig.bare("POST", PAUSE, ours[0], ours[1], ours[2], ours[3], "Origin", "http://evil.example")
                        .status())
                .isEqualTo(403);
        assertThat(rig.bare("POST", PAUSE, ours[0], ours[1], ours[2], ours[3], "Origin", "http://127.0.0.1:1")
                        .status())
                .isEqualTo(403);
        assertThat(rig.bare("POST", PAUSE, ours[0], ours[1], ours[2], ours[3], "Sec-Fetch-Site", "same-site")
                        .status())
                .isEqualTo(403);
        assertThat(rig.bare("POST", PAUSE, ours[0], ours[1], ours[2], ours[3], "Origin", rig.url())
                        .status())
                .isEqualTo(200);
        assertThat(rig.send("POST", "/api/v1/queues/demo:resume", null).status())
                .isEqualTo(200);
    }

    @Test
    void endsASession(Rig rig) {
        String cookie = signIn(rig);
        Rig.Answer out = rig.bare("DELETE", "/api/v1/session", "Cookie", cookie, "X-Requested-With", "penstock");
        assertThat(out.status()).isEqualTo(204);
        assertThat(out.header("Set-Cookie")).contains("Max-Age=0");
        assertThat(rig.bare("GET", "/api/v1/session", "Cookie", cookie).status())
                .isEqualTo(401);
    }

    @Test
    void signsInOnceByTheLinkOfTheFirstStart(EmbeddedRedis redis) {
        try (Rig fresh = Rig.start(redis, flags -> {})) {
            Matcher link = Pattern.compile("http://localhost:(\\d+)/sign-in#code=([\\w-]+)")
                    .matcher(fresh.hints());
            assertThat(link.find()).isTrue();
            assertThat(link.group(1)).isEqualTo(Integer.toString(fresh.port()));
            String body = "{\"code\":\"" + link.group(2) + "\"}";
            assertThat(fresh.bare("POST", "/api/v1/sessions", "{\"code\":\"another\"}")
                            .status())
                    .isEqualTo(401);
            assertThat(fresh.bare("POST", "/api/v1/sessions", body).status()).isEqualTo(201);
            assertThat(fresh.bare("POST", "/api/v1/sessions", body).status()).isEqualTo(401);
        }
    }

    @Test
    void letsNobodyTryForEver(EmbeddedRedis redis) {
        try (Rig own = Rig.start(redis, flags -> {})) {
            for (int i = 0; i < Attempts.MOST; i++) {
                assertThat(own.bare("POST", "/api/v1/sessions", "{\"token\":\"guess" + i + "\"}")
                                .status())
                        .isEqualTo(401);
            }
            Rig.Answer refused = own.bare("POST", "/api/v1/sessions", "{\"token\":\"" + own.token() + "\"}");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isNotEmpty();
        }
    }
}
