package io.penstock.bench;

import io.penstock.bench.Line.Column;
import io.penstock.runtime.Clock;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * What each feature costs Redis beside the plain job: processor time of the server by {@code INFO cpu}, from the first call
 * to the confirmed end of the last job, divided by the jobs.
 *
 * <p>Rounds are interleaved, and the plain job is measured again after every few features, so that what disturbs the
 * machine disturbs all. One round before the others warms up. Time: three minutes.
 */
final class Features {
    static final String PLAIN = "plain";

    private static final int JOBS = 20_000;
    private static final int PAYLOAD = 200;
    private static final int ROUNDS = 5;
    private static final int PLAIN_EVERY = 6;
    private static final int WAITING_SCHEDULES = 10_000;
    private static final long IDLE_NANOS = 4_000_000_000L;
    private static final Clock CLOCK = Clock.system();

    private final PrintStream out;
    private final Map<String, List<Sample>> samples = new LinkedHashMap<>();

    /** One round of one feature, a job. */
    private record Sample(double redisMicros, double clientMicros, double perSecond) {}

    private Features(PrintStream out) {
        this.out = out;
    }

    /**
     * Measures and prints the table.
     *
     * @param args rounds and jobs of one measurement; empty = 5 and 20,000
     * @return 0, or 1 if it could not be measured
     */
    static int run(PrintStream out, List<String> args) {
        try {
            int rounds = args.isEmpty() ? ROUNDS : Integer.parseInt(args.get(0));
            int jobs = args.size() < 2 ? JOBS : Integer.parseInt(args.get(1));
            new Features(out).measure(Math.max(1, Math.min(99, rounds)), Math.max(200, Math.min(1_000_000, jobs)));
            return 0;
        } catch (Exception failed) {
            System.err.println("the features could not be measured: " + failed);
            return 1;
        }
    }

    private void measure(int rounds, int jobs) throws Exception {
        try (Site site = Site.embedded(Column.OFF);
                Showcase showcase = new Showcase(site.uri, PAYLOAD, jobs)) {
            out.printf(
                    Locale.ROOT,
                    "java %s, %s, %d cores, load before %.2f%n",
                    Facts.java(),
                    site.version(),
                    Facts.cores(),
                    Facts.load());
            List<Feature> order = order(showcase.features());
            for (int round = 0; round <= rounds; round++) {
                System.err.printf("round %d of %d%n", round, rounds);
                for (Feature feature : order) {
                    Sample sample = measured(site, feature);
                    if (round > 0) {
                        samples.computeIfAbsent(feature.name(), any -> new ArrayList<>())
                                .add(sample);
                    }
                }
            }
            print(showcase.features(), rounds);
            schedules(site, showcase);
            out.printf(Locale.ROOT, "load after %.2f%n", Facts.load());
        }
    }

    /** The plain job comes back after every few features. */
    private static List<Feature> order(List<Feature> features) {
        List<Feature> order = new ArrayList<>();
        for (int i = 0; i < features.size(); i++) {
            if (i > 0 && i % PLAIN_EVERY == 0) {
                order.add(features.get(0));
            }
            order.add(features.get(i));
        }
        return order;
    }

    private static Sample measured(Site site, Feature feature) throws Exception {
        int jobs = feature.jobs();
        feature.before().run(jobs);
        double redis = site.cpuMicros();
        double client = Facts.cpuMicros();
        long began = CLOCK.nanos();
        feature.work().run(jobs);
        double seconds = (CLOCK.nanos() - began) / 1e9;
        Sample sample =
                new Sample((site.cpuMicros() - redis) / jobs, (Facts.cpuMicros() - client) / jobs, jobs / seconds);
        feature.after().run(jobs);
        return sample;
    }

    private void print(List<Feature> features, int rounds) {
        double plain = middle(PLAIN, Sample::redisMicros);
        out.printf(
                "%-32s %9s %15s %11s %11s %10s%n",
                "a job", "Redis us", "least to most", "over plain", "client us", "jobs/s");
        for (Feature feature : features) {
            List<Double> sorted = sorted(feature.name(), Sample::redisMicros);
            double micros = middle(feature.name(), Sample::redisMicros);
            out.printf(
                    Locale.ROOT,
                    "%-32s %9.1f %15s %11s %11.1f %,10.0f%n",
                    feature.name(),
                    micros,
                    String.format(Locale.ROOT, "%.1f to %.1f", sorted.get(0), sorted.get(sorted.size() - 1)),
                    feature.name().equals(PLAIN) ? "" : String.format(Locale.ROOT, "%+.1f", micros - plain),
                    middle(feature.name(), Sample::clientMicros),
                    middle(feature.name(), Sample::perSecond));
        }
        out.printf(
                Locale.ROOT,
                "median of %d rounds, payload %d bytes, no persistence; plain: %d a round%n",
                rounds,
                PAYLOAD,
                sorted(PLAIN, Sample::redisMicros).size() / rounds);
    }

    private List<Double> sorted(String name, java.util.function.ToDoubleFunction<Sample> part) {
        return samples.getOrDefault(name, List.of()).stream()
                .mapToDouble(part)
                .sorted()
                .boxed()
                .toList();
    }

    private double middle(String name, java.util.function.ToDoubleFunction<Sample> part) {
        List<Double> sorted = sorted(name, part);
        return sorted.get(sorted.size() / 2);
    }

    /** Nobody looks at a schedule before it is due, so very many that wait must cost what none cost. */
    private void schedules(Site site, Showcase showcase) {
        double none = idle(site);
        showcase.whileSchedulesWait(
                WAITING_SCHEDULES,
                () -> out.printf(
                        Locale.ROOT,
                        "Redis idle: %.2f %% of a core; with %,d schedules that wait: %.2f %%%n",
                        none,
                        WAITING_SCHEDULES,
                        idle(site)));
    }

    private static double idle(Site site) {
        double before = site.cpuMicros();
        long began = CLOCK.nanos();
        while (CLOCK.nanos() - began < IDLE_NANOS) {
            LockSupport.parkNanos(IDLE_NANOS);
        }
        return (site.cpuMicros() - before) * 1e5 / (CLOCK.nanos() - began);
    }
}
