package io.penstock.server.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Looks at the dashboard and measures it; none of it runs unless it is asked for.
 *
 * <p>-Dscreenshots=DIR paints every page there, in both themes, at 1280 and 375 px. -Dpictures=DIR paints the four of the
 * documentation. -Dupdates=3600 lets so many live updates come, as in an hour, and tells what the page holds then.
 * -Dscale=1000000 makes so many jobs in 1,000 queues with 200 workers, and tells how long each page takes.
 */
@ExtendWith({RigExtension.First.class, ScreenExtension.class})
final class DashboardPicturesTest {
    /** A page is said to be ready when what it shows first is there. */
    private static final String READY =
            "!document.querySelector('.skeleton') && document.querySelector('h1') && document.querySelector('.topbar')";

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long MOST_HEAP = 100_000_000;
    private static final int MOST_MILLIS = 1_000;
    private static final int MOST_REQUEST_MILLIS = 100;

    /** Of which the middle one counts: the machine has other things to do. */
    private static final int LOOKS = 5;

    /** Keeps what came last of each topic, to let it come again and again; and clocks that run twenty times as fast. */
    private static final String AGAIN = """
            (() => {
              const Real = window.EventSource;
              const last = new Map();
              window.EventSource = class extends Real {
                addEventListener(topic, hear) {
                  super.addEventListener(topic, (event) => {
                    last.set(topic, { hear, data: event.data });
                    hear(event);
                  });
                }
              };
              const slow = window.setInterval;
              window.setInterval = (work, millis) => slow(work, millis / 20);
              const other = (data, n) => data.replace(/("(?:waiting|active|running|heapUsedBytes|rssBytes)":)(\\d+)/g,
                  (all, name, value) => name + (Number(value) + (n % 97)));
              window.again = async (from, to) => {
                for (let n = from; n < to; n++) {
                  for (const [topic, { hear, data }] of last) {
                    hear({ data: topic === 'hello' ? data : other(data, n) });
                  }
                  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
                }
              };
            })()""";

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private Rig lively(Path data) {
        Rig rig = Rig.start(data, DashboardPicturesTest::often);
        opened.add(0, rig);
        return rig;
    }

    /** Looked at often, so that charts have lines soon. */
    private static void often(Map<Setting, String> flags) {
        flags.put(Setting.DEMO, "true");
        flags.put(Setting.ENVIRONMENT, "staging");
        for (Setting each :
                List.of(Setting.MONITORING_QUEUE, Setting.MONITORING_PERFORMANCE, Setting.MEMORY_INTERVAL)) {
            flags.put(each, "1000");
        }
    }

    /** Something of everything. */
    private static String seed(Rig rig) {
        for (int i = 0; i < 6; i++) {
            rig.enqueue(
                    "mail",
                    "{\"type\":\"demo.fail\",\"maxAttempts\":2,\"backoff\":{\"type\":\"fixed\",\"delay\":\"1s\"},"
                            + "\"payload\":{\"times\":9,\"message\":\"no template for user " + i + "\"}}");
            rig.enqueue("images", "{\"type\":\"demo.sleep\",\"payload\":{\"ms\":600000}}");
            rig.enqueue(
                    "reports",
                    "{\"type\":\"report.monthly\",\"group\":\"tenant-" + i % 3 + "\",\"payload\":{\"month\":" + (i + 1)
                            + "}}");
        }
        schedule(rig, "nightly-report", "\"cron\":\"30 2 * * *\",\"zone\":\"Europe/Berlin\",\"overlap\":\"skip\"");
        schedule(rig, "first-monday", "\"cron\":\"0 9 * * MON#1\",\"zone\":\"Asia/Shanghai\"");
        schedule(rig, "poll-inbox", "\"every\":\"5s\"");
        rig.post("/api/v1/schedules/first-monday:pause", null);
        rig.send("PUT", "/api/v1/limits/mail-per-minute", "{\"kind\":\"window\",\"permits\":100,\"per\":\"1m\"}");
        rig.post("/api/v1/memory/optimizations", "{\"strategy\":\"aggressive\"}");
        rig.post("/api/v1/memory/snapshots", "{\"histogram\":true}");
        rig.post("/api/v1/memory/snapshots", "{\"histogram\":false}");
        rig.send(
                "PUT",
                "/api/v1/channels/on-call",
                "{\"kind\":\"pagerduty\",\"routingKey\":\"0123456789abcdef0123456789abcdef\",\"minSeverity\":\"critical\",\"enabled\":false}");
        rig.send("PUT", "/api/v1/channels/log", "{\"kind\":\"log\",\"minSeverity\":\"warning\"}");
        rig.post("/api/v1/channels/log:test", null);
        rig.post("/api/v1/tokens", "{\"name\":\"billing-service\",\"role\":\"producer\",\"queues\":[\"mail-*\"]}");
        return rig.post("/api/v1/flows", flow()).json().path("id").asText();
    }

