package io.penstock.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.server.Rig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** A real browser, that of the system, in front of a real server; nothing is downloaded. */
final class Screen implements AutoCloseable {
    /** Bytes of scripts, and nodes and listeners of all documents, those that no document shows any more among them. */
    record Held(long bytes, long nodes, long listeners) {}

    private static final double LONGEST_WAIT_MILLIS = 40_000;

    private final Playwright playwright;
    private final Browser browser;
    private final Map<Rig, String> sessions = new HashMap<>();

    Screen() {
        playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of(
                        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1", "PLAYWRIGHT_SKIP_VALIDATE_HOST_REQUIREMENTS", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable().orElseThrow())
                        .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage"))); // as root, in a container
    }

    /** The system's Chromium, or that of PENSTOCK_CHROMIUM; without one the tests of a browser are skipped, loudly. */
    static void assumeThereIsOne() {
        if (executable().isEmpty()) {
            System.err.println("\n*** NO CHROMIUM: the dashboard was not tested in a browser."
                    + " Install one (Debian: apt-get install chromium) or set PENSTOCK_CHROMIUM. ***\n");
        }
        Assumptions.assumeTrue(executable().isPresent(), "no chromium");
    }

    private static Optional<Path> executable() {
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

        Tab signIn(Rig rig) {
            page.fill("#token", rig.token());
            page.press("#token", "Enter");
            page.waitForSelector(".topbar");
            assertThat(page.url()).startsWith(rig.url());
            return this;
        }

        /** What the page holds after a full collection, as the browser's own tools count it. */
        Held held() {
            CDPSession tools = context.newCDPSession(page);
            tools.send("Performance.enable");
            tools.send("HeapProfiler.collectGarbage");
            Map<String, Double> metrics = new HashMap<>();
            tools.send("Performance.getMetrics").getAsJsonArray("metrics").forEach(each -> {
                JsonObject metric = each.getAsJsonObject();
                metrics.put(
                        metric.get("name").getAsString(), metric.get("value").getAsDouble());
            });
            tools.detach();
            return new Held(
                    metrics.get("JSHeapUsedSize").longValue(),
                    metrics.get("Nodes").longValue(),
                    metrics.get("JSEventListeners").longValue());
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
        return open(width, colours, false, null);
    }

    private Tab open(int width, ColorScheme colours, boolean scripted, @Nullable String kept) {
        return new Tab(browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, width < 500 ? 812 : 860)
                .setColorScheme(colours)
                .setBypassCSP(scripted)
                .setStorageState(kept)
                .setLocale("en")));
    }

    /** A tab at this place, in which somebody has signed in with the token. */
    Tab signedIn(Rig rig, String place, int width, ColorScheme colours) {
        return signedIn(rig, place, width, colours, false);
    }

    /** As {@link #signedIn}, for a test that runs scripts of its own, which the policy of the page would not let it. */
    Tab scripted(Rig rig, String place, int width, ColorScheme colours) {
        return signedIn(rig, place, width, colours, true);
    }

    /** The first of a rig signs in through the page, those after it have what the browser kept of that. */
    private Tab signedIn(Rig rig, String place, int width, ColorScheme colours, boolean scripted) {
        Tab tab = open(width, colours, scripted, sessions.get(rig));
        tab.page.navigate(rig.url() + "/" + place);
        if (sessions.containsKey(rig)) {
            tab.page.waitForSelector(".topbar");
        } else {
            tab.signIn(rig);
            sessions.put(rig, tab.context.storageState());
        }
        return tab;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
