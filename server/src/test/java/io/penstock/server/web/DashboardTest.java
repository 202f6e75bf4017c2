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
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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
        try (Screen.Tab tab = screen.open(1280, ColorScheme.LIGHT, "en")) {
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
                Screen.Tab tab = screen.open(1280, ColorScheme.LIGHT, "en")) {
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
        try (Screen.Tab tab = screen.signedIn(rig, 1280, ColorScheme.DARK)) {
            Page page = tab.page();
            page.navigate(rig.url() + "/jobs/" + id);
            assertThat(page.locator(".banner")).containsText("<img src=x onerror=alert(1)>");
            assertThat(page.locator(".timeline")).containsText("Given up: a dead letter");
            page.navigate(rig.url() + "/dead?queue=" + queue);
            page.click("[data-testid=retry-group]");
            assertThat(page.locator(".toast")).hasText("1 of 1 done.×", patient());
            await().until(() -> rig.job(id).path("state").asText().equals("completed"));
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
        try (Screen.Tab tab = screen.signedIn(rig, 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            page.navigate(rig.url() + "/queues");
            page.selectOption("select[aria-label=Language]", "zh-CN");
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
    void fitsEveryPageOnAPhoneAndEverybodysEyes(Rig rig) throws IOException {
        String axe;
        try (InputStream in = DashboardTest.class.getResourceAsStream("axe.min.js")) {
            axe = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
        for (ColorScheme colours : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            try (Screen.Tab tab = screen.signedIn(rig, 375, colours)) {
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
    void paintsItsPages(Rig rig) throws IOException {
        String given = System.getProperty("screenshots", "");
        Assumptions.assumeTrue(!given.isEmpty(), "no screenshots were asked for");
        Path dir = Files.createDirectories(Path.of(given));
        rig.enqueue(
                "mail",
                "{\"type\":\"demo.fail\",\"payload\":{\"times\":9,\"message\":\"no such template\"},\"maxAttempts\":1}");
        for (ColorScheme colours : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            for (int width : new int[] {1280, 375}) {
                try (Screen.Tab tab = screen.signedIn(rig, width, colours)) {
                    for (String place : PLACES) {
                        visit(rig, tab.page(), place);
                        tab.page().waitForTimeout(1_500); // for charts and the first snapshot
                        String name = place.replaceAll("\\W+", "-") + "-"
                                + colours.name().toLowerCase() + "-" + width;
                        tab.page()
                                .screenshot(new Page.ScreenshotOptions()
                                        .setPath(dir.resolve(name + ".png"))
                                        .setFullPage(width < 500));
                    }
                }
            }
        }
    }
}
