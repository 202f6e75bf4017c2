package io.penstock.bench.survival;

import io.penstock.bench.survival.Trial.Result;
import io.penstock.runtime.Clock;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The survival table: every shape under every rule, each run in a JVM of its own with a real Redis, against the best
 * fixed concurrency that a search found for that shape.
 *
 * <p>Options: {@code shapes= rules= oracle= seconds= runs= jvm= limit= known= within=}; {@code known} is a file that keeps
 * what was measured, and no run begins after {@code within} seconds: the next call goes on from there. {@code limit} is in
 * MB of resident memory: a child above it is killed, as by the kernel.
 */
public final class Survival {
    private static final int CONCURRENCY = 200;

    /** Share of the best rate: below it the search is over its peak, for rates of some seconds scatter by a tenth. */
    private static final double WORSE = 0.85;

    private final Map<String, String> options;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Clock clock = Clock.system();
    private final long begin = clock.nanos();
    private final Kept known;
    private final Map<Rule, List<String>> rows = new LinkedHashMap<>();
    private final Map<Rule, Tally> tallies = new LinkedHashMap<>();

    /** What all runs of one rule come to. */
    private static final class Tally {
        int runs;
        int free;
        int died;
        long events;
        long lost;
        int shapes;
        double logs;
        double least = Double.MAX_VALUE;
    }

    private Survival(Map<String, String> options) throws IOException {
        this.options = options;
        known = new Kept(
                Path.of(options.getOrDefault("known", "bench/target/survival.properties")),
                String.join(" ", jvm()) + "|" + System.getProperty("java.version") + "|" + length().toSeconds() + " s"
                        + (limit() > 0 ? "|" + limit() + " MB" : ""));
    }

    /** Runs what the options ask for and prints the table. */
    public static void main(String[] args) throws IOException, InterruptedException {
        System.setProperty("logback.configurationFile", "io/penstock/bench/logback.xml");
        Map<String, String> options = new LinkedHashMap<>();
        for (String arg : args) {
            String[] pair = arg.split("=", 2);
            if (pair.length != 2) {
                System.err.println("option " + arg + " has no value; nothing was run; write name=value");
                return;
            }
            options.put(pair[0], pair[1]);
        }
        new Survival(options).run();
        Runtime.getRuntime().halt(0); // whatever still runs has been measured
    }

    private void run() throws IOException, InterruptedException {
        List<Shape> shapes = list("shapes", Stream.of(Shape.values()).map(Enum::name))
                .map(Shape::named)
                .toList();
        List<Rule> rules = list("rules", Stream.of("none", "breaker", "permits", "line"))
                .map(Rule::named)
                .toList();
        out.println("java " + System.getProperty("java.version") + ", " + String.join(" ", jvm()) + ", concurrency "
                + CONCURRENCY + ", " + length().toSeconds() + " s a run, jobs counted after the first second");
        for (Shape shape : shapes) {
            double best = oracle(shape);
            for (Rule rule : rules) {
                rule(rule, shape, best);
            }
        }
        table(shapes);
    }

    private long limit() {
        return Long.parseLong(options.getOrDefault("limit", "0"));
    }

    /** What was measured before, or a run now; null if there is no time for one any more. */
    private @Nullable Result run(Rule rule, int concurrency, Shape shape, int number)
            throws IOException, InterruptedException {
        String name = rule + "|" + concurrency + "|" + shape + "|" + number;
        Result before = known.run(name);
        if (before != null) {
            return before;
        }
        String within = options.get("within");
        if (within != null && clock.nanos() - begin > Long.parseLong(within) * 1_000_000_000) {
            return null;
        }
        Result result = new Trial(rule, concurrency, shape, length(), limit() << 20).run(jvm());
        known.run(name, result);
        return result;
    }

    private Stream<String> list(String name, Stream<String> otherwise) {
        String given = options.get(name);
        return given == null ? otherwise : Stream.of(given.split(",", -1)).filter(each -> !each.isEmpty());
    }

    private List<String> jvm() {
        return List.of(options.getOrDefault("jvm", "-Xmx64m -XX:+UseG1GC").split(" ", -1));
    }

    private Duration length() {
        return Duration.ofSeconds(Long.parseLong(options.getOrDefault("seconds", "5")));
    }

