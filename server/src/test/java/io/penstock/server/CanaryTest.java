package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.Penstock;
import io.penstock.cli.Shells;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.server.settings.Setting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/**
 * Plants some hundred secrets wherever users and operators put them, then reads everything that the server shows.
 *
 * <p>What is read comes from the route table (openapi.json, which RouteTableTest holds to it), so a new route is read too.
 */
@ExtendWith(RigExtension.First.class)
final class CanaryTest {
    private static final long SEED = new Random().nextLong();
    private static final Canaries CANARIES = new Canaries(SEED);
    private static final JobType<Spill> SPILL =
            JobType.of("canary.spill", Spill.class).queue("canary-spilled");
    private static final String QUEUE = "canary";
    private static final String SPILLED = "canary-spilled";
    private static final String LENT = "canary-lent";

    private static final Queue<ILoggingEvent> LOGGED = new ConcurrentLinkedQueue<>();
    private static final AppenderBase<ILoggingEvent> EAR = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            LOGGED.add(event);
        }
    };

    private static EmbeddedRedis redis;
    private static Rig rig;
    private static Penstock worker;
    private static final Map<String, String> TOKENS = new LinkedHashMap<>(); // by role
    private static final Map<String, List<String>> PARTS = new LinkedHashMap<>(); // what stands for {name} in a path
    private static JsonNode openapi;

    record Spill(String text) {}

    @BeforeAll
    static void plant() throws Exception {
        // while another thread sets logging up, loggers are stand-ins
        await().until(() -> LoggerFactory.getILoggerFactory() instanceof LoggerContext);
        root().addAppender(EAR);
        EAR.start();
        redis = EmbeddedRedis.builder().persistence(false).start();
        String userinfo = URI.create(redis.uri()).getUserInfo();
        if (userinfo != null) {
            CANARIES.also("settings redis password", userinfo.substring(userinfo.indexOf(':') + 1));
        }
        rig = Rig.start(redis, flags -> {
            flags.put(Setting.HTTP_SECRET, CANARIES.plain("settings http.secret"));
            flags.put(Setting.DATABASE_URL, "jdbc:h2:mem:canary;PASSWORD=" + CANARIES.plain("settings database.url"));
            flags.put(Setting.DATABASE_PASSWORD, CANARIES.plain("settings database.password"));
            flags.put(Setting.CHANNEL_ALLOW, "http://127.0.0.1:1,127.0.0.1:1");
            flags.put(Setting.REDACT_NAMES, "iban");
            flags.put(Setting.REDACT_PATHS, "$.user.email,orders[*].card");
        });
        CANARIES.also("settings token", rig.token());
        openapi = rig.get("/openapi.json").json();
        jobs();
        schedulesAndChannels();
        strangers();
        TOKENS.put("admin", rig.token());
        if (openapi.at("/paths/~1api~1v1~1tokens/post").isObject()) {
            for (String role : List.of("operator", "viewer")) {
                Rig.Answer made =
                        rig.post("/api/v1/tokens", "{\"name\":\"canary-" + role + "\",\"role\":\"" + role + "\"}");
                TOKENS.put(role, made.json().path("token").asText());
                CANARIES.also("settings given token", made.json().path("token").asText());
            }
        }
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    @AfterAll
    static void close() {
        root().detachAppender(EAR);
        worker.close();
        rig.close();
        redis.close();
    }

    private static String wish(String type, String where, String more) {
        return "{\"type\":\"" + type + "\",\"payload\":" + CANARIES.payload(where) + ",\"group\":\""
                + CANARIES.aws("group")
                + "\",\"unique\":{\"key\":\"order token=" + CANARIES.plain("unique") + "\"},\"metadata\":{\"apiKey\":\""
                + CANARIES.plain("metadata") + "\",\"link\":\"https://u:" + CANARIES.plain("metadata") + "@h/\"}" + more
                + "}";
    }

    private static void jobs() {
        worker = Penstock.connect(redis.uri());
        worker.handle(SPILL, (spill, context) -> {
            CANARIES.shapes("log").forEach(context::log);
            context.progress(Map.of("secret", CANARIES.plain("progress"), "share", 0.5));
            context.step("dig", () -> Map.of("token", CANARIES.plain("step")));
            throw new IllegalStateException(
                    String.join(" ", CANARIES.shapes("error")),
                    new IOException("cause: apiKey=" + CANARIES.plain("error")));
        });
        worker.start();
        List<String> ids = PARTS.computeIfAbsent("id", name -> new ArrayList<>());
        ids.add(rig.enqueue(QUEUE, wish("demo.echo", "payload", "")));
        ids.add(rig.enqueue(QUEUE, wish("demo.echo", "payload", ",\"delay\":\"1h\"")));
        ids.add(rig.enqueue(SPILLED, "{\"type\":\"canary.spill\",\"payload\":{\"text\":\"x\"},\"maxAttempts\":1}"));
        ids.add(rig.enqueue(
                QUEUE,
                "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"it said secret="
                        + CANARIES.plain("error") + "\"}}"));
        rig.enqueue(LENT, wish("lent.out", "lent", ""));
        PARTS.put("queue", List.of(QUEUE, SPILLED, LENT));
        await().until(() -> state(ids.get(0)).equals("completed"));
        await().until(() ->
                state(ids.get(2)).equals("failed") && state(ids.get(3)).equals("failed"));
    }

    private static String state(String id) {
        return rig.job(id).path("state").asText();
    }

    private static void schedulesAndChannels() {
        Rig.Answer schedule = rig.send(
                "PUT",
                "/api/v1/schedules/canary",
                "{\"every\":\"24h\",\"job\":{\"queue\":\"" + QUEUE + "\","
                        + wish("demo.echo", "schedule", "").substring(1) + "}");
        // a schedule's job has no unique key of its own where the server refuses it
        if (schedule.status() >= 300) {
            schedule = rig.send(
                    "PUT",
                    "/api/v1/schedules/canary",
                    "{\"every\":\"24h\",\"job\":{\"queue\":\"" + QUEUE + "\",\"type\":\"demo.echo\",\"payload\":"
                            + CANARIES.payload("schedule") + "}}");
        }
        assertThat(schedule.status()).as(schedule.text()).isEqualTo(201);
        String url = "http://127.0.0.1:1/" + CANARIES.plain("channel") + "?token=" + CANARIES.plain("channel");
        channel(
                "hook",
                "{\"kind\":\"webhook\",\"url\":\"" + url + "\",\"secret\":\"" + CANARIES.plain("channel") + "\"}");
        channel("chat", "{\"kind\":\"slack\",\"url\":\"" + url + CANARIES.plain("channel") + "\"}");
        rig.post("/api/v1/channels/hook:test", null);
        PARTS.get("id").addAll(List.of("canary", "hook", "chat"));
        rig.post("/api/v1/memory/snapshots", "{}");
        rig.send("PUT", "/api/v1/limits/canary", "{\"permits\":5,\"per\":\"1m\"}");
    }

    private static void channel(String id, String json) {
        Rig.Answer made = rig.send("PUT", "/api/v1/channels/" + id, json);
        assertThat(made.status()).as(made.text()).isEqualTo(200);
    }

    /** Headers, cookies, sign-ins and paths that nobody should repeat. */
    private static void strangers() {
        String one = "/api/v1/queues/" + QUEUE;
        rig.bare("POST", one + ":pause", "Authorization", "Bearer " + CANARIES.plain("header"));
        rig.bare("POST", one + ":pause", "Cookie", "penstock=" + CANARIES.plain("header"));
        rig.bare("POST", "/api/v1/sessions", "{\"token\":\"" + CANARIES.plain("sign-in") + "\"}");
        rig.bare("POST", "/api/v1/sessions", "{\"code\":\"" + CANARIES.plain("sign-in") + "\"}");
        rig.send(
                "POST",
                one + "/jobs",
                "{\"type\":\"lent.out\",\"delay\":\"9h\"}",
                "Idempotency-Key",
                CANARIES.plain("header"));
        rig.send(
                "POST",
                one + ":resume",
                null,
                "X-Secret",
                CANARIES.plain("header"),
                "User-Agent",
                CANARIES.plain("header"));
        rig.send("PATCH", "/api/v1/config", "{\"cleanup.at\":\"" + CANARIES.plain("body") + "\"}");
        rig.post("/api/v1/leases", "{\"queues\":[\"" + QUEUE + "\"],\"nonsense\":\"" + CANARIES.plain("body") + "\"}");
    }

    private static Rig.Answer read(String path, String token) {
        return rig.bare("GET", path, "Authorization", "Bearer " + token);
    }

    /** Every GET of the table, with everything that is known to stand for the names in it. */
    private static Set<String> paths() {
        Set<String> paths = new LinkedHashSet<>();
        openapi.path("paths").properties().forEach(each -> {
            boolean stream = each.getValue().at("/get/responses/200/content").has("text/event-stream");
            if (each.getValue().has("get") && !stream) {
                paths.addAll(filled(each.getKey()));
            }
        });
        for (String state : List.of("waiting", "delayed", "completed", "failed")) {
            paths.add("/api/v1/jobs?limit=500&state=" + state);
        }
        return paths;
    }

    private static final Pattern PART = Pattern.compile("\\{(\\w+)}");

    private static List<String> filled(String template) {
        Matcher part = PART.matcher(template);
        if (!part.find()) {
            return List.of(template);
        }
        List<String> paths = new ArrayList<>();
        for (String value : values(template.substring(0, part.start()), part.group(1))) {
            paths.addAll(filled(template.substring(0, part.start()) + value + template.substring(part.end())));
        }
        return paths;
    }

    /** What a list of things calls them, and what was planted. */
    private static Set<String> values(String list, String name) {
        Set<String> values = new LinkedHashSet<>(PARTS.getOrDefault(name, List.of()));
        Rig.Answer answer = read(list.substring(0, list.length() - 1), rig.token());
        if (answer.status() == 200 && answer.header("Content-Type").startsWith("application/json")) {
            for (JsonNode item : answer.json().path("items")) {
                for (String field : List.of("id", "name", "key", "metric", "group")) {
                    if (item.path(field).isTextual() && values.size() < 20) {
                        values.add(java.net.URLEncoder.encode(item.path(field).asText(), StandardCharsets.UTF_8)
                                .replace("+", "%20"));
                    }
                }
            }
        }
        values.add("none");
        return values;
    }

    @Test
    void plantsEnoughAndLendsAllOfIt() {
        assertThat(CANARIES.size()).isGreaterThanOrEqualTo(200);
        Rig.Answer lent = rig.post(
                "/api/v1/leases", "{\"queues\":[\"" + LENT + "\"],\"max\":1,\"waitMillis\":0,\"worker\":\"canary\"}");
        // the control: what is planted is there, is found by the same search, and reaches who must have it
        assertThat(CANARIES.of("lent"))
                .hasSizeGreaterThan(40)
                .allSatisfy(secret -> assertThat(lent.text()).contains(secret));
        assertThat(CANARIES.in(lent.text())).hasSizeGreaterThan(45);
    }

    @Test
    void showsNoneOnAnyRouteThatReads() {
        Map<String, Integer> read = new LinkedHashMap<>();
        for (Map.Entry<String, String> each : TOKENS.entrySet()) {
            int answered = 0;
            for (String path : paths()) {
                Rig.Answer answer = read(path, each.getValue());
                assertThat(CANARIES.in(answer.text()))
                        .as("seed %s: %s as %s", SEED, path, each.getKey())
                        .isEmpty();
                assertThat(CANARIES.in(answer.headers().toString()))
                        .as("headers of %s", path)
                        .isEmpty();
                answered += answer.status() == 200 ? 1 : 0;
            }
            read.put(each.getKey(), answered);
        }
        assertThat(read.get("admin")).isGreaterThan(40);
        String whole =
                read("/api/v1/jobs/" + PARTS.get("id").get(0), rig.token()).text();
        assertThat(whole)
                .contains("\"name\":\"bob\"")
                .contains("[redacted: password]", "[redacted: path]", "[redacted: iban]");
        assertThat(rig.get("/api/v1/jobs/" + PARTS.get("id").get(2) + "/logs").text())
                .contains("login failed: password=[redacted");
        if (TOKENS.containsKey("viewer")) {
            assertThat(read("/api/v1/jobs/" + PARTS.get("id").get(0), TOKENS.get("viewer"))
                            .text())
                    .contains("[hidden: ")
                    .doesNotContain("bob");
        }
    }

    @Test
    void tellsNoneLive() throws Exception {
        String topics = "overview,queues,memory,redis,pool,workers,alerts,queue:" + QUEUE;
        HttpRequest request = HttpRequest.newBuilder(URI.create(rig.url() + "/api/v1/events?topics=" + topics))
                .header("Authorization", "Bearer " + rig.token())
                .build();
        HttpResponse<java.io.InputStream> events =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        StringBuilder told = new StringBuilder();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                told.append(line).append('\n');
                if (told.indexOf("event: queue:" + QUEUE) > 0 && told.indexOf("event: workers") > 0 && line.isEmpty()) {
                    break;
                }
            }
        }
        assertThat(told.toString()).contains("event: overview", "\"name\":\"" + QUEUE + "\"");
        assertThat(CANARIES.in(told.toString())).as("seed %s", SEED).isEmpty();
    }

    @Test
    void printsNone() {
        String job = PARTS.get("id").get(0);
        for (List<String> command : List.of(
                List.of("config", "show", "--server"),
                List.of("config", "show"),
                List.of("config", "check"),
                List.of("doctor"),
                List.of("status"),
                List.of("audit", "list"),
                List.of("audit", "list", "-o", "csv"),
                List.of("job", "get", job),
                List.of("job", "list", "-o", "json"),
                List.of("job", "logs", PARTS.get("id").get(2)),
                List.of("dead", "list"),
                List.of("schedule", "get", "canary"),
                List.of("alert", "channel", "list", "-o", "json"))) {
            String printed = Shells.run(
                    rig,
                    command,
                    Map.of(
                            "PENSTOCK_HTTP_SECRET",
                                    CANARIES.of("settings http.secret")
                                            .iterator()
                                            .next(),
                            "PENSTOCK_REDIS", redis.uri()));
            assertThat(printed).as("%s", command).isNotBlank();
            assertThat(CANARIES.in(printed)).as("seed %s: %s", SEED, command).isEmpty();
        }
        String wrong = Shells.run(
                rig,
                List.of("config", "check"),
                Map.of("PENSTOCK_REDIS", "redis//bob:" + CANARIES.plain("wrong") + "@h"));
        assertThat(wrong).contains("redis");
        assertThat(CANARIES.in(wrong)).isEmpty();
    }

    @Test
    void writesNoneIntoLogOrAudit() throws Exception {
        String thrown = String.join(" ", CANARIES.shapes("logged")).replace("\\n", "\n");
        String said = String.join(" ", CANARIES.shapes("logged")).replace("\\n", " ");
        LoggerFactory.getLogger("io.penstock.server.canary")
                .warn(
                        "a handler said {}",
                        said,
                        new IllegalStateException(thrown, new IOException("token=" + CANARIES.plain("logged"))));
        StringBuilder printed = new StringBuilder();
        StringBuilder raw = new StringBuilder();
        PatternLayoutEncoder pattern = pattern();
        for (ILoggingEvent event : LOGGED) {
            printed.append(new String(pattern.encode(event), StandardCharsets.UTF_8));
            raw.append(event.getFormattedMessage());
        }
        assertThat(CANARIES.in(raw.toString())).as("the control").hasSizeGreaterThanOrEqualTo(8);
        assertThat(printed.toString()).contains("a handler said", "[redacted: ", "at io.penstock.server.CanaryTest");
        assertThat(CANARIES.in(printed.toString())).as("seed %s", SEED).isEmpty();
        await().until(() ->
                rig.get("/api/v1/audit?limit=500&action=channels").text().contains("hook"));
        assertThat(CANARIES.in(rig.get("/api/v1/audit?limit=500").text()))
                .as("seed %s", SEED)
                .isEmpty();
    }

    /** The form in which the server's own configuration writes a line; tests have another. */
    private static PatternLayoutEncoder pattern() throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Path.of(System.getProperty("basedir", "."), "src/main/resources/logback.xml")
                .toFile());
        var console = (ConsoleAppender<ILoggingEvent>)
                context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("stderr");
        return (PatternLayoutEncoder) console.getEncoder();
    }
}
