package io.penstock.server.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Text that would like to be a script, wherever strangers can write: on every page it stays text. */
@ExtendWith({RigExtension.class, ScreenExtension.class})
final class HostileTextTest {
    /** A begin to look for, ways to run, a text that runs backwards, and length. */
    private static final String HOSTILE = "hostile<script>window.pwned=1</script>\"><img src=x onerror=window.pwned=1>"
            + "'><svg/onload=window.pwned=1>javascript:window.pwned=1//{{constructor.constructor('window.pwned=1')()}}"
            + "${window.pwned=1}<iframe srcdoc='<script>parent.pwned=1</script>'></iframe></textarea></title></style>"
            + "<a href=javascript:window.pwned=1>x</a>\u202egnp.js&lt;script&gt;\u0007\u2028";

    /** As much as a key or a note holds. */
    private static final String SHORT = HOSTILE.substring(0, 240);

    private static final String LONG = HOSTILE + "x".repeat(20_000);

    /** Tells the console, which the tab listens to: the page's own policy keeps a test from asking it. */
    private static final String TELLTALE = """
            Object.defineProperty(window, 'pwned', {set() { console.error('PWNED'); }});
            document.addEventListener('securitypolicyviolation',
              (e) => console.error('VIOLATION ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
            """;

    private static final List<String> PLACES = List.of(
            "overview",
            "queues",
            "queues/hostile",
            "jobs",
            "jobs?queue=hostile&state=failed",
            "dead",
            "schedules",
            "flows",
            "workers",
            "memory",
            "alerts",
            "alerts?tab=rules",
            "alerts?tab=channels",
            "redis",
            "limits",
            "admin",
            "admin?tab=settings",
            "admin?tab=tokens",
            "admin?tab=audit",
            "admin?tab=monitoring",
            "queues/constructor",
            "schedules/constructor",
            "memory?snapshot=constructor");

    record Said(String text) {}

    private static String json(String text) {
        return new JsonMapper().getNodeFactory().textNode(text).toString();
    }

    /** Plants what is taken; what is refused is refused in a civil way. */
    private static boolean plant(Rig rig, String method, String path, String body) {
        Rig.Answer answer = rig.send(method, path, body);
        assertThat(answer.status()).as(path + " " + answer.text()).isLessThan(500);
        return answer.status() < 300;
    }

    /** Returns the jobs to look at. */
    private static List<String> plant(Rig rig, Penstock worker) {
        List<String> ids = new ArrayList<>();
        String every = ",\"metadata\":{" + json(SHORT.substring(0, 60)) + ":" + json(SHORT) + "},\"unique\":{\"key\":"
                + json(SHORT) + "},\"payload\":{\"text\":" + json(LONG) + "," + json(HOSTILE) + ":[" + json(HOSTILE)
                + "]}}";
        ids.add(rig.enqueue("hostile", "{\"type\":\"never.taken\"" + every));
        worker.handle(JobType.of("says.all", Said.class).queue("hostile-work"), (said, context) -> {
            context.log(said.text());
            context.progress(Map.of("text", said.text(), said.text(), 1));
            context.result(Map.of(said.text(), said.text()));
        });
        worker.handle(JobType.of("fails.so", Said.class).queue("hostile-work"), (said, context) -> {
            throw new IllegalStateException(said.text());
        });
        worker.start();
        String said = ",\"maxAttempts\":1,\"payload\":{\"text\":" + json(HOSTILE) + "}}";
        ids.add(rig.enqueue("hostile-work", "{\"type\":\"says.all\"" + said));
        ids.add(rig.enqueue("hostile-work", "{\"type\":\"fails.so\"" + said));
        String lent = rig.enqueue("hostile-lent", "{\"type\":\"lent.out\",\"maxAttempts\":1}");
        String token = rig.post("/api/v1/leases", "{\"queues\":[\"hostile-lent\"],\"worker\":\"elsewhere\",\"max\":1}")
                .json()
                .path("token")
                .asText();
        String error = "{\"type\":" + json(HOSTILE) + ",\"message\":" + json(LONG) + ",\"stack\":" + json(LONG) + "}";
        assertThat(plant(
                        rig,
                        "POST",
                        "/api/v1/leases/" + token + ":nack",
                        "{\"outcome\":\"fail\",\"error\":" + error + "}"))
                .isTrue();
        ids.add(lent);
        for (String id : ids.subList(1, ids.size())) {
            await().until(
                            () -> rig.job(id).path("state").asText(),
                            Pattern.compile("completed|failed").asMatchPredicate());
        }
        return ids;
    }

