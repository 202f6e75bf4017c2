package io.penstock.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.Collections;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Search and bulk actions as somebody at the dashboard does them; a server of its own, because tabs count as its listeners. */
@ExtendWith({RigExtension.class, ScreenExtension.class})
final class JobsPageTest {
    private final String queue = Rig.queue();

    private static LocatorAssertions.ContainsTextOptions patient() {
        return new LocatorAssertions.ContainsTextOptions().setTimeout(20_000);
    }

    private static LocatorAssertions.HasCountOptions patientCount() {
        return new LocatorAssertions.HasCountOptions().setTimeout(20_000);
    }

    private int count(Rig rig, String state) {
        return rig.get("/api/v1/queues/" + queue).json().at("/counts/" + state).asInt();
    }

    @Test
    void searchesPicksAndHasManyDone(EmbeddedRedis redis, Screen screen) {
        try (Rig rig = Rig.start(redis, flags -> {})) {
            hasManyDone(rig, screen);
        }
    }

    private void hasManyDone(Rig rig, Screen screen) {
        for (int i = 0; i < 3; i++) {
            rig.enqueue(queue, "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"m\"}}");
        }
        await().until(() -> count(rig, "failed") == 3);
        rig.send("POST", "/api/v1/queues/" + queue + ":pause", null); // else the demo worker puts off what it cannot do
        String one = "{\"queue\":\"" + queue + "\",\"type\":\"nobody.does\"}";
        rig.post("/api/v1/jobs:batch", "[" + String.join(",", Collections.nCopies(60, one)) + "]");
        try (Screen.Tab tab = screen.scripted(rig, "jobs", 1280, ColorScheme.LIGHT)) { // it clicks what may be gone
            Page page = tab.page();
            page.fill("#search", "queue:" + queue);
            page.press("#search", "Enter");
            page.click("[data-state=failed]");
            assertThat(page.locator("tr[data-job]")).hasCount(3, patientCount());
            assertThat(page.url()).contains("state=failed").contains(queue);
            pickTwoAndRetry(rig, page);
            cancelAllThatMatch(rig, page);
            assertThat(tab.faults()).isEmpty();
        }
    }

    private void pickTwoAndRetry(Rig rig, Page page) {
        Locator boxes = page.locator("tr[data-job] input");
        boxes.nth(0).check();
        boxes.nth(1).press("Space");
        assertThat(page.locator("[data-testid=bulk]")).containsText("2 jobs chosen", patient());
        page.click("[data-verb=retry]");
        assertThat(page.locator("dialog h2")).containsText("Retry 2 jobs?", patient());
        page.waitForSelector("dialog[open]"); // before it is open nothing in it takes the focus
        page.press("dialog button[type=submit]", "Enter");
        Locator panel = page.locator("[data-testid=operation]");
        assertThat(panel).containsText("2 done", patient());
        assertThat(count(rig, "failed")).isEqualTo(1);
        panel.locator(".right .button:not(.danger)").click(); // there once it has ended
        assertThat(panel).hasCount(0, patientCount());
    }

    private void cancelAllThatMatch(Rig rig, Page page) {
        page.click("[data-state=waiting]");
        assertThat(page.locator("tr[data-job]")).hasCount(50, patientCount());
        page.locator("thead input").check();
        page.click("[data-testid=choose-matching]");
        page.click("[data-verb=cancel]");
        assertThat(page.locator("dialog h2")).containsText("Cancel 62 jobs?", patient());
        page.click("dialog button[type=submit]");
        Locator panel = page.locator("[data-testid=operation]");
        panel.waitFor();
        // stopped, if that is quick enough; a button that is gone is not waited for
        panel.locator("button.danger").evaluateAll("all => all.forEach(each => each.click())");
        assertThat(panel.locator(".pill"))
                .hasText(
                        Pattern.compile("completed|cancelled"),
                        new LocatorAssertions.HasTextOptions().setTimeout(20_000));
        assertThat(rig.get("/api/v1/operations?limit=500").text()).contains(queue);
    }
}
