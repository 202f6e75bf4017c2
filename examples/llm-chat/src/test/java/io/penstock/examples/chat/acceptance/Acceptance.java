package io.penstock.examples.chat.acceptance;

import com.sun.management.OperatingSystemMXBean;
import io.penstock.examples.chat.acceptance.Chats.Outcome;
import io.penstock.examples.chat.replay.OldMonitoring;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The acceptance of the field report: its rows, what it told, what it hoped, the old design replayed and ours, in one run on
 * one Redis. {@code Acceptance HOME [options]}; see {@link Options#USAGE}.
 */
public final class Acceptance {
    private static final int QUEUE_MANAGERS = 3;
    private static final String DOC = "docs/acceptance.md";

    private final Options options;
    private final Map<String, Measured> measured = new HashMap<>();

    private Acceptance(Options options) {
        this.options = options;
    }

    public static void main(String[] args) throws Exception {
        Options options = Options.of(
                Path.of(args[0]), List.of(args).subList(1, args.length).toArray(String[]::new));
        System.exit(options.soakMinutes > 0 ? new Soak(options).run(System.out) : new Acceptance(options).run());
    }

    private int run() throws Exception {
        String facts = facts();
        String text;
        Report report;
        try (Site site = new Site(options)) {
            System.err.println("model: " + options.callers + " callers ask it directly");
            Outcome model = new Chats(URI.create(site.model.endpoint()), Site.MODEL)
                    .run(options.callers, Duration.ofSeconds(5));
            for (String subject : List.of(Options.REPLAY, Options.OURS)) {
                if (options.subjects.contains(subject)) {
                    measured.put(subject, new Trial(site, options).of(subject));
                }
            }
            Outcome few = options.subjects.contains(Options.OURS) ? new Trial(site, options).few() : null;
            Report.Run run = new Report.Run(options, model, few, dayOfOldMonitoring());
            report = new Report(run, measured.get(Options.REPLAY), measured.get(Options.OURS));
            text = facts + report.text() + "load after: " + load() + "\n";
        }
        System.out.print(text);
        if (options.results) {
            write(text);
        }
        return report.missed() == 0 ? 0 : 1;
    }

    /** What the old histories of three queue managers weigh after a day, by the heap of this JVM. */
    static long dayOfOldMonitoring() {
        long before = usedAfterCollection();
        List<OldMonitoring> all = new ArrayList<>();
        try {
            for (int i = 0; i < QUEUE_MANAGERS; i++) {
                OldMonitoring monitoring = new OldMonitoring();
                monitoring.pass(Duration.ofDays(1));
                all.add(monitoring);
            }
            return usedAfterCollection() - before;
        } finally {
            Reference.reachabilityFence(all);
        }
    }

    private static long usedAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    static String facts() {
        return String.format(
                Locale.ROOT,
                "%s, java %s, %d cores, load before: %s%n",
                LocalDate.now(ZoneOffset.UTC),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                load());
    }

    private static String load() {
        double load = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getSystemLoadAverage();
        return String.format(Locale.ROOT, "%.2f", load);
    }

    private void write(String text) throws IOException {
        Path file = resultFile(options.home, "acceptance");
        Files.writeString(file, text);
        Page.replace(options.home.resolve(DOC), "table", text);
        System.err.println("written to " + file + " and " + DOC);
    }

    static Path resultFile(Path home, String what) {
        return home.resolve("bench/results")
                .resolve(LocalDate.now(ZoneOffset.UTC) + "-jdk"
                        + Runtime.version().feature() + "-" + what + ".txt");
    }
}