    private static void plantElsewhere(Rig rig) {
        String text = json(HOSTILE);
        plant(rig, "POST", "/api/v1/memory/optimizations", "{\"reason\":" + text + "}");
        plant(rig, "PUT", "/api/v1/limits/hostile", "{\"kind\":\"window\",\"permits\":1,\"per\":\"1h\"}");
        for (int i = 0; i < 3; i++) {
            plant(
                    rig,
                    "POST",
                    "/api/v1/limits/hostile:acquire",
                    "{\"subject\":" + json(HOSTILE.substring(0, 150)) + "}");
        }
        String rule =
                "{\"metric\":\"process.threads\",\"operator\":\">\",\"threshold\":0,\"severity\":\"critical\",\"tags\":";
        if (!plant(rig, "PUT", "/api/v1/alert-rules/hostile", rule + "{\"team\":" + text + "}}")) {
            plant(
                    rig,
                    "PUT",
                    "/api/v1/alert-rules/hostile",
                    rule + "{\"team\":" + json(HOSTILE.substring(0, 40)) + "}}");
        }
        plant(
                rig,
                "PUT",
                "/api/v1/channels/hostile",
                "{\"kind\":\"webhook\",\"url\":\"https://localhost/" + "%3Cscript%3E\"}");
        plant(rig, "PUT", "/api/v1/channels/hostile", "{\"kind\":\"webhook\",\"url\":" + text + "}");
        plant(
                rig,
                "PUT",
                "/api/v1/schedules/hostile",
                "{\"cron\":\"0 0 1 1 *\",\"job\":{\"queue\":\"hostile\",\"type\":\"a.b\",\"payload\":" + text + "}}");
        plant(
                rig,
                "PUT",
                "/api/v1/schedules/wrong",
                "{\"cron\":" + text + ",\"job\":{\"queue\":\"hostile\",\"type\":\"a.b\"}}");
        plant(
                rig,
                "POST",
                "/api/v1/flows",
                "{\"name\":\"hostile\",\"queue\":\"hostile\",\"jobs\":[{\"name\":\"a\",\"type\":\"a.b\",\"payload\":"
                        + text + "}]}");
        plant(rig, "PATCH", "/api/v1/config", "{\"hosts\":" + text + "}");
    }

