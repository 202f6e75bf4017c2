package io.penstock.server.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.settings.SettingsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A browser, a server and an issuer, over real sockets. */
@ExtendWith(RigExtension.class)
@SuppressWarnings("try") // closed early, which is the point
final class OidcSignInTest {
    private static final String BEGIN = "/api/v1/sessions/oidc";

    private static final HttpClient BROWSER = HttpClient.newHttpClient();
    private static TestIssuer issuer;
    private static Rig rig;

    @BeforeAll
    static void open(EmbeddedRedis redis) throws JOSEException {
        issuer = new TestIssuer();
        rig = Rig.start(redis, flags -> flags.putAll(issuer.settings()));
    }

    @AfterAll
    static void close() {
        rig.close();
        issuer.close();
    }

    @BeforeEach
    void tellTheTruth() {
        issuer.lie = TestIssuer.Lie.NONE;
        issuer.claims = Map.of("groups", List.of("ops", "others"));
    }

    /** What the browser has when the issuer sends it back. */
    private record Back(Rig at, String cookie, String path) {
        Rig.Answer arrive() {
            return at.bare("GET", path, "Cookie", cookie);
        }
    }

    private static Back atTheIssuer() {
        return atTheIssuer(rig);
    }

    private static Back atTheIssuer(Rig at) {
        Rig.Answer begun = at.bare("GET", BEGIN);
        assertThat(begun.status()).isEqualTo(302);
        String cookie = begun.header("Set-Cookie");
        assertThat(cookie).contains("HttpOnly", "SameSite=Lax", "Path=" + BEGIN);
        HttpRequest page =
                HttpRequest.newBuilder(URI.create(begun.header("Location"))).build();
        try {
            HttpResponse<String> answer = BROWSER.send(page, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(302);
            String back = answer.headers().firstValue("Location").orElseThrow();
            assertThat(back).startsWith(at.url() + BEGIN + "/callback?");
            return new Back(
                    at,
                    cookie.substring(0, cookie.indexOf(';')),
                    back.substring(at.url().length()));
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void refused(Rig.Answer answer, String why) {
        assertThat(answer.status()).isEqualTo(302);
        assertThat(answer.header("Location")).isEqualTo("/sign-in?fault=" + why);
        assertThat(answer.header("Set-Cookie")).isEmpty();
    }

    @Test
    void signsInWhomTheIssuerVouchesForWithTheRoleOfItsGroup() {
        Rig.Answer in = atTheIssuer().arrive();
        assertThat(in.header("Location")).isEqualTo("/sign-in?in=oidc");
        String cookie = in.header("Set-Cookie");
        assertThat(cookie).contains("HttpOnly", "SameSite=Strict");
        String own = cookie.substring(0, cookie.indexOf(';'));
        Rig.Answer session = rig.bare("GET", "/api/v1/session", "Cookie", own);
        assertThat(session.json().path("role").asText()).isEqualTo("operator");
        assertThat(session.json().path("name").asText()).isEqualTo("oidc:subject-1");
        assertThat(rig.bare("GET", "/api/v1/tokens", "Cookie", own).problem()).isEqualTo("forbidden");
        assertThat(rig.bare("POST", "/api/v1/queues/demo:resume", "Cookie", own).problem())
                .isEqualTo("foreign-origin");
        assertThat(rig.bare("POST", "/api/v1/queues/demo:resume", "Cookie", own, "X-Requested-With", "x")
                        .status())
                .isEqualTo(200);
        assertThat(rig.bare("DELETE", "/api/v1/session", "Cookie", own, "X-Requested-With", "x")
                        .status())
                .isEqualTo(204);
        assertThat(rig.bare("GET", "/api/v1/session", "Cookie", own).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "NONCE, nonce",
        "NO_NONCE, nonce",
        "AUDIENCE, audience",
        "SECOND_AUDIENCE, audience",
        "ISSUER, issuer",
        "EXPIRED, expired",
        "FROM_THE_FUTURE, expired",
        "ALG_NONE, unsigned",
        "SHARED_SECRET, unsigned",
        "STRANGE_KEY, key",
        "SIGNATURE, signature",
        "NO_TOKEN, unsigned",
        "ENDLESS, away"
    })
    void signsNobodyInByAnAnswerThatDoesNotFit(TestIssuer.Lie lie, String why) {
        issuer.lie = lie;
        refused(atTheIssuer().arrive(), why);
    }

    @ParameterizedTest
    @CsvSource({"xops", "opsx", "OPS", "o.s", "ops*"})
    void comparesGroupsToTheLetter(String group) {
        issuer.claims = Map.of("groups", List.of(group));
        refused(atTheIssuer().arrive(), "role");
    }

    @Test
    void takesOneTextForAListAndTheMightiestRole() {
        issuer.claims =
                Map.of("groups", List.of("look", "root", "ops"), "email", "a@b.example", "email_verified", true);
        String cookie = atTheIssuer().arrive().header("Set-Cookie");
        Rig.Answer session = rig.bare("GET", "/api/v1/session", "Cookie", cookie.substring(0, cookie.indexOf(';')));
        assertThat(session.json().path("role").asText()).isEqualTo("admin");
        assertThat(session.json().path("name").asText()).isEqualTo("oidc:a@b.example");
        issuer.claims = Map.of("groups", "look");
        assertThat(atTheIssuer().arrive().header("Location")).isEqualTo("/sign-in?in=oidc");
        issuer.claims = Map.of();
        refused(atTheIssuer().arrive(), "role");
    }

    @Test
    void givesQueuesOfAClaimForAWorkingDayHoweverShortTheIdToken(EmbeddedRedis redis) {
        String queue = Rig.queue();
        try (Rig own = Rig.start(redis, flags -> {
            flags.putAll(issuer.settings());
            flags.put(Setting.OIDC_QUEUES, "queues");
        })) {
            issuer.seconds = 300;
            issuer.claims = Map.of("groups", "ops", "queues", List.of(queue, "mail-*"));
            String cookie = signedIn(own);
            Rig.Answer session = own.bare("GET", "/api/v1/session", "Cookie", cookie);
            assertThat(session.json().path("queues")).hasToString("[\"" + queue + "\",\"mail-*\"]");
            assertThat(Instant.parse(session.json().path("endsAt").asText()))
                    .isBetween(
                            Instant.now().plusSeconds(11 * 3_600), Instant.now().plusSeconds(12 * 3_600 + 1));
            assertThat(own.bare("GET", "/api/v1/queues/other", "Cookie", cookie).problem())
                    .isEqualTo("forbidden");
            assertThat(own.bare("GET", "/api/v1/health", "Cookie", cookie).problem())
                    .isEqualTo("forbidden");
            issuer.claims = Map.of("groups", "ops", "queues", "*");
            session = own.bare("GET", "/api/v1/session", "Cookie", signedIn(own));
            assertThat(session.json().path("queues").size()).isZero();
            for (Object wrong : List.of(
                    "",
                    "*x",
                    "a b",
                    List.of(),
                    List.of("mail-*", "**"),
                    List.of(
                            "x".repeat(60) + "-*",
                            "y".repeat(60),
                            "z".repeat(60),
                            "a".repeat(60),
                            "b".repeat(60),
                            "c".repeat(60),
                            "d".repeat(60),
                            "e".repeat(60),
                            "f".repeat(60),
                            "g".repeat(60),
                            "h".repeat(60)))) {
                issuer.claims = Map.of("groups", "ops", "queues", wrong);
                refused(atTheIssuer(own).arrive(), "role");
            }
            issuer.claims = Map.of("groups", "ops");
            refused(atTheIssuer(own).arrive(), "role");
        } finally {
            issuer.seconds = 36_000;
        }
    }

    private static String signedIn(Rig at) {
        String cookie = atTheIssuer(at).arrive().header("Set-Cookie");
        return cookie.substring(0, cookie.indexOf(';'));
    }

    @Test
    void takesEachAnswerOnceAndOfItsOwnBrowserOnly() {
        Back back = atTheIssuer();
        Back other = atTheIssuer();
        refused(new Back(rig, other.cookie(), back.path()).arrive(), "state");
        refused(new Back(rig, "x=y", back.path()).arrive(), "state");
        refused(new Back(rig, back.cookie() + "A", back.path()).arrive(), "state");
        assertThat(back.arrive().header("Location")).isEqualTo("/sign-in?in=oidc");
        refused(back.arrive(), "state");
        refused(rig.bare("GET", BEGIN + "/callback?error=access_denied", "Cookie", other.cookie()), "denied");
        String mixed = other.path() + "&iss=https://another.example";
        refused(rig.bare("GET", mixed, "Cookie", other.cookie()), "issuer");
    }

    @Test
    void saysOnTheSignInPageThatThereIsAnIssuerAndShowsNoSecret() {
        assertThat(rig.bare("GET", "/api/v1/sessions").json().path("issuer").asText())
                .isEqualTo("127.0.0.1");
        assertThat(rig.get("/api/v1/config").text())
                .contains("oidc.clientSecret")
                .doesNotContain("umlauts");
    }

    @Test
    void refusesAnIssuerThatIsAwayOrNamesItselfOtherwise(EmbeddedRedis redis) throws JOSEException {
        try (TestIssuer lying = new TestIssuer();
                Rig own = Rig.start(redis, flags -> flags.putAll(lying.settings()))) {
            lying.described = "https://another.example";
            refused(own.bare("GET", BEGIN), "issuer");
            lying.close();
            refused(own.bare("GET", BEGIN), "away");
        }
    }

    @Test
    void hangsUpOnAnIssuerThatSaysNothing(EmbeddedRedis redis) throws IOException {
        try (Penstock penstock = Penstock.connect(redis.uri());
                ServerSocket silent = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            IssuerClient client = new IssuerClient(penstock.timer(), Duration.ofMillis(200));
            URI address = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
            assertThatThrownBy(() -> client.get(address)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> client.get(URI.create("http://issuer.example/")))
                    .hasMessageContaining("neither https");
        }
    }

    @Test
    void refusesSettingsThatSignNobodyIn() {
        assertThatThrownBy(() -> Settings.read(Map.of(Setting.OIDC_ISSUER, "https://a.example"), null, Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("oidc.clientId");
        for (String roles : List.of("ops", "ops=boss", "=viewer", "ops=worker")) {
            assertThatThrownBy(() -> Settings.read(Map.of(Setting.OIDC_ROLES, roles), null, Map.of()))
                    .as(roles)
                    .hasMessageContaining("oidc.roles");
        }
        for (String address :
                List.of("http://a.example", "a.example", "https://u@a.example", "https://a.example?x=1")) {
            assertThatThrownBy(() -> Settings.read(Map.of(Setting.OIDC_ISSUER, address), null, Map.of()))
                    .as(address)
                    .hasMessageContaining("oidc.issuer");
        }
    }
}
