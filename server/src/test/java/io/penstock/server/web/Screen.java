package io.penstock.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.server.Rig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A real browser, that of the system, in front of a real server; nothing is downloaded. */
final class Screen implements AutoCloseable {
    private static final double LONGEST_WAIT_MILLIS = 20_000;

    private final Playwright playwright;
    private final Browser browser;

    Screen(Path executable) {
        playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of(
                        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1", "PLAYWRIGHT_SKIP_VALIDATE_HOST_REQUIREMENTS", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage"))); // as root, in a container
    }

    /** Returns where the system keeps a Chromium. */
    static Optional<Path> executable() {
        String given = System.getenv("PENSTOCK_CHROMIUM");
        Stream<Path> places = Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
                .map(name -> Path.of("/usr/bin", name));
        return Stream.concat(given == null ? Stream.empty() : Stream.of(Path.of(given)), places)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** A tab that notes every fault. */
    static final class Tab implements AutoCloseable {
        private final BrowserContext context;
        private final Page page;
        private final List<String> faults = new ArrayList<>();

        Tab(BrowserContext context) {
            this.context = context;
            context.setDefaultTimeout(LONGEST_WAIT_MILLIS);
            page = context.newPage();
            page.onPageError(error -> faults.add("error " + error));
            page.onConsoleMessage(message -> {
                if (message.type().equals("error") || message.type().equals("warning")) {
                    faults.add(message.type() + " " + message.text() + " at " + page.url());
                }
            });
        }

        Page page() {
            return page;
        }

        List<String> faults() {
            return faults;
        }

        @Override
        public void close() {
            context.close();
        }
    }

    Tab open(int width, ColorScheme colours) {
        return open(width, colours, false);
    }

    private Tab open(int width, ColorScheme colours, boolean scripted) {
        return new Tab(browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, 860)
                .setColorScheme(colours)
                .setBypassCSP(scripted)
                .setLocale("en")));
    }

    /** A tab in which somebody has signed in with the token. */
    Tab signedIn(Rig rig, int width, ColorScheme colours) {
        return signIn(rig, open(width, colours, false));
    }

    /** As {@link #signedIn}, for a test that runs scripts of its own, which the policy of the page would not let it. */
    Tab scripted(Rig rig, int width, ColorScheme colours) {
        return signIn(rig, open(width, colours, true));
    }

    private static Tab signIn(Rig rig, Tab tab) {
        tab.page().navigate(rig.url() + "/");
        tab.page().fill("#token", rig.token());
        tab.page().press("#token", "Enter");
        tab.page().waitForSelector(".topbar");
        assertThat(tab.page().url()).startsWith(rig.url());
        return tab;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