    /** Legal names that mean something to a script, given to everything that has one; answers the flow. */
    private static String plantNames(Rig rig, Penstock worker) {
        String job = "{\"queue\":\"constructor\",\"type\":\"toString\",\"group\":\"valueOf\",\"payload\":{\"a\":1}}";
        String[][] named = {
            {"POST", "/api/v1/jobs:batch", "[" + job + "]"},
            {"PUT", "/api/v1/schedules/constructor", "{\"cron\":\"0 0 1 1 *\",\"job\":" + job + "}"},
            {"PUT", "/api/v1/limits/toString", "{\"kind\":\"window\",\"permits\":1,\"per\":\"1h\"}"},
            {"PUT", "/api/v1/channels/constructor", "{\"kind\":\"log\"}"},
            {
                "PUT",
                "/api/v1/alert-rules/hasOwnProperty",
                "{\"metric\":\"queue.constructor.waiting\",\"operator\":\">\",\"threshold\":0}"
            },
            {"POST", "/api/v1/tokens", "{\"role\":\"viewer\",\"name\":\"valueOf\",\"queues\":[\"constructor\"]}"},
            {"POST", "/api/v1/batches", "{\"name\":\"toString\",\"queue\":\"constructor\"}"},
            {
                "POST",
                "/api/v1/leases",
                "{\"queues\":[\"constructor\"],\"worker\":\"constructor\",\"leaseMillis\":600000}"
            },
            {"POST", "/api/v1/memory/snapshots", "{}"}
        };
        for (String[] each : named) {
            assertThat(plant(rig, each[0], each[1], each[2]))
                    .as(String.join(" ", each))
                    .isTrue();
        }
        worker.cache("constructor", String.class, config -> config).put("__proto__", HOSTILE);
        return rig.post(
                        "/api/v1/flows",
                        "{\"name\":\"valueOf\",\"jobs\":[{\"name\":\"constructor\",\"queue\":\"constructor\",\"type\":\"toString\"},"
                                + "{\"name\":\"toString\",\"queue\":\"constructor\",\"type\":\"toString\",\"needs\":[\"constructor\"]}]}")
                .json()
                .path("id")
                .asText();
    }

    /** What takes a name takes none of these, so names need no care in keys, paths, tables and logs. */
    private static void namesAreNames(Rig rig) {
        String name = "a<b>";
        String quoted = URLEncoder.encode(name, StandardCharsets.UTF_8);
        String[][] tries = {
            {"POST", "/api/v1/queues/" + quoted + "/jobs", "{\"type\":\"a.b\"}"},
            {"POST", "/api/v1/queues/q/jobs", "{\"type\":" + json(name) + "}"},
            {"POST", "/api/v1/queues/q/jobs", "{\"type\":\"a.b\",\"group\":" + json(name) + "}"},
            {"POST", "/api/v1/leases", "{\"queues\":[\"q\"],\"worker\":" + json(name) + "}"},
            {"PUT", "/api/v1/schedules/" + quoted, "{\"cron\":\"0 0 1 1 *\",\"job\":{\"queue\":\"q\",\"type\":\"a.b\"}}"
            },
            {"PUT", "/api/v1/limits/" + quoted, "{\"kind\":\"window\",\"permits\":1,\"per\":\"1h\"}"},
            {"PUT", "/api/v1/channels/" + quoted, "{\"kind\":\"webhook\",\"url\":\"https://example.org/\"}"},
            {
                "PUT",
                "/api/v1/alert-rules/" + quoted,
                "{\"metric\":\"process.threads\",\"operator\":\">\",\"threshold\":1}"
            },
            {
                "POST",
                "/api/v1/flows",
                "{\"name\":" + json(name) + ",\"queue\":\"q\",\"jobs\":[{\"name\":\"a\",\"type\":\"a.b\"}]}"
            },
            {"POST", "/api/v1/batches", "{\"name\":" + json(name) + ",\"queue\":\"q\"}"},
            {"POST", "/api/v1/tokens", "{\"role\":\"viewer\",\"name\":" + json(name) + "}"},
            {"POST", "/api/v1/tokens", "{\"role\":\"viewer\",\"name\":\"t\",\"queues\":[" + json(name) + "]}"},
            {"POST", "/api/v1/caches/" + quoted + ":clear", null}
        };
        for (String[] each : tries) {
            assertThat(rig.send(each[0], each[1], each[2]).status())
                    .as(String.join(" ", each))
                    .isBetween(400, 404);
        }
    }

