package io.penstock.examples.chat;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, that of the system; skipped where there is none. */
@Timeout(240)
final class PageTest {
    private static final double LONGEST_WAIT_MILLIS = 60_000;

    @Test
    void chatsStopsAndSpeaksChinese(@TempDir Path dir) {
        String given = System.getenv("PENSTOCK_CHROMIUM");
        Path executable = Stream.of(given == null ? "/usr/bin/chromium" : given, "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        assumeTrue(executable != null, "no Chromium here: the page was not looked at; set PENSTOCK_CHROMIUM");
        PlaywrightAssertions.setDefaultAssertionTimeout(LONGEST_WAIT_MILLIS);
        Map<String, String> offline =
                Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1", "PLAYWRIGHT_SKIP_VALIDATE_HOST_REQUIREMENTS", "1");
        try (ChatRig rig = ChatRig.start(dir);
                Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(offline));
                Browser browser = playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(executable)
                                .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
                Page page = browser.newPage()) {
            List<String> faults = new ArrayList<>();
            page.onPageError(faults::add);
            page.onConsoleMessage(message -> {
                if (message.type().equals("error")) {
                    faults.add(message.text());
                }
            });
            page.setDefaultTimeout(LONGEST_WAIT_MILLIS);
            page.navigate("http://127.0.0.1:" + rig.app().port() + "/");
            assertThat(page.locator("#agent option")).hasText("Default");

            page.fill("#message", "<b>bold</b>?");
            page.press("#message", "Enter");
            assertThat(page.locator("#status")).containsText("tokens");
            assertThat(page.locator("article.assistant p")).containsText("You asked: <b>bold</b>?");

            page.reload(); // the address knows the conversation
            assertThat(page.locator("article.user p")).hasText("<b>bold</b>?");
            assertThat(page.locator("article.assistant p")).containsText("You asked: <b>bold</b>?");

            rig.stub.settings(ChatRig.FAST.pace(0, 50, 10_000));
            page.fill("#message", "for ever");
            page.click("#send");
            assertThat(page.locator("article.assistant p").last()).containsText("You asked: for ever");
            page.click("#stop");
            assertThat(page.locator("#status")).hasText("Stopped.");

            page.click("#language");
            assertThat(page.locator("#send")).hasText("发送");
            String picture = System.getProperty("screenshots");
            if (picture != null) {
                page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(picture, "llm-chat.png")));
            }
            assertThat(faults).isEmpty();
        }
    }
}
