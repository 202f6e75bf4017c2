package io.penstock.bench;

import com.sun.management.OperatingSystemMXBean;
import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.monitor.MonitorConfig;
import io.penstock.monitor.MonitorStatus;
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
 * Measures what monitoring costs: two applications of three queues with a worker of five each, one of them monitored at the
 * default intervals, side by side for {@code seconds=60}, with {@code jobs=10} a second in each queue.
 *
 * <p>Both do the same, so what the threads of one used more than those of the other is what monitoring took, the Redis
 * client's part included.
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
            MonitorConfig watched = MonitorConfig.DEFAULT.dataDir(Path.of("."));
            open(one, watched);
            open(other, watched.off());
            load(10, jobs); // the first seconds are those of the compiler
            long[] began = {used(0), used(1)};
            long process = processNanos();
            long begin = clock.nanos();
            load(seconds, jobs);
            double span = clock.nanos() - begin;
            double with = (used(0) - began[0]) / span;
            double without = (used(1) - began[1]) / span;
            out.printf(
                    Locale.ROOT,
                    "%d s, 3 queues x 5 workers, %d jobs/s each%n"
                            + "threads with monitoring      %.4f %% of a core%n"
                            + "threads without              %.4f %%%n"
                            + "monitoring                   %.4f %%%n"
                            + "both, compiler and collector %.4f %%%n",
                    seconds,
                    jobs,
                    with * 100,
                    without * 100,
                    (with - without) * 100,
                    (processNanos() - process) / span * 100);
            shown(out, all.get(0).monitor().status());
            all.forEach(Penstock::close);
        }
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
    private void open(EmbeddedRedis redis, MonitorConfig monitor) {
        Set<Long> before = Set.copyOf(ids());
        Penstock penstock = Penstock.connect(PenstockConfig.of(redis.uri()).monitor(monitor));
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

    private static long processNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }
}
