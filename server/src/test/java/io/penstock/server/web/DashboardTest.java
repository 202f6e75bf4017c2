package io.penstock.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard in a real browser: the system's Chromium, or that of PENSTOCK_CHROMIUM; skipped loudly without one.
 *
 * <p>With -Dscreenshots=DIR each page is also painted there, in both themes and as a phone shows it.
 */
@ExtendWith(RigExtension.class)
final class DashboardTest {
    private static final List<String> PLACES = List.of(
            "overview",
            "queues",
            "jobs",
            "dead",
            "workers",
            "memory",
            "alerts",
            "alerts?tab=rules",
            "alerts?tab=channels",
            "redis",
            "limits",
            "admin",
            "admin?tab=settings",
            "admin?tab=monitoring",
            "admin?tab=about");

    private static Screen screen;

    @BeforeAll
    static void openBrowser() {
        Path chromium = Screen.executable().orElse(null);
        if (chromium == null) {
            System.err.println("\n*** NO CHROMIUM: the dashboard was not tested in a browser."
                    + " Install one (Debian: apt-get install chromium) or set PENSTOCK_CHROMIUM. ***\n");
        }
        Assumptions.assumeTrue(chromium != null, "no chromium");
        screen = new Screen(Objects.requireNonNull(chromium));
    }

    @AfterAll
    static void closeBrowser() {
        if (screen != null) {
            screen.close();
        }
    }

    private static LocatorAssertions.HasTextOptions patient() {
        return new LocatorAssertions.HasTextOptions().setTimeout(20_000);
    }

