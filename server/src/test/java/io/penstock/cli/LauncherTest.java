package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell script ./penstock, in a house of its own where java and mvnw only note that they were called. */
final class LauncherTest {
    private static final Path SCRIPT = Path.of(System.getProperty("basedir", "."))
            .toAbsolutePath()
            .getParent()
            .resolve("penstock");

    @TempDir
    private Path temporary;

    private Path house;
    private String options = "";

    @BeforeEach
    void buildAHouseWithASpaceInItsName() throws IOException {
        house = temporary.resolve("pen stock");
        write("pom.xml", "<project/>");
        write("server/src/main/Main.java", "class Main {}");
        write("bench/src/main/Bench.java", "class Bench {}");
        jdk("jdk17", "17.0.15", true);
        script("mvnw", """
                echo "$@" >> '%s/builds'
                mkdir -p '%s/server/target'
                echo jar > '%s/server/target/penstock-server.jar'
                """.formatted(house, house, house));
        Files.copy(SCRIPT, house.resolve("penstock"));
        for (String source : List.of("pom.xml", "server/src/main", "server/src/main/Main.java")) {
            age(source, -60);
        }
    }

    @Test
    void buildsOnceAndPassesEveryWordOn() throws Exception {
        Run first = run("jdk17", "job", "get", "a b", "*");
        assertThat(first.err()).startsWith("penstock: building server");
        assertThat(first.out().lines()).endsWith("job", "get", "a b", "*");
        assertThat(first.code()).isZero();

        assertThat(run("jdk17", "job").err()).isEmpty();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void startsThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), Path.of("pen stock/penstock"));
        assertThat(start(link, "jdk17", "status").result().out().lines()).endsWith("status");
    }

    @Test
    void buildsAgainWhenASourceOfTheServerIsNewer() throws Exception {
        run("jdk17", "status");
        age("bench/src/main/Bench.java", 60);
        run("jdk17", "status");
        assertThat(builds()).hasSize(1);
        age("server/src/main/Main.java", 60);
        run("jdk17", "status");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void startsAtTheSameTimeBuildOnce() throws Exception {
        List<Running> four = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            four.add(start(house.resolve("penstock"), "jdk17", "status"));
        }
        for (Running one : four) {
            assertThat(one.result().code()).isZero();
        }
        assertThat(builds()).hasSize(1);
    }

    @Test
    void takesTheLockOfADeadBuild() throws Exception {
        Files.createDirectories(house.resolve(".penstock"));
        Files.createSymbolicLink(house.resolve(".penstock/build.lock"), Path.of("999999999"));
        assertThat(run("jdk17", "status").code()).isZero();
        assertThat(house.resolve(".penstock/build.lock")).doesNotExist();
    }

    @Test
    void startsShortCommandsFastAndTheServerWithAllItHas() throws Exception {
        assertThat(run("jdk17", "-u", "http://localhost", "queue", "list").out())
                .contains("TieredStopAtLevel");
        assertThat(run("jdk17", "-u", "http://localhost", "up").out()).doesNotContain("TieredStopAtLevel");
        jdk("jdk25", "25.0.1", true);
        assertThat(run("jdk25", "up").out().lines()).contains("--enable-native-access=ALL-UNNAMED");
        assertThat(run("jdk17", "up").out()).doesNotContain("native-access");
    }

    @Test
    void givesAProcessThatStaysOptionsForItsMemoryWhichTheUserCanOverride() throws Exception {
        assertThat(run("jdk17", "up").out().lines())
                .contains("-XX:+ExplicitGCInvokesConcurrent", "-XX:+ExitOnOutOfMemoryError");
        assertThat(run("jdk17", "status").out()).doesNotContain("ExitOnOutOfMemoryError");
        options = "-Xmx64m -XX:-ExitOnOutOfMemoryError";
        assertThat(run("jdk17", "up").out().lines())
                .containsSubsequence("-XX:+ExitOnOutOfMemoryError", "-Xmx64m", "-XX:-ExitOnOutOfMemoryError", "up");
    }

    @Test
    void leavesTheCollectorToWhoeverChoseOne() throws Exception {
        assertThat(run("jdk17", "status").out()).contains("UseSerialGC");
        options = "-XX:+UseZGC";
        assertThat(run("jdk17", "status").out()).contains("UseZGC").doesNotContain("UseSerialGC");
        assertThat(run("jdk17", "up").out()).contains("UseZGC").doesNotContain("UseSerialGC");
    }

    @Test
    void refusesAJavaThatIsTooOldMissingOrCannotCompile() throws Exception {
        jdk("jdk11", "11.0.2", true);
        Run old = run("jdk11", "up");
        assertThat(old.err()).contains("is version 11, the least is 17").contains("Nothing was started");
        assertThat(old.code()).isEqualTo(1);
        jdk("jdk8", "1.8.0_292", true);
        assertThat(run("jdk8", "up").err()).contains("is version 8, the least is 17");
        assertThat(run("nowhere", "up").err()).contains("no usable Java at JAVA_HOME=");
        jdk("jre17", "17.0.15", false);
        assertThat(run("jre17", "up").err()).contains("has no javac");
        assertThat(builds()).isEmpty();
    }

    @Test
    void startsNothingWhenTheBuildFails() throws Exception {
        script("mvnw", "echo reason >&2; exit 1");
        Run run = run("jdk17", "up");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("reason").contains("the build failed").contains("Nothing was started");
        assertThat(house.resolve(".penstock/build.lock")).doesNotExist();
    }

    private record Run(int code, String out, String err) {}

    private record Running(Process process, Path out, Path err) {
        Run result() throws IOException, InterruptedException {
            boolean ended = process.waitFor(30, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            assertThat(ended).as("ended within 30 s").isTrue();
            return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
        }
    }

    private Run run(String jdk, String... arguments) throws IOException, InterruptedException {
        return start(house.resolve("penstock"), jdk, arguments).result();
    }

    private Running start(Path script, String jdk, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("sh", script.toString()));
        words.addAll(List.of(arguments));
        Path out = Files.createTempFile(temporary, "run", ".out");
        Path err = Files.createTempFile(temporary, "run", ".err");
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .directory(temporary.toFile());
        builder.environment().put("JAVA_HOME", house.resolve(jdk).toString());
        for (String ofTheDeveloper : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")) {
            builder.environment().remove(ofTheDeveloper);
        }
        builder.environment().put("PENSTOCK_JAVA_OPTS", options);
        return new Running(builder.start(), out, err);
    }

    private List<String> builds() throws IOException {
        Path log = house.resolve("builds");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private void jdk(String name, String version, boolean compiles) throws IOException {
        write(name + "/release", "JAVA_VERSION=\"" + version + "\"\n");
        script(name + "/bin/java", "for word in \"$@\"; do echo \"$word\"; done");
        if (compiles) {
            script(name + "/bin/javac", "exit 0");
        }
    }

    private void script(String name, String body) throws IOException {
        write(name, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(house.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(house.resolve(name).getParent());
        Files.writeString(house.resolve(name), text, StandardCharsets.UTF_8);
    }

    private void age(String name, long seconds) throws IOException {
        Files.setLastModifiedTime(
                house.resolve(name), FileTime.from(Instant.now().plusSeconds(seconds)));
    }
}