    /**
     * The best rate of any fixed concurrency without an OutOfMemoryError; 0 = not measured. It is looked for upwards until
     * memory runs out or a rate is that far below the best one.
     */
    private double oracle(Shape shape) throws IOException, InterruptedException {
        double best = 0;
        for (String each : list("oracle", Stream.of("4", "6", "8", "10", "12", "16", "20", "24", "32", "48"))
                .toList()) {
            int concurrency = Integer.parseInt(each);
            Result result = run(Rule.FIXED, concurrency, shape, 0);
            if (result == null) {
                break;
            }
            boolean survived = result.outOfMemory() == 0 && !result.died();
            out.printf(
                    Locale.ROOT,
                    "%s fixed %d: %.0f/s, %d out of memory%s%n",
                    shape,
                    concurrency,
                    result.perSecond(),
                    result.outOfMemory(),
                    result.died() ? ", died" : "");
            if (!survived || result.perSecond() < best * WORSE) {
                break;
            }
            best = Math.max(best, result.perSecond());
        }
        return best;
    }

    private void rule(Rule rule, Shape shape, double best) throws IOException, InterruptedException {
        Tally tally = tallies.computeIfAbsent(rule, any -> new Tally());
        List<Double> rates = new ArrayList<>();
        int free = 0;
        int died = 0;
        int wanted = rule == Rule.LINE ? Integer.parseInt(options.getOrDefault("runs", "3")) : 1;
        for (int i = 0; i < wanted; i++) {
            Result result = run(rule, CONCURRENCY, shape, i);
            if (result == null) {
                break;
            }
            rates.add(result.perSecond());
            free += result.outOfMemory() == 0 && !result.died() ? 1 : 0;
            died += result.died() ? 1 : 0;
            tally.events += result.outOfMemory();
            tally.lost += Math.max(0, result.lost());
            out.printf(
                    Locale.ROOT,
                    "%s %s: %.0f/s (%.0f %%), %d out of memory%s, %d not done%n",
                    shape,
                    rule,
                    result.perSecond(),
                    100 * result.perSecond() / best,
                    result.outOfMemory(),
                    result.died() ? ", died" : "",
                    result.lost());
            if (options.containsKey("verbose")) {
                out.print(result.stats());
            }
        }
        int runs = rates.size();
        if (runs == 0) {
            rows.computeIfAbsent(rule, any -> new ArrayList<>()).add("-");
            return;
        }
        rates.sort(null);
        double share = best == 0 ? Double.NaN : rates.get((runs - 1) / 2) / best;
        tally.runs += runs;
        tally.free += free;
        tally.died += died;
        if (best > 0) {
            tally.shapes++;
            tally.logs += Math.log(Math.max(0.01, share));
            tally.least = Math.min(tally.least, share);
        }
        rows.computeIfAbsent(rule, any -> new ArrayList<>())
                .add(String.format(
                        Locale.ROOT,
                        "%.0f %.0f%% %d/%d%s",
                        rates.get((runs - 1) / 2),
                        100 * share,
                        free,
                        runs,
                        died > 0 ? " D" + died : ""));
    }

    private void table(List<Shape> shapes) {
        out.println();
        out.println(
                "median jobs/s (of two the lower), share of the best fixed concurrency, runs without OutOfMemoryError, D = dead processes;"
                        + " * = not used for tuning");
        out.printf("%-8s", "rule");
        shapes.forEach(shape -> out.printf(" %-16s", shape.name().toLowerCase(Locale.ROOT) + (shape.tuned ? "" : "*")));
        out.println();
        rows.forEach((rule, cells) -> {
            out.printf("%-8s", rule.name().toLowerCase(Locale.ROOT));
            cells.forEach(cell -> out.printf(" %-16s", cell));
            out.println();
        });
        tallies.forEach((rule, t) -> out.printf(
                Locale.ROOT,
                "%-8s %d of %d runs without OutOfMemoryError (%d in all), %d dead, %d jobs not done; geometric mean %.0f %%,"
                        + " least %.0f %% of the oracle%n",
                rule.name().toLowerCase(Locale.ROOT),
                t.free,
                t.runs,
                t.events,
                t.died,
                t.lost,
                100 * Math.exp(t.logs / t.shapes),
                100 * t.least));
    }
}
