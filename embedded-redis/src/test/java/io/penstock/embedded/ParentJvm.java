package io.penstock.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Another JVM that starts a server and can be killed like any process. */
final class ParentJvm implements AutoCloseable {
    private static final String TEMPORARY = "temporary";

    private final Process process;
    private final BufferedReader answers;

    /** Starts the JVM; what it says is read with {@link #answer()}. */
    ParentJvm(String dataDir) throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ParentJvm.class.getName(),
                        dataDir)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static ParentJvm withTemporaryData() throws IOException {
        return new ParentJvm(TEMPORARY);
    }

    String answer() throws IOException {
        return String.valueOf(answers.readLine());
    }

    long pid() {
        return process.pid();
    }

    void exit() throws IOException, InterruptedException {
        process.getOutputStream().close();
        process.waitFor(5, TimeUnit.SECONDS);
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** Prints "pid directory" of the server or the error in one line, then waits for the end of its input. */
    public static void main(String[] args) {
        var builder = EmbeddedRedis.builder();
        if (!args[0].equals(TEMPORARY)) builder.dataDir(Path.of(args[0]));
        try {
            EmbeddedRedis redis = builder.start();
            System.out.println(redis.pid() + " " + redis.dataDir());
        } catch (EmbeddedRedisException refused) {
            System.out.println(refused.getMessage());
        }
        try (var in = new InputStreamReader(System.in, StandardCharsets.UTF_8)) {
            if (in.read() < 0) System.exit(0);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
