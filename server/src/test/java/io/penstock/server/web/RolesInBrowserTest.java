package io.penstock.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Keys;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.caller.Role;
import io.penstock.server.settings.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What roles and read-only mode look like; skipped, as {@link DashboardTest}, without a browser. */
@ExtendWith({RigExtension.class, ScreenExtension.class})
final class RolesInBrowserTest {
    private static LocatorAssertions.HasTextOptions patient() {
        return new LocatorAssertions.HasTextOptions().setTimeout(20_000);
    }

    private static void signIn(Page page, Rig rig, String token, String place) {
        page.navigate(rig.url() + place);
        page.fill("#token", token);
        page.press("#token", "Enter");
        page.waitForSelector(".topbar");
    }

    @Test
    void showsAViewerOfOneQueueThatQueueAndNoButtons(Rig rig, Screen screen) {
        String queue = Rig.queue();
        rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
        rig.enqueue(Rig.queue(), "{\"type\":\"nobody.does\"}");
        Keys keys = Keys.of(rig, Role.VIEWER, queue);
        try (Screen.Tab tab = screen.open(1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            signIn(page, rig, keys.token(), "/queues");
            assertThat(page.locator("tbody tr")).hasCount(1);
            assertThat(page.locator("tbody")).containsText(queue);
            assertThat(page.locator(".topbar .env")).hasText("viewer", patient());
            page.navigate(rig.url() + "/queues/" + queue);
            assertThat(page.locator("[data-testid=count-waiting]")).hasText("1", patient());
            assertThat(page.locator("[data-testid=pause]")).hasCount(0);
            page.navigate(rig.url() + "/admin");
            page.waitForSelector("[role=tablist]");
            assertThat(page.locator("[role=tab]", new Page.LocatorOptions().setHasText("Tokens")))
                    .hasCount(0);
            tab.faults().removeIf(fault -> fault.contains("403")); // health is about the whole server
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void makesATokenShowsItOnceAndRevokesIt(Rig rig, Screen screen) {
        String name = "browser." + Rig.queue();
        try (Screen.Tab tab = screen.signedIn(rig, "admin?tab=tokens", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            page.click("text=New token");
            page.fill("#t-name", name);
            page.fill("#t-queues", "mail-* sms");
            page.selectOption("#t-role", "producer");
            page.click("form.filters button.primary");
            page.waitForSelector("#t-secret");
            String secret = page.inputValue("#t-secret");
            assertThat(secret).matches("pk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}");
            assertThat(rig.bare("GET", "/api/v1/session", "Authorization", "Bearer " + secret)
                            .json()
                            .path("role")
                            .asText())
                    .isEqualTo("producer");
            page.reload();
            page.waitForSelector("tbody tr");
            assertThat(page.content()).contains(name).doesNotContain(secret);
            page.locator("tr", new Page.LocatorOptions().setHasText(name))
                    .locator("button")
                    .click();
            page.click("dialog button.danger");
            assertThat(page.locator("tr", new Page.LocatorOptions().setHasText(name)))
                    .hasCount(0);
            assertThat(rig.bare("GET", "/api/v1/session", "Authorization", "Bearer " + secret)
                            .status())
                    .isEqualTo(401);
            assertThat(tab.faults()).isEmpty();
        }
    }

    @Test
    void showsNoButtonsInReadOnlyMode(EmbeddedRedis redis, Screen screen) {
        try (Rig still = Rig.start(redis, flags -> flags.put(Setting.READ_ONLY, "true"));
                Screen.Tab tab = screen.signedIn(still, "overview", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            assertThat(page.locator(".topbar .env")).hasText("read-only", patient());
            page.navigate(still.url() + "/memory");
            page.waitForSelector("h1");
            page.navigate(still.url() + "/admin?tab=tokens");
            page.waitForSelector("h2");
            assertThat(page.locator(".card button")).hasCount(0);
            assertThat(tab.faults()).isEmpty();
        }
    }
}
