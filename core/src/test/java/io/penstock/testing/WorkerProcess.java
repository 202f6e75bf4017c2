package io.penstock.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** A JVM of its own that runs {@link WorkerMain}, made to be killed, stopped and woken. */
public final class WorkerProcess implements AutoCloseable {
    private final Process process;
    private final Path journal;
    private final Path log;

    private WorkerProcess(Process process, Path journal, Path log) {
        this.process = process;
        this.journal = journal;
        this.log = log;
    }

    /**
     * How such processes are started: the class path as jars, and an archive of their classes.
     *
     * <p>The archive halves the processor time of a start, and hundreds are started. It takes jars only.
     */
    public record Launch(String classPath, Path archive, Path directory) {
        public static Launch prepare(Path directory) throws IOException {
            String given = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            List<String> jars = new ArrayList<>();
            int made = 0;
            for (String entry : given.split(File.pathSeparator, -1)) {
                if (Files.isDirectory(Path.of(entry))) {
                    jars.add(jar(Path.of(entry), directory.resolve("classes" + made++ + ".jar"))
                            .toString());
                } else if (entry.endsWith(".jar") && worth(entry)) {
                    jars.add(entry);
                }
            }
            return new Launch(String.join(File.pathSeparator, jars), directory.resolve("classes.jsa"), directory);
        }

        private static boolean worth(String jar) {
            return !jar.matches(".*(archunit|assertj|junit|awaitility|surefire|h2-|byte-buddy|hamcrest).*");
        }

        private static Path jar(Path classes, Path jar) throws IOException {
            try (OutputStream out = Files.newOutputStream(jar);
                    JarOutputStream zip = new JarOutputStream(out);
                    Stream<Path> files = Files.walk(classes)) {
                zip.setLevel(0);
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    zip.putNextEntry(
                            new ZipEntry(classes.relativize(file).toString().replace('\\', '/')));
                    Files.copy(file, zip);
                    zip.closeEntry();
                }
            }
            return jar;
        }

        /** Starts a process that works on this queue. */
        public WorkerProcess start(String name, String redis, String queue, int concurrency, long leaseMillis) {
            return start(
                    name,
                    Files.exists(archive) ? "-XX:SharedArchiveFile=" + archive : "-Dplain=1",
                    redis,
                    queue,
                    concurrency,
                    leaseMillis);
        }

        /** Starts a process that writes the archive when it ends. */
        public WorkerProcess train(String redis, String queue) {
            return start("training", "-XX:ArchiveClassesAtExit=" + archive, redis, queue, 1, 5_000);
        }

        private WorkerProcess start(
                String name, String flag, String redis, String queue, int concurrency, long leaseMillis) {
            Path journal = directory.resolve(name + ".journal");
            Path log = directory.resolve(name + ".log");
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xshare:auto",
                    "-Xmx96m",
                    flag,
                    "-cp",
                    classPath,
                    WorkerMain.class.getName(),
                    redis,
                    queue,
                    journal.toString(),
                    Integer.toString(concurrency),
                    Long.toString(leaseMillis));
            builder.redirectErrorStream(true).redirectOutput(log.toFile());
            try {
                return new WorkerProcess(builder.start(), journal, log);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    public List<Journal.Line> journal() {
        return Journal.read(journal);
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException disk) {
            throw new UncheckedIOException(disk);
        }
    }

    /** SIGSTOP, SIGCONT, ... */
    public void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
            if (kill.waitFor() != 0 && alive()) {
                throw new IllegalStateException("kill -" + name + " " + pid() + " failed");
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGKILL; returns when it is gone. */
    public void kill() {
        process.destroyForcibly();
        join(10);
    }

    /** Waits until it has ended by itself. */
    public boolean join(int seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Lets it drain and end. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException gone) {
            // it has ended already
        }
        if (!join(15)) {
            kill();
        }
    }
}
