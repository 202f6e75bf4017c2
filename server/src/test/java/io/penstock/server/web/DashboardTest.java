package io.penstock.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The dashboard in a real browser: the system's Chromium, or that of PENSTOCK_CHROMIUM; skipped loudly without one.
 */
@ExtendWith({RigExtension.class, ScreenExtension.class})
final class DashboardTest {
    static final List<String> PLACES = List.of(
            "overview",
            "queues",
            "jobs",
            "dead",
            "schedules",
            "schedules?new=1",
            "flows",
            "workers",
            "memory",
            "alerts",
            "alerts?tab=silenced",
            "alerts?tab=rules",
            "alerts?tab=channels",
            "redis",
            "limits",
            "admin",
            "admin?tab=settings",
            "admin?tab=tokens",
            "admin?tab=audit",
            "admin?tab=monitoring",
            "admin?tab=about");

    /** Milliseconds that something may take on a machine that has much else to do. */
    private static final double LONG = 40_000;

    private static LocatorAssertions.HasTextOptions patient() {
        return new LocatorAssertions.HasTextOptions().setTimeout(LONG);
    }

    private static LocatorAssertions.ContainsTextOptions soon() {
        return new LocatorAssertions.ContainsTextOptions().setTimeout(LONG);
    }

    private static LocatorAssertions.HasClassOptions shown() {
        return new LocatorAssertions.HasClassOptions().setTimeout(LONG);
    }