    @Test
    void staysTextOnEveryPage(@TempDir Path dir, Screen screen) {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start();
                Penstock worker = Penstock.connect(redis.uri())) {
            Rig rig = Rig.start(dir.resolve("data"), flags -> flags.put(Setting.REDIS, redis.uri()));
            try {
                attack(rig, worker, screen);
            } finally {
                rig.stop();
            }
        }
    }

    private static void attack(Rig rig, Penstock worker, Screen screen) {
        namesAreNames(rig);
        List<String> ids = plant(rig, worker);
        plantElsewhere(rig);
        String flow = plantNames(rig, worker);
        try (Screen.Tab tab = screen.signedIn(rig, "overview", 1280, ColorScheme.LIGHT)) {
            List<String> dialogs = new ArrayList<>();
            tab.page().onDialog(dialog -> {
                dialogs.add(dialog.message());
                dialog.dismiss();
            });
            tab.page().addInitScript(TELLTALE);
            for (String place : places(ids)) {
                look(rig, tab, place);
            }
            look(rig, tab, "flows/" + flow);
            assertThat(tab.page().locator("[data-node=toString]")).isVisible();
            shows(rig, tab.page(), ids);
            showsNames(rig, tab.page());
            assertThat(dialogs).isEmpty();
            assertThat(tab.page().context().pages()).as("windows").hasSize(1);
        }
    }

    private static List<String> places(List<String> ids) {
        List<String> places = new ArrayList<>(PLACES);
        ids.forEach(id -> places.add("jobs/" + id));
        String text = URLEncoder.encode(HOSTILE, StandardCharsets.UTF_8).replace("+", "%20");
        for (String place : new String[] {
            "jobs/",
            "queues/",
            "jobs?q=",
            "jobs?type=",
            "jobs?queue=",
            "dead?queue=",
            "dead?print=",
            "alerts?tab=",
            "admin?tab=",
            "overview#",
            "sign-in#code="
        }) {
            places.add(place + text);
        }
        return places;
    }

    private static void look(Rig rig, Screen.Tab tab, String place) {
        Page page = tab.page();
        if (place.contains("#")) {
            page.navigate("about:blank"); // else a change behind it would load nothing
        }
        page.navigate(rig.url() + "/" + place);
        // a thing that does not exist has a page that says so, without a title
        assertThat(page.locator("#page, #token").first()).isAttached(slow());
        assertThat(page.locator(".page > .skeleton"))
                .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(20_000));
        assertThat(page.locator("script:not([src^='/ui/'])").count())
                .as(place + " scripts")
                .isZero();
        assertThat(page.locator("iframe, object, embed, base, [href^='javascript:' i], [onerror], [onload], [onclick]")
                        .count())
                .as(place + " elements")
                .isZero();
        List<String> faults = tab.faults().stream()
                // what is asked for by a hostile name is not there, or no legal name
                .filter(fault -> !fault.contains("Failed to load resource"))
                .toList();
        assertThat(faults).as(place).isEmpty();
    }

    private static LocatorAssertions.IsAttachedOptions slow() {
        return new LocatorAssertions.IsAttachedOptions().setTimeout(20_000);
    }

    private static void shows(Rig rig, Page page, List<String> ids) {
        LocatorAssertions.ContainsTextOptions patient = new LocatorAssertions.ContainsTextOptions().setTimeout(20_000);
        for (String place : List.of(
                "jobs/" + ids.get(0), "jobs/" + ids.get(1), "jobs/" + ids.get(2), "jobs/" + ids.get(3), "dead")) {
            page.navigate(rig.url() + "/" + place);
            assertThat(page.locator("body")).containsText("<script>window.pwned=1</script>", patient);
        }
    }

    private static void showsNames(Rig rig, Page page) {
        String[][] shown = {
            {"queues", "constructor"},
            {"schedules", "constructor"},
            {"workers", "constructor"},
            {"limits", "constructor"}, // the cache
            {"limits", "toString"},
            {"flows", "valueOf"},
            {"alerts?tab=rules", "hasOwnProperty"},
            {"alerts?tab=channels", "constructor"},
            {"admin?tab=tokens", "valueOf"}
        };
        for (String[] each : shown) {
            page.navigate(rig.url() + "/" + each[0]);
            assertThat(page.locator("td", new Page.LocatorOptions().setHasText(each[1]))
                            .first())
                    .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(20_000));
        }
    }
}