    @Test
    void asksForTheTokenFirst(Rig rig) {
        try (Screen.Tab tab = screen.open(1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            Response answer = page.navigate(rig.url() + "/queues");
            assertThat(answer.headers().get("content-security-policy")).contains("require-trusted-types-for");
            page.fill("#token", "not the token at all");
            page.press("#token", "Enter");
            assertThat(page.locator("[role=alert]")).hasText("This is not the token of this server.");
            tab.faults().clear(); // the browser itself notes the 401
            page.fill("#token", rig.token());
            page.press("#token", "Enter");
            assertThat(page.locator("h1")).hasText("Queues");
            page.click("button[aria-label='Sign out']");
            page.waitForSelector("#token");
            page.navigate(rig.url() + "/memory");
            page.waitForSelector("#token");
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void signsInByTheLink(io.penstock.embedded.EmbeddedRedis redis) {
        try (Rig fresh = Rig.start(redis, flags -> {});
                Screen.Tab tab = screen.open(1280, ColorScheme.LIGHT)) {
            String link = fresh.hints()
                    .lines()
                    .filter(line -> line.contains("/sign-in#code="))
                    .map(line -> line.substring(line.indexOf("http")))
                    .findFirst()
                    .orElseThrow();
            tab.page().navigate(link.strip());
            tab.page().waitForSelector(".topbar");
            assertThat(tab.page().url()).endsWith("/overview");
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void showsCountsMoveWhileJobsComeAndAQueuePause(Rig rig) {
        String queue = Rig.queue();
        rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
        try (Screen.Tab tab = screen.signedIn(rig, 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            page.navigate(rig.url() + "/queues/" + queue);
            Locator waiting = page.locator("[data-testid=count-waiting]");
            assertThat(waiting).hasText("1", patient());
            for (int i = 0; i < 4; i++) {
                rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
            }
            assertThat(waiting).hasText("5", patient());
            page.click("[data-testid=pause]");
            assertThat(page.locator(".title .pill")).hasText("paused", patient());
            assertThat(rig.get("/api/v1/queues/" + queue).json().path("status").asText())
                    .isEqualTo("paused");
            page.click(".toast button"); // undo
            assertThat(page.locator(".title .pill")).hasText("active", patient());
            page.click("text=Purge");
            Locator yes = page.locator("dialog button[type=submit]");
            assertThat(yes).isDisabled();
            page.fill("#confirm-word", queue);
            yes.click();
            assertThat(waiting).hasText("0", patient());
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void retriesDeadLettersAndShowsWhatBecameOfAJob(Rig rig) {
        String queue = Rig.queue();
        String id = rig.enqueue(
                queue,
                "{\"type\":\"demo.fail\",\"payload\":{\"times\":1,\"message\":\"<img src=x onerror=alert(1)>\"},\"maxAttempts\":1}");
        await().until(() -> rig.job(id).path("state").asText().equals("failed"));
        String died = rig.job(id).path("finishedAt").asText();
        try (Screen.Tab tab = screen.signedIn(rig, 1280, ColorScheme.DARK)) {
            Page page = tab.page();
            page.navigate(rig.url() + "/jobs/" + id);
            assertThat(page.locator(".banner")).containsText("<img src=x onerror=alert(1)>");
            assertThat(page.locator(".timeline")).containsText("Given up: a dead letter");
            page.navigate(rig.url() + "/dead?queue=" + queue);
            page.click("[data-testid=retry-group]");
            assertThat(page.locator(".toast")).hasText("1 of 1 done.×", patient());
            await().until(() -> !rig.job(id).path("finishedAt").asText(died).equals(died)); // it ran, and died again
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void runsAnOptimisationAndShowsWhatWasMeasured(Rig rig) {
        try (Screen.Tab tab = screen.signedIn(rig, 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            page.navigate(rig.url() + "/memory");
            assertThat(page.locator(".hull svg")).isVisible();
            page.click("[data-strategy=standard]");
            page.waitForSelector("[data-testid=report], .toast.bad");
            if (page.locator("[data-testid=report]").count() > 0) { // else it had just been done, and says so
                assertThat(page.locator("[data-testid=report]")).containsText("RSS");
            } else {
                tab.faults().clear();
            }
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void speaksTwoLanguagesAndWearsTwoThemes(Rig rig) {
        try (Screen.Tab tab = screen.scripted(rig, 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            page.navigate(rig.url() + "/queues");
            page.selectOption(".topbar select", "zh-CN");
            assertThat(page.locator("h1")).hasText("队列");
            page.reload();
            assertThat(page.locator("h1")).hasText("队列");
            String bright = (String) page.evaluate("getComputedStyle(document.body).backgroundColor");
            page.keyboard().press("t");
            page.keyboard().press("t");
            assertThat(page.evaluate("document.documentElement.dataset.theme")).isEqualTo("dark");
            assertThat((String) page.evaluate("getComputedStyle(document.body).backgroundColor"))
                    .isNotEqualTo(bright);
            page.keyboard().press("g");
            page.keyboard().press("m");
            assertThat(page.locator("h1")).hasText("内存");
            page.keyboard().press("?");
            assertThat(page.locator("dialog h2")).hasText("快捷键");
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void needsNothingThatItsPolicyForbids(Rig rig) {
        try (Screen.Tab tab = screen.signedIn(rig, 1280, ColorScheme.DARK)) {
            for (String place : PLACES) {
                tab.page().navigate(rig.url() + "/" + place);
                assertThat(tab.page().locator("h1")).isAttached();
            }
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void fitsEveryPageOnAPhoneAndEverybodysEyes(Rig rig) throws IOException {
        String axe;
        try (InputStream in = DashboardTest.class.getResourceAsStream("axe.min.js")) {
            axe = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
        for (ColorScheme colours : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            try (Screen.Tab tab = screen.scripted(rig, 375, colours)) {
                tab.page().evaluate(axe);
                for (String place : PLACES) {
                    visit(rig, tab.page(), place);
                    Object over = tab.page().evaluate("document.documentElement.scrollWidth - innerWidth");
                    assertThat(((Number) over).intValue())
                            .as(place + " is too wide")
                            .isLessThanOrEqualTo(0);
                    assertThat(tab.page().evaluate("""
                            () => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(r =>
                              r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')).join('\\n'))"""))
                            .as(place + " " + colours)
                            .isEqualTo("");
                }
                assertThat(tab.faults()).isEmpty();
            }
        }
    }

    /** Goes there without loading the page anew, as a click does, and waits until it has something to show. */
    private static void visit(Rig rig, Page page, String place) {
        page.evaluate(
                "place => { history.pushState(null, '', '/' + place); dispatchEvent(new PopStateEvent('popstate')); }",
                place);
        page.waitForFunction("!document.querySelector('.page > .skeleton') && document.querySelector('h1')");
        assertThat(page.url()).isEqualTo(rig.url() + "/" + place);
    }

    @Test
    void paintsItsPages(@TempDir Path data) throws IOException {
        String given = System.getProperty("screenshots", "");
        Assumptions.assumeTrue(!given.isEmpty(), "no screenshots were asked for");
        Path dir = Files.createDirectories(Path.of(given));
        try (Rig rig = Rig.start(data, DashboardTest::lively)) {
            for (int i = 0; i < 6; i++) {
                rig.enqueue(
                        "mail",
                        "{\"type\":\"demo.fail\",\"maxAttempts\":2,\"backoff\":{\"type\":\"fixed\",\"delay\":\"1s\"},"
                                + "\"payload\":{\"times\":9,\"message\":\"no template for user " + i + "\"}}");
                rig.enqueue("images", "{\"type\":\"demo.sleep\",\"payload\":{\"ms\":60000}}");
                rig.enqueue("reports", "{\"type\":\"report.monthly\",\"payload\":{\"month\":" + (i + 1) + "}}");
            }
            rig.post("/api/v1/memory/optimizations", "{\"strategy\":\"aggressive\"}");
            for (ColorScheme colours : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
                for (int width : new int[] {1280, 375}) {
                    paint(rig, width, colours, dir);
                }
            }
        }
    }

    /** Looked at often, so that charts have lines soon. */
    private static void lively(Map<Setting, String> flags) {
        flags.put(Setting.DEMO, "true");
        flags.put(Setting.ENVIRONMENT, "staging");
        for (Setting each :
                List.of(Setting.MONITORING_QUEUE, Setting.MONITORING_MEMORY, Setting.MONITORING_PERFORMANCE)) {
            flags.put(each, "1000");
        }
    }

    private static void paint(Rig rig, int width, ColorScheme colours, Path dir) {
        try (Screen.Tab tab = screen.scripted(rig, width, colours)) {
            Page page = tab.page();
            page.waitForTimeout(width < 500 || colours == ColorScheme.DARK ? 0 : 45_000);
            String dead = rig.get("/api/v1/jobs?queue=mail&state=failed&limit=1")
                    .json()
                    .at("/items/0/id")
                    .asText();
            for (String place : Stream.concat(PLACES.stream(), Stream.of("queues/demo", "jobs/" + dead))
                    .toList()) {
                visit(rig, page, place);
                page.waitForTimeout(1_500); // for charts and the first snapshot
                String name = place.replace(dead, "job").replaceAll("\\W+", "-");
                page.screenshot(new Page.ScreenshotOptions()
                        .setPath(dir.resolve(
                                name + "-" + colours.name().toLowerCase(Locale.ROOT) + "-" + width + ".png"))
                        .setFullPage(width < 500));
            }
        }
    }
}