    private static void schedule(Rig rig, String id, String when) {
        rig.send(
                "PUT",
                "/api/v1/schedules/" + id,
                "{" + when + ",\"job\":{\"queue\":\"demo\",\"type\":\"demo.echo\",\"payload\":{}}}");
    }

    private static String flow() {
        String step = "{\"name\":\"%s\",\"queue\":\"video\",\"type\":\"%s\",\"payload\":{\"ms\":600000,\"times\":9},"
                + "\"maxAttempts\":1,\"needs\":[%s]%s}";
        String jobs = String.join(
                ",",
                step.formatted("fetch", "demo.echo", "", ""),
                step.formatted("thumbnails", "demo.echo", "\"fetch\"", ""),
                step.formatted("transcode-720p", "demo.echo", "\"fetch\"", ""),
                step.formatted("transcode-1080p", "demo.sleep", "\"fetch\"", ""),
                step.formatted("subtitles", "demo.echo", "\"fetch\"", ""),
                step.formatted("check", "demo.fail", "\"transcode-720p\"", ",\"onFailure\":\"ignore\""),
                step.formatted("package", "demo.echo", "\"thumbnails\",\"transcode-1080p\",\"subtitles\"", ""),
                step.formatted("publish", "demo.echo", "\"package\",\"check\"", ""));
        return "{\"name\":\"publish-video\",\"jobs\":[" + jobs + "]}";
    }

    /** Waits until there is something to look at: a dead letter, and charts of some points. */
    private static String dead(Rig rig) {
        String failed = "/api/v1/jobs?queue=mail&state=failed&limit=1";
        await().atMost(PATIENCE)
                .until(() -> !rig.get(failed).json().path("items").isEmpty());
        await().atMost(PATIENCE)
                .until(() -> rig.get("/api/v1/memory/history?from=15m&points=60")
                                .json()
                                .path("points")
                                .size()
                        > 20);
        return rig.get(failed).json().at("/items/0/id").asText();
    }

    @Test
    @EnabledIfSystemProperty(named = "screenshots", matches = ".+")
    void paintsItsPages(@TempDir Path data, Screen screen) throws IOException {
        Path dir = Files.createDirectories(Path.of(System.getProperty("screenshots")));
        Rig rig = lively(data);
        String flow = seed(rig);
        String dead = dead(rig);
        Map<String, String> single = Map.of(
                "queue",
                "queues/mail",
                "job",
                "jobs/" + dead,
                "flow",
                "flows/" + flow,
                "schedule",
                "schedules/poll-inbox");
        for (ColorScheme colours : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            for (int width : new int[] {1280, 375}) {
                // each language in each theme and at each width
                String language = (colours == ColorScheme.LIGHT) == (width == 1280) ? "en" : "zh-CN";
                try (Screen.Tab tab = screen.scripted(rig, "overview", width, colours)) {
                    tab.page().evaluate("language => localStorage.setItem('penstock.language', language)", language);
                    tab.page().reload();
                    tab.page().waitForSelector(".topbar");
                    String suffix =
                            "-" + language + "-" + colours.name().toLowerCase(Locale.ROOT) + "-" + width + ".png";
                    for (String place : DashboardTest.PLACES) {
                        paint(rig, tab.page(), place, dir.resolve(place.replaceAll("\\W+", "-") + suffix));
                    }
                    for (Map.Entry<String, String> each : single.entrySet()) {
                        paint(rig, tab.page(), each.getValue(), dir.resolve(each.getKey() + suffix));
                    }
                }
            }
        }
    }

    private static void paint(Rig rig, Page page, String place, Path to) {
        DashboardTest.visit(rig, page, place);
        page.waitForFunction(READY);
        page.waitForTimeout(1_200); // for charts and the first snapshot
        page.screenshot(new Page.ScreenshotOptions().setPath(to).setFullPage(true));
    }

    /** Of the first screen of a page only, so that they stay small. */
    @Test
    @EnabledIfSystemProperty(named = "pictures", matches = ".+")
    void paintsThePicturesOfTheDocumentation(@TempDir Path data, Screen screen) throws IOException {
        Path dir = Files.createDirectories(Path.of(System.getProperty("pictures")));
        Rig rig = lively(data);
        String flow = seed(rig);
        String dead = dead(rig);
        Map<String, String> places = Map.of(
                "overview", "overview",
                "queue", "queues/demo",
                "job", "jobs/" + dead,
                "memory", "memory",
                "flow", "flows/" + flow);
        try (Screen.Tab tab = screen.scripted(rig, "overview", 1280, ColorScheme.LIGHT)) {
            for (Map.Entry<String, String> each : places.entrySet()) {
                DashboardTest.visit(rig, tab.page(), each.getValue());
                tab.page().waitForFunction(READY);
                tab.page().waitForTimeout(1_500);
                Palette.write(tab.page().screenshot(), dir.resolve(each.getKey() + ".png"));
            }
        }
    }

