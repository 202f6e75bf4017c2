package io.penstock.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.nimbusds.jose.JOSEException;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.oidc.TestIssuer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The button that leads to the issuer, pressed: there, back, in, and out again. */
@ExtendWith({RigExtension.class, ScreenExtension.class})
final class OidcInBrowserTest {
    private static LocatorAssertions.HasTextOptions soon() {
        return new LocatorAssertions.HasTextOptions().setTimeout(40_000);
    }

    @Test
    void signsInAtTheIssuerAndOutAndNobodyByAnAnswerToAnotherRequest(EmbeddedRedis redis, Screen screen)
            throws JOSEException {
        try (TestIssuer issuer = new TestIssuer();
                Rig rig = Rig.start(redis, flags -> flags.putAll(issuer.settings()));
                Screen.Tab tab = screen.open(1280, ColorScheme.LIGHT)) {
            Page page = tab.page();
            issuer.lie = TestIssuer.Lie.STATE;
            page.navigate(rig.url() + "/queues");
            page.click("[data-testid=oidc]");
            assertThat(page.locator("[role=alert]"))
                    .hasText("This sign-in was over or was answered before. Begin again.", soon());
            assertThat(page.locator(".topbar")).hasCount(0);
            assertThat(cookies(page)).isZero();

            issuer.lie = TestIssuer.Lie.NONE;
            page.navigate(rig.url() + "/queues");
            page.click("[data-testid=oidc]");
            assertThat(page.locator("h1")).hasText("Queues", soon()); // where it was wanted to be
            assertThat(page.locator(".topbar .env")).hasText("operator", soon());
            page.reload();
            assertThat(page.locator("h1")).hasText("Queues", soon());
            assertThat(cookies(page)).isOne();

            page.click("button[aria-label='Sign out']");
            page.waitForSelector("#token");
            page.navigate(rig.url() + "/memory");
            page.waitForSelector("#token");
            assertThat(cookies(page)).isZero();
            assertThat(tab.faults()).isEmpty();
        }
    }

    /** Of a session: that of a sign-in under way is for its own path. */
    private static long cookies(Page page) {
        return page.context().cookies().stream()
                .filter(cookie -> cookie.path.equals("/"))
                .count();
    }
}
