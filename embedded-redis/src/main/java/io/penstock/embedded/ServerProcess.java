package io.penstock.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One run of the server executable: a direct child of this JVM, in a session of its own, guarded against this JVM's death.
 *
 * <p>The own session keeps Ctrl-C and a closing terminal away from it: the queue still needs its Redis while it drains.
 */
final class ServerProcess {
    static final boolean WINDOWS =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

    /** SHUTDOWN syncs the append-only file; a slow disk needs seconds for the last megabytes. */
    private static final Duration SHUTDOWN_WAIT = Duration.ofSeconds(5);

    private static final Duration TERM_WAIT = Duration.ofSeconds(5);

    /** After SIGKILL only the kernel is waited for. */
    private static final Duration KILL_WAIT = Duration.ofSeconds(5);

    private static final long MAX_PAUSE_MILLIS = 20;
    private static final long MAX_LOG_BYTES = 1 << 20;
    private static final String LOADING = "LOADING";
    private static final String GUARD = "guarded.sh";

    private final Process process;
    private final String what;
    private final Path boot;
    private final Path log;
    private final long logStart;

    private ServerProcess(Process process, ServerBinary binary, Path boot, Path log, long logStart) {
        this.process = process;
        this.what = binary.path() + " (" + binary.version() + ", pid " + process.pid() + ")";
        this.boot = boot;
        this.log = log;
        this.logStart = logStart;
    }