    @ParameterizedTest
    @EnabledIfSystemProperty(named = "updates", matches = ".+")
    @ValueSource(strings = {"overview", "queues", "workers", "memory"})
    void staysSmallForAnHourOfUpdates(String place, @TempDir Path data, Screen screen) throws IOException {
        int updates = Integer.getInteger("updates");
        Rig rig = lively(data);
        fill(rig, 1_000, 1, 200);
        try (Screen.Tab tab = screen.scripted(rig, "overview", 1280, ColorScheme.LIGHT)) {
            tab.page().addInitScript(AGAIN);
            tab.page().navigate(rig.url() + "/" + place);
            tab.page().waitForFunction(READY);
            tab.page().waitForTimeout(5_000); // for the first snapshot of each topic
            StringBuilder line = new StringBuilder(place + ": heap, nodes and listeners after");
            for (int part = 0; part <= 4; part++) {
                Screen.Held held = tab.held();
                line.append(String.format(
                        Locale.ROOT,
                        " %d: %.1f MB %d %d,",
                        updates * part / 4,
                        held.bytes() / 1e6,
                        held.nodes(),
                        held.listeners()));
                assertThat(held.bytes()).as(line.toString()).isLessThan(MOST_HEAP);
                if (part < 4) {
                    tab.page()
                            .evaluate(
                                    "([from, to]) => again(from, to)",
                                    List.of(updates * part / 4, updates * (part + 1) / 4));
                }
            }
            System.out.println(line);
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "scale", matches = ".+")
    void isQuickWithAMillionJobs(@TempDir Path data, Screen screen) throws IOException {
        int jobs = Integer.getInteger("scale");
        Rig rig = lively(data);
        fill(rig, 1_000, jobs / 1_000, 200);
        try (Screen.Tab tab = screen.scripted(rig, "overview", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            SoftAssertions soft = new SoftAssertions();
            for (String place : Stream.concat(DashboardTest.PLACES.stream(), Stream.of("queues/load.0500"))
                    .toList()) {
                List<Integer> millis = new ArrayList<>();
                Map<String, List<Integer>> asked = new TreeMap<>();
                for (int i = 0; i < LOOKS; i++) {
                    millis.add(open(rig, page, place));
                    answers(page)
                            .forEach(each -> asked.computeIfAbsent(
                                            String.valueOf(each.get("path")), path -> new ArrayList<>())
                                    .add(((Number) each.get("millis")).intValue()));
                }
                Map<String, Integer> middle = new TreeMap<>();
                asked.forEach((path, all) -> middle.put(path, middle(all)));
                System.out.println(place + ": interactive after " + middle(millis) + " ms in the median of " + millis
                        + "; requests " + middle);
                soft.assertThat(middle(millis)).as(place).isLessThan(MOST_MILLIS);
                middle.forEach((path, most) ->
                        soft.assertThat(most).as(place + " " + path).isLessThan(MOST_REQUEST_MILLIS));
            }
            soft.assertAll();
        }
    }

    private static int middle(List<Integer> all) {
        return all.stream().sorted().skip(all.size() / 2).findFirst().orElseThrow();
    }

    /** What the page asked for, and the milliseconds from the request to the first byte of its answer: the server's. */
    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> answers(Page page) {
        return (List<Map<String, Object>>) page.evaluate("""
                () => performance.getEntriesByType('resource').filter(e => e.name.includes('/api/') && !e.name.includes('/events'))
                  .map(e => ({ path: e.name.replace(/.*api.v1/, ''), millis: Math.round(e.responseStart - e.requestStart) }))""");
    }

    private static int open(Rig rig, Page page, String place) {
        page.navigate(rig.url() + "/" + place);
        page.waitForFunction(READY);
        return ((Number) page.evaluate("Math.round(performance.now())")).intValue();
    }

    private static void fill(Rig rig, int queues, int each, int workers) {
        for (int q = 0; q < queues; q++) {
            String name = String.format(Locale.ROOT, "load.%04d", q);
            for (int from = 0; from < each; from += 1_000) {
                String lines = IntStream.range(from, Math.min(each, from + 1_000))
                        .mapToObj(i ->
                                "{\"queue\":\"" + name + "\",\"type\":\"nobody.does\",\"payload\":{\"i\":" + i + "}}")
                        .collect(Collectors.joining("\n"));
                JsonNode answer = rig.send("POST", "/api/v1/jobs:batch", lines, "Content-Type", "application/x-ndjson")
                        .json();
                assertThat(answer.path("refused").asInt()).isZero();
            }
        }
        for (int w = 0; w < workers; w++) {
            String queue = String.format(Locale.ROOT, "load.%04d", w * 5);
            rig.post(
                    "/api/v1/leases",
                    "{\"queues\":[\"" + queue
                            + "\"],\"max\":2,\"waitMillis\":0,\"leaseMillis\":600000,\"worker\":\"worker-" + w + "\"}");
        }
    }
}
