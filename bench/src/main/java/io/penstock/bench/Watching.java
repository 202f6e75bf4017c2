package io.penstock.bench;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.monitor.Monitor;
import io.penstock.monitor.MonitorConfig;
import io.penstock.monitor.MonitorSources;
import io.penstock.monitor.MonitorStatus;
import io.penstock.monitor.RedisReading;
import io.penstock.queue.Queue;
import io.penstock.runtime.Clock;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what monitoring costs at the default intervals: two applications of three queues with a worker of five each, of
 * which first one and then the other is monitored, {@code seconds=60} in all, with {@code jobs=10} a second in each queue.
 *
 * <p>Each is compared with itself, so neither the load nor the order in which they are served counts: what its threads
 * used more while it was monitored is what monitoring took, the Redis client's part included.
 */
public final class Watching {
    private static final List<String> QUEUES = List.of("bench-a", "bench-b", "bench-c");

    private final Clock clock = Clock.system();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final List<Penstock> all = new ArrayList<>();
    private final List<Set<Long>> owned = new ArrayList<>();

    private Watching() {}

    /** Runs it and prints the figures. */
    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "io/penstock/bench/logback.xml");
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        new Watching().run(number(args, "seconds", 60), number(args, "jobs", 10), out);
    }

    private static int number(String[] args, String name, int fallback) {
        for (String arg : args) {
            if (arg.startsWith(name + "=")) {
                return Integer.parseInt(arg.substring(name.length() + 1));
            }
        }
        return fallback;
    }

    private void run(int seconds, int jobs, PrintStream out) {
        try (EmbeddedRedis one = EmbeddedRedis.builder().persistence(false).start();
                EmbeddedRedis other = EmbeddedRedis.builder().persistence(false).start()) {
            open(one);
            open(other);
            List.of(0, 1).forEach(place -> watched(place).close()); // loads the classes
            load(8, jobs); // the first seconds are those of the compiler
            double with = 0;
            double without = 0;
            for (int place = 0; place < 2; place++) {
                try (Monitor monitor = watched(place)) {
                    long on = used(place);
                    long off = used(1 - place);
                    long begin = clock.nanos();
                    load(seconds / 2, jobs);
                    double span = 2.0 * (clock.nanos() - begin);
                    with += (used(place) - on) / span;
                    without += (used(1 - place) - off) / span;
                    shown(out, monitor.status());
                }
            }
            out.printf(
                    Locale.ROOT,
                    "%d s, 3 queues x 5 workers, %d jobs/s each%n"
                            + "threads with monitoring    %.4f %% of a core%n"
                            + "threads without            %.4f %%%n"
                            + "monitoring                 %.4f %%%n",
                    seconds,
                    jobs,
                    with * 100,
                    without * 100,
                    (with - without) * 100);
            all.forEach(Penstock::close);
        }
    }

    /** Its own monitor, started. */
    private Monitor watched(int place) {
        Penstock penstock = all.get(place);
        MonitorSources sources = new MonitorSources(
                penstock.memory().monitor()::sample,
                penstock.memory()::onCollection,
                () -> Queue.namesAsync(penstock.redis()),
                name -> penstock.queue(name).statsAsync(),
                name -> Queue.trafficAsync(penstock.redis(), name),
                () -> RedisReading.NONE);
        Monitor monitor =
                new Monitor(MonitorConfig.DEFAULT.dataDir(Path.of(".")), sources, penstock.timer(), penstock.threads());
        monitor.start();
        LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        return monitor;
    }

    private static void shown(PrintStream out, MonitorStatus status) {
        out.printf(
                Locale.ROOT,
                "by its own clock             %.4f %%, %d of %d bytes, %d queues%n",
                status.cpuShare() * 100,
                status.retainedBytes(),
                status.maxBytes(),
                status.queues());
        for (MonitorStatus.Group group : status.groups()) {
            out.printf(
                    Locale.ROOT,
                    "  %-12s each %5d ms  %3d samples  last %7.1f  mean %7.1f  longest %8.1f us%n",
                    group.name(),
                    group.intervalMillis(),
                    group.samples(),
                    group.micros(),
                    group.meanMicros(),
                    group.longestMicros());
        }
    }

    /** What is started from here on until it returns belongs to this application. */
    private void open(EmbeddedRedis redis) {
        Set<Long> before = Set.copyOf(ids());
        Penstock penstock = Penstock.connect(PenstockConfig.of(redis.uri()).monitor(MonitorConfig.DEFAULT.off()));
        for (String queue : QUEUES) {
            penstock.handle(mail(queue), (mail, ctx) -> {});
            penstock.work(penstock.config().worker().concurrency(5), Set.of(queue));
        }
        for (int i = 0; i < 50; i++) {
            QUEUES.forEach(queue -> penstock.enqueue(mail(queue), Mail.of(0, "x")));
        }
        LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
        List<Long> now = ids();
        now.removeAll(before);
        all.add(penstock);
        owned.add(Set.copyOf(now));
    }

    private static JobType<Mail> mail(String queue) {
        return JobType.of("mail." + queue, Mail.class).queue(queue);
    }

    private List<Long> ids() {
        List<Long> ids = new ArrayList<>();
        for (ThreadInfo info : threads.dumpAllThreads(false, false, 0)) {
            if (info.getThreadName().startsWith("penstock-")
                    || info.getThreadName().startsWith("lettuce-")) {
                ids.add(info.getThreadId());
            }
        }
        return ids;
    }

    /** Both get the same jobs, one after the other. */
    private void load(int seconds, int jobs) {
        long begin = clock.nanos();
        for (int tick = 1; tick <= seconds * 10; tick++) {
            for (Penstock penstock : all) {
                for (String queue : QUEUES) {
                    for (int i = 0; i < jobs / 10; i++) {
                        penstock.enqueue(mail(queue), Mail.of(i, "x"));
                    }
                }
            }
            LockSupport.parkNanos(Math.max(1, begin + TimeUnit.MILLISECONDS.toNanos(tick * 100L) - clock.nanos()));
        }
    }

    private long used(int place) {
        long nanos = 0;
        for (long id : owned.get(place)) {
            nanos += Math.max(0, threads.getThreadCpuTime(id)); // -1 = it has ended
        }
        return nanos;
    }
}
