package io.penstock.bench;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.job.JobType;
import io.penstock.runtime.Clock;
import io.penstock.worker.Worker;
import io.penstock.worker.WorkerConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** A JVM with the library, a small heap and nothing else, so that its memory can be told from the benchmark's. */
final class Child {
    /** As in a container of 512 MB: there a heap begins with 8 MB. By default it begins with a 64th of the machine's memory. */
    private static final List<String> HEAP = List.of("-Xms8m", "-Xmx96m");

    private static final int IN_FLIGHT = 10_000;
    private static final long LONGEST_NANOS = Duration.ofMinutes(2).toNanos();
    private static final long LOOK_NANOS = 1_000_000;
    private static final Clock CLOCK = Clock.system();

    private Child() {}

    /**
     * Runs one life in a JVM of its own and returns what it printed: names and numbers.
     *
     * @param pause how long it rests before it looks at its memory, and how long a job waits
     */
    static Map<String, Double> live(String life, String uri, int jobs, Duration pause)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(HEAP);
        if (Facts.virtualThreads()) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
        command.addAll(List.of(life, uri, Integer.toString(jobs), pause.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        Map<String, Double> said = new HashMap<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] part = line.split(" ", -1);
                if (part.length == 2) {
                    said.put(part[0], Double.parseDouble(part[1]));
                }
            }
            if (process.waitFor() != 0) {
                throw new IOException("the JVM for \"" + life + "\" ended with " + process.exitValue()
                        + "; the benchmark ends; run it by hand: " + String.join(" ", command));
            }
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    /** The child's side. */
    public static void main(String[] args) {
        System.setProperty("logback.configurationFile", "io/penstock/bench/logback.xml");
        Duration pause = Duration.parse(args[3]);
        if (args[0].equals("io")) {
            io(args[1], pause);
        } else {
            quiet(args[1], Integer.parseInt(args[2]), pause);
        }
    }

    private static void quiet(String uri, int jobs, Duration pause) {
        try (Penstock penstock = Penstock.connect(uri)) {
            JobType<Mail> type = Mail.to("bench-child");
            penstock.handle(type, (mail, ctx) -> {});
            Worker worker = penstock.start();
            String filling = Mail.filling(200);
            penstock.enqueue(type, Mail.of(0, filling));
            settle(worker, 1, pause);
            say("idle", Facts.rssMegabytes());
            penstock.enqueueAll(type, IntStream.range(0, jobs).mapToObj(i -> Mail.of(i, filling)));
            settle(worker, jobs + 1L, pause);
            say("loaded", Facts.rssMegabytes());
        }
    }

    private static void settle(Worker worker, long jobs, Duration pause) {
        long deadline = CLOCK.nanos() + LONGEST_NANOS;
        while (worker.stats().completed() < jobs && CLOCK.nanos() - deadline < 0) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        LockSupport.parkNanos(pause.toNanos());
    }

    private static void io(String uri, Duration pause) {
        WorkerConfig wide = WorkerConfig.named("bench-io").concurrency(IN_FLIGHT);
        try (Penstock penstock = Penstock.connect(PenstockConfig.of(uri).worker(wide))) {
            JobType<Mail> type = Mail.to("bench-io");
            AtomicInteger running = new AtomicInteger();
            AtomicLong most = new AtomicLong();
            penstock.handle(type, (mail, ctx) -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                LockSupport.parkNanos(pause.toNanos());
                running.decrementAndGet();
            });
            Worker worker = penstock.start();
            String filling = Mail.filling(200);
            penstock.enqueueAll(type, IntStream.range(0, 3 * IN_FLIGHT).mapToObj(i -> Mail.of(i, filling)));
            double rss = 0;
            long deadline = CLOCK.nanos() + LONGEST_NANOS;
            while (worker.stats().completed() < 3L * IN_FLIGHT && CLOCK.nanos() - deadline < 0) {
                rss = Math.max(rss, Facts.rssMegabytes());
                LockSupport.parkNanos(50 * LOOK_NANOS);
            }
            say("inFlight", (double) most.get());
            say("rss", rss);
        }
    }

    private static void say(String name, double value) {
        System.out.println(name + " " + value);
    }
}