    /** Starts it and returns at once; nothing answers yet. */
    static ServerProcess launch(ServerBinary binary, DataDirectory directory, Path conf) throws IOException {
        Path log = directory.log();
        if (Files.exists(log) && Files.size(log) > MAX_LOG_BYTES) {
            Files.move(log, log.resolveSibling("redis.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        long logStart = Files.exists(log) ? Files.size(log) : 0;
        Path boot = directory.scratch().resolve("boot.log");
        Files.deleteIfExists(boot);
        Process process = new ProcessBuilder(command(binary, directory, conf))
                .directory(directory.path().toFile())
                .redirectErrorStream(true)
                .redirectOutput(PrivateFiles.createFile(boot).toFile())
                .start();
        if (WINDOWS) Files.writeString(directory.pidFile(), process.pid() + "\n");
        return new ServerProcess(process, binary, boot, log, logStart);
    }

    private static List<String> command(ServerBinary binary, DataDirectory directory, Path conf) throws IOException {
        if (WINDOWS) return List.of(binary.path().toString(), conf.toString());
        var command = new ArrayList<String>();
        ServerBinaries.inPath(System.getenv(), "setsid").ifPresent(setsid -> command.add(setsid.toString()));
        // A file and not sh -c: the guard lives as long as the server, and ps shall not show a whole script.
        Path script = directory.scratch().resolve(GUARD);
        if (!Files.exists(script)) PrivateFiles.write(script, guard());
        command.addAll(List.of("/bin/sh", script.toString()));
        command.add(directory.pidFile().toString());
        command.add(directory.doomed().toString());
        command.add(binary.path().toString());
        command.add(conf.toString());
        return command;
    }

    /**
     * Waits for PONG, that is, until the data is loaded.
     *
     * @throws EmbeddedRedisException when the server ended, answered wrongly, or the deadline passed; it may still run
     */
    void awaitReady(Endpoint endpoint, Deadline deadline) {
        String last = "no connection yet";
        for (long pause = 1; !deadline.passed(); pause = Math.min(pause * 2, MAX_PAUSE_MILLIS)) {
            if (exitsWithin(pause)) throw ended();
            if (Thread.currentThread().isInterrupted()) {
                last = "none was waited for: the thread was interrupted";
                break;
            }
            try (var connection = RespConnection.open(endpoint, deadline)) {
                var reply = connection.call(deadline, "PING");
                if (reply.text().equals("PONG")) {
                    verifyIdentity(connection, deadline);
                    return;
                }
                last = reply.text();
                if (!last.startsWith(LOADING)) break;
                last += progress(connection, deadline);
            } catch (IOException notYet) {
                // a loading server answers once in a while only, and then this says more
                if (!last.startsWith(LOADING)) last = notYet.toString();
            }
        }
        throw new EmbeddedRedisException(
                "Redis did not become ready",
                what + " at " + endpoint + " within " + deadline.bound().toMillis() + " ms, last answer: " + last
                        + said(),
                "It is being stopped; the data is untouched",
                "Raise startTimeout if it was still loading, else look into " + log);
    }

    private static String progress(RespConnection connection, Deadline deadline) throws IOException {
        return connection
                .call(deadline, "INFO", "persistence")
                .text()
                .lines()
                .filter(line -> line.startsWith("loading_loaded_perc:"))
                .map(line -> " (" + line.substring(line.indexOf(':') + 1) + " %)")
                .findFirst()
                .orElse("");
    }

    /** Who answers must be the child itself: a wrapper script or a stranger on the port could be neither killed nor guarded. */
    private void verifyIdentity(RespConnection connection, Deadline deadline) throws IOException {
        String info = connection.call(deadline, "INFO", "server").text();
        if (info.contains("process_id:" + process.pid() + "\r\n")) return;
        throw new EmbeddedRedisException(
                "The Redis that answers is not the process that was started",
                what + ", but INFO says "
                        + info.lines()
                                .filter(line -> line.startsWith("process_id"))
                                .toList(),
                "It is being stopped",
                "Name the server itself, or a wrapper script that ends with exec");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL, at once; whatever Redis had not yet written is lost. */
    void kill() {
        standDownGuard();
        process.destroyForcibly();
        exitsWithin(KILL_WAIT.toMillis());
    }

    /** SIGKILL for it and all it has started: after a failed start the server may be the child of a wrapper script. */
    void killFamily() {
        List<ProcessHandle> family = process.descendants().toList();
        kill();
        family.forEach(ProcessHandle::destroyForcibly);
    }

    /** SHUTDOWN, then TERM, then KILL, at most 15 s in all, also on an interrupted thread. */
    void stop(Endpoint endpoint) {
        boolean interrupted = Thread.interrupted();
        try {
            Deadline shutdown = Deadline.in(SHUTDOWN_WAIT);
            if (shutDown(endpoint, shutdown) && exitsWithin(shutdown.millisLeft())) return;
            standDownGuard();
            process.destroy();
            if (exitsWithin(TERM_WAIT.toMillis())) return;
            process.destroyForcibly();
            if (exitsWithin(KILL_WAIT.toMillis())) return;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
        throw new EmbeddedRedisException(
                "Redis cannot be stopped",
                what + " still runs " + KILL_WAIT.toSeconds() + " s after SIGKILL",
                "It is left to the kernel, which kills it when its I/O returns",
                "Look at its disk; another start waits for it");
    }

    /** Whether the process does anything; one that nobody has reaped (a container without an init) is dead all the same. */
    static boolean runs(ProcessHandle process) {
        if (!process.isAlive()) return false;
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return !stat.substring(stat.lastIndexOf(')') + 1).strip().startsWith("Z");
        } catch (IOException noProc) {
            return process.isAlive();
        }
    }

    /** Whether the server took the order; it hangs up without an answer then. */
    private boolean shutDown(Endpoint endpoint, Deadline deadline) {
        if (!process.isAlive()) return true;
        boolean connected = false;
        try (var connection = RespConnection.open(endpoint, deadline)) {
            connected = true;
            return !connection.call(deadline, "SHUTDOWN").isError();
        } catch (SocketTimeoutException noAnswer) {
            return false;
        } catch (IOException hungUp) {
            return connected;
        }
    }

    /** Tells the guard that this JVM lives and ends the server itself. */
    private void standDownGuard() {
        if (WINDOWS || !process.isAlive()) return;
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException alreadyGone) {
            return;
        }
    }

    private boolean exitsWithin(long millis) {
        Deadline deadline = Deadline.in(Duration.ofMillis(millis));
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return process.waitFor(deadline.millisLeft(), TimeUnit.MILLISECONDS);
                } catch (InterruptedException again) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private EmbeddedRedisException ended() {
        return new EmbeddedRedisException(
                "Redis ended while it started",
                what + ", exit code " + process.exitValue() + said(),
                "Nothing is left running; the data is untouched",
                "Mend what it complains about; its log is " + log);
    }

    private String said() {
        String text = Excerpt.tail(boot, 0);
        if (text.isEmpty()) text = Excerpt.tail(log, logStart);
        return text.isEmpty() ? "" : ", it said: " + text;
    }

    private static String guard() throws IOException {
        try (InputStream script = ServerProcess.class.getResourceAsStream(GUARD)) {
            if (script == null) throw new IOException(GUARD + " is missing from the jar");
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
