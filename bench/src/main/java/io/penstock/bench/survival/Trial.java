package io.penstock.bench.survival;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.queue.QueueSettings;
import io.penstock.runtime.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run of one child under one rule with its own Redis.
 *
 * @param limitBytes of resident memory, above which the child is killed at once, as the kernel does to a container's; 0 = none
 */
record Trial(Rule rule, int concurrency, Shape shape, Duration length, long limitBytes) {
    private static final Clock CLOCK = Clock.system();
    private static final int LOOK_MILLIS = 10;
    private static final Duration GRACE = Duration.ofSeconds(40);

    /** What became of it; {@code lost} = jobs not done in the end, -1 where nobody waited for them. */
    record Result(double perSecond, long outOfMemory, boolean died, long lost, String stats) {}

    Result run(List<String> jvm) throws IOException, InterruptedException {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock = Penstock.connect(PenstockConfig.of(redis.uri())
                        .loadLine(LoadLineConfig.DEFAULT.mode(LoadLineConfig.Mode.OFF)))) {
            penstock.queue(Job.QUEUE)
                    .configure(new QueueSettings(
                            0,
                            0,
                            4 << 20,
                            QueueSettings.DEFAULT.completed(),
                            QueueSettings.DEFAULT.failed(),
                            QueueSettings.DEFAULT.aging()));
            Feed feed = new Feed(penstock, shape, 42);
            feed.add(120, false);
            Process child = start(jvm, redis.uri());
            try {
                return watch(child, penstock, feed);
            } finally {
                child.destroyForcibly();
            }
        }
    }

    private Process start(List<String> jvm, String uri) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(jvm);
        if (limitBytes > 0) {
            command.add("-Dsurvival.rss=" + (limitBytes * 9 / 10 >> 20)); // what is taken of a container's limit
        }
        command.add("-Dlogback.configurationFile=io/penstock/bench/logback.xml");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
        command.addAll(List.of(
                uri, rule.name(), Integer.toString(concurrency), shape.name(), Long.toString(length.toMillis())));
        Path log = Path.of(System.getProperty("survival.log", "/dev/null"));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private Result watch(Process child, Penstock penstock, Feed feed) throws IOException, InterruptedException {
        List<String> lines = java.util.Collections.synchronizedList(new ArrayList<>());
        Thread reader = penstock.threads().start("read", () -> read(child, lines));
        if (limitBytes > 0) {
            penstock.threads().start("limit", () -> limit(child));
        }
        while (lines.isEmpty() && child.isAlive()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        long start = CLOCK.nanos();
        feed.until(start, start + length.toNanos());
        long grace = (rule == Rule.LINE ? GRACE : Duration.ofSeconds(6)).toMillis();
        boolean ended = child.waitFor(grace, TimeUnit.MILLISECONDS);
        if (!ended) {
            child.destroyForcibly().waitFor();
        }
        reader.join(2_000);
        return result(List.copyOf(lines), !ended || child.exitValue() != 0, penstock, feed);
    }

    /** Stands in for the kernel: looks a hundred times a second, which is later than that would. */
    private void limit(Process child) {
        Path status = Path.of("/proc", Long.toString(child.pid()), "status");
        while (child.isAlive()) {
            try {
                for (String line : Files.readAllLines(status)) {
                    if (line.startsWith("VmRSS:") && Long.parseLong(line.replaceAll("\\D", "")) << 10 > limitBytes) {
                        child.destroyForcibly();
                    }
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (IOException | InterruptedException gone) {
                return;
            }
        }
    }

    private Result result(List<String> lines, boolean died, Penstock penstock, Feed feed) {
        double rate = Double.NaN; // of one that died: what it had done by then
        long done = 0;
        long outOfMemory = 0;
        String stats = "";
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("at") || words[0].equals("done")) {
                done = Long.parseLong(words[1]);
                outOfMemory = Long.parseLong(words[2]);
                stats += "  " + line + "\n";
            } else if (words[0].equals("rate")) {
                rate = Double.parseDouble(words[1]);
            } else if (words[0].equals("end")) {
                outOfMemory = Long.parseLong(words[2]);
            } else {
                stats += line + "\n";
            }
        }
        long lost = rule == Rule.LINE
                ? feed.added() - penstock.queue(Job.QUEUE).stats().completedTotal()
                : -1;
        return new Result(Double.isNaN(rate) ? done * 1e9 / length.toNanos() : rate, outOfMemory, died, lost, stats);
    }

    private static void read(Process child, List<String> lines) {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
            }
        } catch (IOException ended) {
            lines.add("unread " + ended.getMessage());
        }
    }
}
