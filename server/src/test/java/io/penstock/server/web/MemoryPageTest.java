package io.penstock.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is done on the page of memory, in a real browser. */
@ExtendWith({RigExtension.class, ScreenExtension.class})
final class MemoryPageTest {
    private static LocatorAssertions.IsVisibleOptions soon() {
        return new LocatorAssertions.IsVisibleOptions().setTimeout(40_000);
    }

    private static LocatorAssertions.HasCountOptions inTime() {
        return new LocatorAssertions.HasCountOptions().setTimeout(40_000);
    }

    @Test
    void runsAnOptimisationAndShowsWhatWasMeasured(Rig rig, Screen screen) {
        try (Screen.Tab tab = screen.signedIn(rig, "memory", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
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

    /** A server of its own: what is counted is what this test took. */
    @Test
    void takesSnapshotsAndLaysTwoSideBySide(EmbeddedRedis redis, Screen screen) throws IOException {
        try (Rig rig = Rig.start(redis, flags -> {});
                Screen.Tab tab = screen.signedIn(rig, "memory", 1280, ColorScheme.DARK)) {
            Page page = tab.page();
            Locator rows = page.locator("tr[data-snapshot]");
            page.click("[data-testid=snapshot-take]");
            assertThat(rows).hasCount(1, inTime());
            page.click("[data-testid=snapshot-classes]");
            assertThat(page.locator("dialog h2")).containsText("Stop the program for about");
            page.click("dialog button[type=submit]");
            assertThat(rows).hasCount(2, inTime());
            assertThat(page.locator("[data-testid=compare]")).isDisabled();
            rows.nth(0).locator("input").check();
            rows.nth(1).locator("input").check();
            page.click("[data-testid=compare]");
            Locator view = page.locator("[data-testid=snapshot]");
            assertThat(view).containsText("Heap used");
            assertThat(view).containsText("No classes: they are compared when both");
            page.reload(); // the address holds it
            assertThat(view).isVisible(soon());
            rows.nth(0).locator("text=Open").click();
            assertThat(view).containsText("byte[]");
            Download file = page.waitForDownload(
                    () -> rows.nth(0).locator("text=Download").click());
            String kept = Files.readString(file.path());
            assertThat(kept).contains("\"histogram\":{").contains("\"heapUsedBytes\"");
            assertThat(file.suggestedFilename()).startsWith("penstock-").endsWith(".json");
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void saysWhatALookAtTheClassesCostsAndWhatChangedSinceTheOneBefore(Rig rig, Screen screen) {
        try (Screen.Tab tab = screen.signedIn(rig, "memory", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            Locator card = page.locator(".card:has([data-testid=look])");
            assertThat(card).containsText("stops the whole program meanwhile: now for about");
            page.click("[data-testid=look]");
            page.click("dialog button:has-text('Cancel')");
            assertThat(card).containsText("Nobody has looked yet");
            for (String then : new String[] {"java.lang.String", "What changed since your look before"}) {
                page.click("[data-testid=look]");
                page.click("dialog button[type=submit]");
                assertThat(card).containsText(then, new LocatorAssertions.ContainsTextOptions().setTimeout(40_000));
                assertThat(card).containsText("The program stood still for");
            }
            assertThat(tab.faults()).isEmpty();
        }
    }
}