    @Test
    void asksForTheTokenFirst(Rig rig, Screen screen) {
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
    void signsInByTheLink(EmbeddedRedis redis, Screen screen) {
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
    void showsCountsMoveWhileJobsComeAndAQueuePause(Rig rig, Screen screen) {
        String queue = Rig.queue();
        rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
        try (Screen.Tab tab = screen.signedIn(rig, "queues/" + queue, 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
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
            page.click("[data-testid=purge]");
            Locator yes = page.locator("dialog button[type=submit]");
            assertThat(yes).isDisabled();
            page.fill("#confirm-word", queue);
            yes.click();
            assertThat(waiting).hasText("0", patient());
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void retriesDeadLettersAndShowsWhatBecameOfAJob(Rig rig, Screen screen) {
        String queue = Rig.queue();
        String id = rig.enqueue(
                queue,
                "{\"type\":\"demo.fail\",\"payload\":{\"times\":1,\"message\":\"<img src=x onerror=alert(1)>\"},\"maxAttempts\":1}");
        await().until(() -> rig.job(id).path("state").asText().equals("failed"));
        String died = rig.job(id).path("finishedAt").asText();
        try (Screen.Tab tab = screen.signedIn(rig, "jobs/" + id, 1280, ColorScheme.DARK)) {
            Page page = tab.page();
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
    void speaksTwoLanguagesAndWearsTwoThemes(Rig rig, Screen screen) {
        try (Screen.Tab tab = screen.scripted(rig, "queues", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
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
    void makesAScheduleWithAPreviewAndRunsItNow(Rig rig, Screen screen) {
        String queue = Rig.queue();
        String id = queue.replace('.', '-');
        try (Screen.Tab tab = screen.signedIn(rig, "schedules", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            page.click("[data-testid=new-schedule]");
            Locator preview = page.locator("[data-testid=preview]");
            page.fill("#s-text", "61 * * * *");
            assertThat(preview).containsText("This is no rhythm yet", soon());
            tab.faults().clear(); // the browser itself notes the 400
            page.fill("#s-text", "30 2 29 2 *");
            page.fill("#s-zone", "Asia/Shanghai");
            assertThat(preview).containsText("Asia/Shanghai", soon());
            assertThat(preview.locator("li")).hasCount(5);
            page.fill("#s-id", id);
            page.fill("#s-type", "demo.echo");
            page.fill("#s-queue", queue);
            page.click("[data-testid=save-schedule]");
            assertThat(page.locator("h1")).hasText(id, patient());
            page.click("[data-testid=run-now]");
            page.click("dialog button[type=submit]");
            String runs = "/api/v1/schedules/" + id + "/runs";
            await().until(() ->
                    rig.get(runs).json().at("/items/0/jobState").asText().equals("completed"));
            assertThat(page.locator(".strip .good"))
                    .hasCount(1, new LocatorAssertions.HasCountOptions().setTimeout(LONG));
            page.click("text=Pause");
            await().until(() -> state(rig, "/api/v1/schedules/" + id, "status").equals("paused"));
            page.click(".toast:has-text('is paused') button"); // undo
            await().until(() -> state(rig, "/api/v1/schedules/" + id, "status").equals("active"));
            assertThat(tab.faults()).isEmpty();
        }
        rig.send("DELETE", "/api/v1/schedules/" + id, null);
    }

    private static String state(Rig rig, String path, String field) {
        return rig.get(path).json().path(field).asText();
    }

    /** A flow whose first step runs at once, its second never, so that its third stays blocked. */
    private static String flow(Rig rig, String queue) {
        String job = "{\"name\":\"%s\",\"queue\":\"%s\",\"type\":\"%s\",\"payload\":{}%s}";
        String jobs = String.join(
                ",",
                job.formatted("fetch", queue, "demo.echo", ""),
                job.formatted("render", queue, "nobody.does", ",\"needs\":[\"fetch\"]"),
                job.formatted("publish", queue, "demo.echo", ",\"needs\":[\"render\"]"));
        return rig.post("/api/v1/flows", "{\"name\":\"" + queue + "\",\"jobs\":[" + jobs + "]}")
                .json()
                .path("id")
                .asText();
    }

    @Test
    void setsAQueueTakesItBackAndGivesAGroupARule(Rig rig, Screen screen) {
        String queue = Rig.queue();
        rig.enqueue(queue, "{\"type\":\"nobody.does\",\"group\":\"tenant\"}");
        String path = "/api/v1/queues/" + queue;
        try (Screen.Tab tab = screen.signedIn(rig, "queues/" + queue, 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            page.fill("#set-maxBytes", "64 MiB");
            page.fill("#set-completed\\.count", "50");
            page.click("form:has(#set-maxBytes) button:has-text('Save')");
            await().until(() -> rig.get(path).json().at("/settings/maxBytes").asLong() == 64 << 20);
            assertThat(rig.get(path).json().at("/settings/completed/count").asInt())
                    .isEqualTo(50);
            page.click(".toast:has-text('Saved') button"); // undo
            await().until(() -> rig.get(path).json().at("/settings/maxBytes").asLong() == 0);
            page.click("text=Add rule");
            page.fill("#g-group", "tenant");
            page.fill("#g-concurrency", "2");
            page.click("form:has(#g-group) button:has-text('Save')");
            await().until(() -> rig.get(path + "/groups/tenant")
                            .json()
                            .at("/rule/concurrency")
                            .asInt()
                    == 2);
            assertThat(page.locator("td:has-text('2 at once')")).isVisible();
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void drawsAFlowAndCancelsIt(Rig rig, Screen screen) {
        String queue = Rig.queue();
        String id = flow(rig, queue);
        try (Screen.Tab tab = screen.signedIn(rig, "flows", 1280, ColorScheme.DARK)) {
            Page page = tab.page();
            page.click("tr[data-flow='" + id + "'] a");
            assertThat(page.locator("h1")).hasText(queue, patient());
            assertThat(page.locator(".graph .line")).hasCount(2);
            assertThat(page.locator("[data-node=fetch]")).hasClass(Pattern.compile("completed"), shown());
            assertThat(page.locator("[data-node=publish]")).hasClass(Pattern.compile("blocked"), shown());
            page.click("[data-testid=cancel-flow]");
            page.click("dialog button[type=submit]");
            await().until(() -> state(rig, "/api/v1/flows/" + id, "state").equals("cancelled"));
            assertThat(page.locator("[data-node=publish]")).hasClass(Pattern.compile("cancelled"), shown());
            assertThat(page.locator("[data-testid=flow-cancelled]")).hasText("2", patient());
            page.click("[data-node=fetch] a");
            assertThat(page.locator(".timeline")).isVisible();
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void saysThatRedisIsAwayAndGoesOnByItself(Screen screen) throws IOException {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start();
                Rig own = Rig.start(redis, flags -> {});
                Screen.Tab tab = screen.signedIn(own, "overview", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            Locator away = page.locator("[data-testid=redis-away]");
            assertThat(page.locator(".hull svg")).isVisible();
            redis.kill();
            assertThat(away).isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(LONG));
            assertThat(page.locator(".hull svg")).isVisible(); // the last that was heard
            redis.restart();
            assertThat(away).isHidden(new LocatorAssertions.IsHiddenOptions().setTimeout(LONG));
            String queue = Rig.queue();
            await().until(() -> own.post("/api/v1/queues/" + queue + "/jobs", "{\"type\":\"nobody.does\"}")
                            .status()
                    == 201);
            page.keyboard().press("g");
            page.keyboard().press("q");
            assertThat(page.locator("tr[data-queue='" + queue + "']"))
                    .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(LONG));
        }
    }

    @Test
    void goesAnywhereByAFewLetters(Rig rig, Screen screen) {
        try (Screen.Tab tab = screen.signedIn(rig, "overview", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            page.keyboard().press("Control+k");
            page.fill(".palette input", "limi");
            page.keyboard().press("Enter");
            assertThat(page.locator("h1")).hasText("Limits & caches");
            assertThat(page.locator(".palette")).hasCount(0);
            assertThat(tab.faults()).isEmpty();
        }
    }

    /** By the links and tabs that somebody would press: each page is loaded into the one before. */
    @Test
    void needsNothingThatItsPolicyForbids(Rig rig, Screen screen) {
        try (Screen.Tab tab = screen.signedIn(rig, "overview", 1280, ColorScheme.DARK)) {
            Page page = tab.page();
            int links = page.locator(".rail nav a").count();
            assertThat(links).isGreaterThan(10);
            for (int link = 0; link < links; link++) {
                page.locator(".rail nav a").nth(link).click();
                settle(page);
                for (int each = 0; each < page.locator(".page > .tabs button").count(); each++) {
                    page.locator(".page > .tabs button").nth(each).click();
                    settle(page);
                }
            }
            page.locator(".rail nav a[href='/schedules']").click();
            page.click("[data-testid=new-schedule]");
            settle(page);
            assertThat(tab.faults()).isEmpty();
        }
    }

    private static void settle(Page page) {
        assertThat(page.locator("h1")).isAttached();
        assertThat(page.locator(".skeleton")).hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(LONG));
    }

    @Test
    void fitsEveryPageOnAPhoneAndEverybodysEyes(Rig rig, Screen screen) throws IOException {
        String axe;
        try (InputStream in = DashboardTest.class.getResourceAsStream("axe.min.js")) {
            axe = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> places = everyPlace(rig);
        for (ColorScheme colours : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            // the second theme is the same page in other colours
            String rules = colours == ColorScheme.LIGHT
                    ? "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']"
                    : "{type: 'rule', values: ['color-contrast']}";
            try (Screen.Tab tab = screen.scripted(rig, "overview", 375, colours)) {
                tab.page().evaluate(axe);
                for (String place : places) {
                    visit(rig, tab.page(), place);
                    Object over = tab.page().evaluate("document.documentElement.scrollWidth - innerWidth");
                    assertThat(((Number) over).intValue())
                            .as(place + " is too wide")
                            .isLessThanOrEqualTo(0);
                    assertThat(tab.page()
                                    .evaluate("() => axe.run(document, {runOnly: " + rules + "}).then(r => " + """
                              r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')).join('\\n'))"""))
                            .as(place + " " + colours)
                            .isEqualTo("");
                }
                assertThat(tab.faults()).isEmpty();
            }
        }
    }

    /** All pages, those of single things among them, which are made for it. */
    private static List<String> everyPlace(Rig rig) {
        String queue = Rig.queue();
        String job = rig.enqueue(queue, "{\"type\":\"nobody.does\",\"group\":\"a\"}");
        String schedule = queue.replace('.', '-');
        rig.send(
                "PUT",
                "/api/v1/schedules/" + schedule,
                "{\"cron\":\"0 9 * * MON\",\"zone\":\"Asia/Shanghai\",\"job\":{\"queue\":\"" + queue
                        + "\",\"type\":\"nobody.does\"}}");
        Stream<String> single =
                Stream.of("queues/" + queue, "jobs/" + job, "schedules/" + schedule, "flows/" + flow(rig, queue));
        return Stream.concat(PLACES.stream(), single).toList();
    }

    /** Goes there without loading the page anew, as a click does, and waits until it has something to show. */
    static void visit(Rig rig, Page page, String place) {
        page.evaluate(
                "place => { history.pushState(null, '', '/' + place); dispatchEvent(new PopStateEvent('popstate')); }",
                place);
        page.waitForFunction("!document.querySelector('.page > .skeleton') && document.querySelector('h1')");
        assertThat(page.url()).isEqualTo(rig.url() + "/" + place);
    }
}
