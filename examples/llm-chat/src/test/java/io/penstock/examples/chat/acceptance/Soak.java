package io.penstock.examples.chat.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.examples.chat.acceptance.GcLog.Collection;
import io.penstock.examples.chat.acceptance.Watch.Look;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * A modest load for a long time, and then the question whether anything grows.
 *
 * <p>Something grows when the lower end of the slope's confidence (Theil-Sen, 97.5 %) would take it up by more than
 * {@value #LIMIT_SHARE} of its median within the time looked at, and by more than a floor of its own. The first quarter is
 * not looked at: classes are loaded and compiled there.
 */
final class Soak {
    private static final double LIMIT_SHARE = 0.05;
    private static final double WARM_SHARE = 0.25;
    private static final int CHATTERS = 5;
    private static final int ASKERS = 2;
    private static final long ASK_NANOS = Duration.ofMillis(100).toNanos();
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final int COLLECTIONS = 40;
    private static final Duration DAY = Duration.ofDays(1);
    private static final int HOURS = 24;
    private static final long MEMORY_MILLIS = 30_000; // the default
    private static final long SHORTEST_MILLIS = 100; // that may be set
    private static final double MEGABYTE = 1 << 20;

    private record Series(String name, String unit, double floor, double[] x, double[] y) {}

    private final Options options;
    private int growing;

    Soak(Options options) {
        this.options = options;
    }

    int run(PrintStream out) throws Exception {
        String subject =
                options.subjects.size() == 1 ? options.subjects.iterator().next() : Options.OURS;
        String text = Acceptance.facts() + of(subject);
        out.print(text);
        if (options.results) {
            Files.writeString(Acceptance.resultFile(options.home, "soak"), text);
            Page.replace(options.home.resolve("docs/acceptance.md"), "soak", text);
        }
        return growing == 0 ? 0 : 1;
    }

    private String of(String name) throws Exception {
        Duration time = Duration.ofMinutes(options.soakMinutes);
        boolean ours = name.equals(Options.OURS);
        String[] pace = {"--pace", Long.toString(Math.max(1, DAY.toSeconds() / time.toSeconds()))};
        try (Site site = new Site(options);
                Subject subject = site.start(name, pace);
                Watch watch = new Watch(subject, site.redis.uri(), LOOK)) {
            if (ours) {
                compress(subject, time);
            }
            Chats chats = new Chats(subject.url, Site.dialect(name));
            List<Chats.Outcome> outcome = new ArrayList<>();
            int[] asked = new int[2];
            Crowd.run("soak", 2 + ASKERS, number -> {
                if (number == 0) {
                    outcome.add(chats.run(CHATTERS, time));
                } else if (number == 1) {
                    collect(subject, time);
                } else {
                    ask(subject, time, asked);
                }
            });
            return load(name, outcome.get(0), asked)
                    + (ours ? day(subject) : "")
                    + "\n"
                    + table(subject, watch.looks())
                    + "\n"
                    + complaints(subject);
        }
    }

    private String load(String name, Chats.Outcome talked, int[] asked) {
        if (talked.complete() < talked.begun() || asked[1] > 0) {
            growing++;
        }
        return String.format(
                Locale.ROOT,
                "%s for %d minutes: %d chats of %d begun complete %s, %d agents requests, %d failed%n",
                name,
                options.soakMinutes,
                talked.complete(),
                talked.begun(),
                talked.others(),
                asked[0],
                asked[1]);
    }

    /**
     * What the clock of watching does not press together: as many looks at memory as a day has, and a schedule of each hour.
     */
    private static void compress(Subject subject, Duration time) throws IOException, InterruptedException {
        long each = Math.max(SHORTEST_MILLIS, MEMORY_MILLIS * time.toSeconds() / DAY.toSeconds());
        Site.tell(subject, "PATCH", "config", "{\"memoryOptimization.intervalMs\":\"" + each + "\"}");
        Site.tell(
                subject,
                "PUT",
                "schedules/hourly",
                "{\"every\":\"" + time.toSeconds() / HOURS + "s\",\"job\":{\"queue\":\"email\",\"type\":\"mail.send\","
                        + "\"payload\":{\"to\":\"hourly@localhost\",\"subject\":\"an hour\",\"text\":\"is over\"}}}");
    }

    /** What of a day's periodic work was done, by the subject's own account; less than a day of it fails the soak. */
    private String day(Subject subject) throws IOException, InterruptedException {
        JsonNode monitoring = Site.beside(subject, "monitoring");
        int samples = 0;
        for (JsonNode group : monitoring.path("groups")) {
            samples = Math.max(samples, group.path("samples").asInt());
        }
        long looks = 0;
        for (JsonNode task : monitoring.path("timerTasks")) {
            looks += task.path("name").asText().equals("memory")
                    ? task.path("runs").asLong()
                    : 0;
        }
        int daily = 0;
        for (JsonNode run : Site.beside(subject, "cleanups").path("items")) {
            daily += run.path("reason").asText().equals("daily")
                            && run.path("success").asBoolean()
                    ? 1
                    : 0;
        }
        int hourly = Site.beside(subject, "schedules/hourly").path("enqueued").asInt();
        growing += daily == 0 || hourly < HOURS - 2 ? 1 : 0;
        return String.format(
                Locale.ROOT,
                "its day: %d samples of monitoring, %d looks at memory, %d hourly jobs, %d daily clean-up%n",
                samples,
                looks,
                hourly,
                daily);
    }

    /** Only what is left by these is alive: between them the dead gather in the old generation. */
    private static void collect(Subject subject, Duration time) throws IOException, InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            LockSupport.parkNanos(time.dividedBy(COLLECTIONS).toNanos());
            ProcessFacts.collect(subject.pid());
        }
    }

    private static void ask(Subject subject, Duration time, int[] asked) throws IOException, InterruptedException {
        double until = subject.secondsUp() + time.toSeconds();
        while (subject.secondsUp() < until) {
            boolean answered = !subject.get("/api/agents").isMissingNode();
            synchronized (asked) {
                asked[0]++;
                asked[1] += answered ? 0 : 1;
            }
            LockSupport.parkNanos(ASK_NANOS);
        }
    }

    private String complaints(Subject subject) throws IOException {
        List<String> complaints = subject.complaints();
        growing += complaints.isEmpty() ? 0 : 1;
        return "errors in its log: " + complaints.size()
                + (complaints.isEmpty() ? "" : "\n  " + String.join("\n  ", complaints)) + "\n";
    }

    private Table table(Subject subject, List<Look> looks) throws IOException {
        double from = subject.secondsUp() * WARM_SHARE;
        List<Collection> collections = subject.collections().whole().after(from).collections();
        List<Look> late = looks.stream().filter(look -> look.seconds() >= from).toList();
        Table table = new Table("what", "median", "slope an hour", "at least", "limit an hour", "verdict");
        judge(
                table,
                new Series(
                        "heap that is alive",
                        "MB",
                        1,
                        collections.stream().mapToDouble(Collection::seconds).toArray(),
                        collections.stream()
                                .mapToDouble(one -> one.leftBytes() / MEGABYTE)
                                .toArray()));
        judge(
                table,
                series("resident memory", "MB", 3, late, look -> look.facts().rssBytes() / MEGABYTE));
        judge(table, series("threads", "", 1, late, look -> look.facts().threads()));
        judge(table, series("connections to Redis", "", 1, late, Look::clients));
        judge(table, series("listeners", "", 1, late, Look::listeners));
        return table;
    }

    private static Series series(
            String name, String unit, double floor, List<Look> looks, ToDoubleFunction<Look> number) {
        return new Series(
                name,
                unit,
                floor,
                looks.stream().mapToDouble(Look::seconds).toArray(),
                looks.stream().mapToDouble(number).toArray());
    }

    private void judge(Table table, Series series) {
        if (series.x().length < 10) {
            growing++;
            table.row(series.name(), "-", "-", "-", "-", "TOO FEW (" + series.x().length + ")");
            return;
        }
        TheilSen line = TheilSen.of(series.x(), series.y());
        double span = series.x()[series.x().length - 1] - series.x()[0];
        double limit = Math.max(LIMIT_SHARE * line.median(), series.floor());
        boolean grows = line.low() * span > limit;
        growing += grows ? 1 : 0;
        double hour = 3_600;
        table.row(
                series.name(),
                number(line.median(), series.unit()),
                number(line.slope() * hour, series.unit()),
                number(line.low() * hour, series.unit()),
                number(limit / span * hour, series.unit()),
                grows ? "GROWS" : "flat");
    }

    private static String number(double value, String unit) {
        return String.format(Locale.ROOT, "%.2f %s", value, unit).strip();
    }
}
