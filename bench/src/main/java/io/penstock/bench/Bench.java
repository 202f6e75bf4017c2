package io.penstock.bench;

import io.penstock.Penstock;
import io.penstock.bench.Line.Column;
import io.penstock.bench.Line.Group;
import io.penstock.job.JobType;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.worker.WorkerConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The benchmarks of Penstock against a real Redis, next to the least that any client can do on the same Redis.
 *
 * <p>Rounds are interleaved: each measures every line once, so that what disturbs the machine disturbs all lines. One
 * round before the others warms up and does not count. Time: 3 minutes, with {@code --quick} 40 seconds.
 */
public final class Bench {
    private static final int FLOOR_THREADS = 4;

    private static final Clock CLOCK = Clock.system();

    private final Options options;
    private final Results results = new Results();
    private final PrintStream progress;

    private Bench(Options options, PrintStream progress) {
        this.options = options;
        this.progress = progress;
    }

    /**
     * Runs the benchmarks and prints the table, or a JSON object; progress goes to stderr.
     *
     * @return 0, or 2 if the arguments are wrong, or 1 if it could not be measured
     */
    public static int run(String[] args, PrintStream out) {
        try {
            Options options = Options.parse(args);
            Table table = new Bench(options, System.err).measure();
            out.print(options.json() ? table.json() + System.lineSeparator() : table.text());
            return 0;
        } catch (Options.Wrong wrong) {
            System.err.println(wrong.getMessage());
            System.err.print(Options.USAGE);
            return 2;
        } catch (Exception failed) {
            System.err.println("the benchmark failed: " + failed);
            return 1;
        }
    }

    private Table measure() throws Exception {
        List<Site> sites = new ArrayList<>();
        double loadBefore = Facts.load();
        try {
            if (options.redis() != null) {
                sites.add(Site.at(options.redis()));
            } else {
                sites.add(Site.embedded(Column.OFF));
                sites.add(Site.embedded(Column.EVERYSEC));
            }
            rounds(sites);
            once(sites.get(0));
            ratios();
            return new Table(results, facts(sites.get(0), loadBefore));
        } finally {
            for (Site site : sites) {
                site.close();
            }
        }
    }

    private Map<String, Object> facts(Site site, double loadBefore) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("java", Facts.java() + " (" + System.getProperty("java.vm.name") + ")");
        facts.put("server", site.version());
        facts.put(
                "machine",
                Facts.cores() + " cores, load before "
                        + String.format(Locale.ROOT, "%.2f, after %.2f", loadBefore, Facts.load()));
        facts.put("jobs", options.jobs());
        facts.put("payload", options.payload());
        facts.put("rounds", options.rounds());
        return facts;
    }

    private void rounds(List<Site> sites) throws Exception {
        if (!options.wants(Group.FLOOR)
                && !options.wants(Group.THROUGHPUT)
                && !options.wants(Group.SINGLE)
                && !options.wants(Group.IDLE)) {
            return;
        }
        List<House> houses = new ArrayList<>();
        try (Threads threads = new Threads(FLOOR_THREADS)) {
            for (Site site : sites) {
                houses.add(new House(site, options, results));
            }
            for (int round = 0; round <= options.rounds(); round++) {
                progress.printf("round %d of %d%n", round, options.rounds());
                results.counting(round > 0);
                for (int i = 0; i < sites.size(); i++) {
                    round(sites.get(i), houses.get(i), threads);
                }
            }
        } finally {
            houses.forEach(House::close);
        }
    }

    private void round(Site site, House house, Threads threads) throws Exception {
        if (options.wants(Group.FLOOR)) {
            floor(site, new Floor(site.uri, options.payload(), threads));
        }
        if (options.wants(Group.THROUGHPUT)) {
            house.throughput();
        }
        if (options.wants(Group.SINGLE)) {
            house.single();
        }
        if (options.wants(Group.IDLE)) {
            house.idle();
        }
    }

    private void floor(Site site, Floor floor) throws Exception {
        int jobs = options.jobs();
        long began = CLOCK.nanos();
        floor.produce(jobs);
        results.add(Line.FLOOR_PRODUCER, site.column, jobs * 1e9 / (CLOCK.nanos() - began));
        began = CLOCK.nanos();
        floor.consume(jobs);
        results.add(Line.FLOOR_WORKER, site.column, jobs * 1e9 / (CLOCK.nanos() - began));
        Meter meter = new Meter(site, results);
        meter.start();
        floor.cycle(jobs);
        meter.stop(new Meter.Lines(Line.FLOOR_CYCLE, Line.FLOOR_REDIS, Line.FLOOR_CLIENT), jobs);
    }

    private void once(Site site) throws IOException, InterruptedException {
        results.counting(true);
        Duration pause = Duration.ofMillis(options.quick() ? 500 : 2_000);
        if (options.wants(Group.BYTES) || options.wants(Group.GROWTH)) {
            weigh(site);
        }
        if (options.wants(Group.CONNECTIONS)) {
            progress.println("connections");
            connections(site, 3, 5, Line.CONNECTIONS_3X5);
            connections(site, 1, 200, Line.CONNECTIONS_200);
        }
        if (options.wants(Group.RSS)) {
            progress.println("memory of a JVM");
            Map<String, Double> said = Child.live("quiet", site.uri, options.jobs(), pause);
            add(site, Line.RSS_IDLE, said.get("idle"));
            add(site, Line.RSS_LOADED, said.get("loaded"));
        }
        if (options.wants(Group.IO) && Facts.virtualThreads()) {
            progress.println("jobs that wait for I/O");
            Map<String, Double> said = Child.live("io", site.uri, 0, pause);
            add(site, Line.IO_IN_FLIGHT, said.get("inFlight"));
            add(site, Line.IO_RSS, said.get("rss"));
        }
        site.clear();
    }

    private void add(Site site, Line line, @Nullable Double value) {
        if (value != null) {
            results.add(line, site.column, value);
        }
    }

    private void weigh(Site site) {
        site.clear();
        try (Weight weight = new Weight(site, options, results)) {
            if (options.wants(Group.BYTES)) {
                progress.println("bytes");
                weight.bytes();
            }
            if (options.wants(Group.GROWTH)) {
                progress.println("growth");
                weight.growth();
            }
        }
    }

    /** So many queues with a worker of so many threads each, in one process. */
    private void connections(Site site, int queues, int concurrency, Line line) {
        int before = site.clients();
        try (Penstock penstock = Penstock.connect(site.uri)) {
            JobType<Mail> type = Mail.to("bench-queue-0");
            penstock.handle(type, (mail, ctx) -> {});
            for (int i = 0; i < queues; i++) {
                WorkerConfig how = WorkerConfig.named("bench-" + i).concurrency(concurrency);
                penstock.work(how, Set.of("bench-queue-" + i));
            }
            penstock.enqueue(type, Mail.of(0, ""));
            add(site, line, (double) site.clients() - before);
        }
    }

    private void ratios() {
        results.ratio(Line.RATIO_PRODUCER, Line.PRODUCER, Line.FLOOR_PRODUCER);
        results.ratio(Line.RATIO_WORKER, Line.WORKER, Line.FLOOR_WORKER);
        results.ratio(Line.RATIO_CYCLE, Line.CYCLE, Line.FLOOR_CYCLE);
        results.ratio(Line.RATIO_REDIS, Line.CYCLE_REDIS, Line.FLOOR_REDIS);
    }
}
