package io.penstock.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who is told of alerts, as somebody sets it at the dashboard; what is secret goes in and never comes out. */
@ExtendWith({RigExtension.class, ScreenExtension.class})
final class ChannelsPageTest {
    private static final String SECRET = "sesame-open-9471";

    private final String id = "page." + Rig.queue();

    private JsonNode channel(Rig rig) {
        return rig.get("/api/v1/channels/" + id).json();
    }

    private static LocatorAssertions.ContainsTextOptions soon() {
        return new LocatorAssertions.ContainsTextOptions().setTimeout(40_000);
    }

    private static void save(Page page) {
        page.click("[data-testid=channel-form] .primary");
        assertThat(page.locator("[data-testid=channel-form]"))
                .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(40_000));
    }

    @Test
    void makesAChannelChangesItWithoutItsSecretTriesAndDeletesIt(Rig rig, Screen screen) {
        try (Screen.Tab tab = screen.signedIn(rig, "alerts?tab=channels", 1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            Locator row = page.locator("tr[data-channel='" + id + "']");
            page.click("text=Add channel");
            page.fill("#c-id", id);
            page.fill("#c-url", "https://localhost/path-that-is-a-secret");
            page.fill("#c-secret", SECRET);
            save(page);
            assertThat(row).containsText("https://localhost/***", soon());
            String before = channel(rig).toString();
            row.locator("button:has-text('Edit')").click();
            assertThat(page.locator("#c-secret")).hasValue("");
            page.selectOption("#c-sev", "critical");
            save(page);
            assertThat(row).containsText("critical", soon());
            assertThat(channel(rig).toString()).isEqualTo(before.replace("\"warning\"", "\"critical\""));
            forgets(rig, page, row);
            tab.faults().clear(); // the browser itself notes the refusal
            row.locator("button:has-text('Send a test')").click();
            assertThat(page.locator(".toast.bad").last())
                    .containsText("did not arrive", soon()); // nobody listens there
            row.locator("button:has-text('Turn off')").click();
            await().until(() -> !channel(rig).path("enabled").asBoolean(true));
            page.click(".toast:has-text('off') button"); // undo
            await().until(() -> channel(rig).path("enabled").asBoolean());
            assertThat(page.content()).doesNotContain("path-that-is-a-secret").doesNotContain(SECRET);
            row.locator("button:has-text('Delete')").click();
            page.click("dialog button.danger");
            assertThat(row).hasCount(0);
            assertThat(tab.faults()).isEmpty();
        }
    }

    /** A secret that is not needed can be taken away; one that is kept does not follow to another address. */
    private void forgets(Rig rig, Page page, Locator row) {
        row.locator("button:has-text('Edit')").click();
        page.fill("#c-url", "https://127.0.0.1/another-path-that-is-a-secret");
        page.click("[data-testid=channel-form] .primary");
        assertThat(page.locator(".toast.bad")).containsText("does not go to another place", soon());
        page.click("[data-testid=channel-form] .link");
        save(page);
        assertThat(row).containsText("https://127.0.0.1/***", soon());
        assertThat(channel(rig).has("secret")).isFalse();
    }
}
