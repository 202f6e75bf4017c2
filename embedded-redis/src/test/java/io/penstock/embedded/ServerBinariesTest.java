package io.penstock.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerBinariesTest {
    private static final String LOADER_ERROR =
            "error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory";
    private static final List<BundledBinary> BUNDLED =
            BundledBinary.forMachine(System.getProperty("os.name"), System.getProperty("os.arch"));

    @TempDir
    Path folder;

    private DataDirectory directory;

    @BeforeEach
    void open() {
        directory = DataDirectory.open(folder.resolve("data"), Deadline.in(Duration.ofSeconds(5)));
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void quotesTheLoaderWhenTheNamedServerDoesNotRun() throws IOException {
        Path broken = script("redis-server", "echo '" + LOADER_ERROR + "' >&2; exit 127");
        assertThatThrownBy(() -> EmbeddedRedis.builder()
                        .dataDir(folder.resolve("other"))
                        .binary(broken)
                        .start())
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageStartingWith("The Redis server " + broken + " does not run: ")
                .hasMessageContaining("exit code 127, it said: " + LOADER_ERROR + ". Nothing was started")
                .hasMessageContaining("apt-get install redis-server")
                .hasMessageEndingWith("or name an executable in PENSTOCK_REDIS_BINARY.");
    }

    @Test
    void listsEveryCandidateWhenNoneRuns() throws IOException {
        script("redis-server", "echo '" + LOADER_ERROR + "' >&2; exit 127");
        script("valkey-server", "echo 'Valkey server v=4.9.9 sha=0'");
        var none = new ServerBinaries(path(folder), List.of(new BundledBinary("no-such-resource", 1, "")));
        assertThatThrownBy(() -> none.choose(null, false, directory))
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("redis-server: exit code 127, it said: " + LOADER_ERROR)
                .hasMessageContaining("valkey-server: version valkey 4.9.9, below 5.0")
                .hasMessageContaining("bundled no-such-resource: not on the class path");
    }

    @Test
    void saysSoWhenThisMachineHasNoneAtAll() {
        assertThatThrownBy(() -> new ServerBinaries(Map.of(), List.of()).choose(null, true, directory))
                .hasMessageContaining("none in PATH and none bundled for it");
    }

    @Test
    void takesTheFirstInPathThatRuns() throws IOException {
        script("redis-server", "echo nonsense");
        Path valkey =
                script("valkey-server", "echo 'Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'");
        var chosen = new ServerBinaries(path(folder), BUNDLED).choose(null, false, directory);
        assertThat(chosen.path()).isEqualTo(valkey);
        assertThat(chosen.version()).hasToString("valkey 8.0.1");
        assertThat(chosen.bundled()).isFalse();
    }

    @Test
    void fallsBackToTheBundledServer() throws IOException {
        script("redis-server", "exit 1");
        var chosen = new ServerBinaries(path(folder), BUNDLED).choose(null, false, directory);
        assertThat(chosen.bundled()).isTrue();
    }

    @Test
    void fallsBackToTheNextBundledServer() {
        var missing = new BundledBinary("no-such-resource", 1, "");
        var last = BUNDLED.get(BUNDLED.size() - 1);
        var chosen = new ServerBinaries(Map.of(), List.of(missing, last)).choose(null, true, directory);
        assertThat(chosen.path().getFileName()).hasToString(last.resource());
    }

    @Test
    void preferredBundledServerFallsBackToTheSystem() throws IOException {
        Path redis = script("redis-server", "echo 'Redis server v=7.2.4 sha=0'");
        var chosen = new ServerBinaries(path(folder), List.of()).choose(null, true, directory);
        assertThat(chosen.path()).isEqualTo(redis);
    }

    @Test
    void obeysTheEnvironmentVariableAndReplacesItByNoOther() throws IOException {
        script("redis-server", "echo 'Redis server v=7.2.4 sha=0'");
        Path own = script("my-redis", "echo 'Redis server v=6.0.1 sha=0'");
        var environment = Map.of("PATH", folder.toString(), ServerBinaries.VARIABLE, own.toString());
        assertThat(new ServerBinaries(environment, BUNDLED)
                        .choose(null, false, directory)
                        .path())
                .isEqualTo(own);
        Files.delete(own);
        assertThatThrownBy(() -> new ServerBinaries(environment, BUNDLED).choose(null, false, directory))
                .hasMessageContaining("the one named in PENSTOCK_REDIS_BINARY")
                .hasMessageContaining("No such file or directory");
    }

    @Test
    void explainsWhatTheKernelSaysMisleadingly() throws IOException {
        Path noLoader = script("no-loader", "");
        Files.writeString(noLoader, "#!/no/such/loader\n");
        assertThatThrownBy(() -> new ServerBinaries(Map.of(), BUNDLED).choose(noLoader, false, directory))
                .hasMessageContaining("the file is there, its loader is not");
        Path notExecutable = Files.createFile(folder.resolve("not-executable"));
        assertThatThrownBy(() -> new ServerBinaries(Map.of(), BUNDLED).choose(notExecutable, false, directory))
                .hasMessageContaining("not executable, or the file system is mounted noexec");
    }

    @Test
    void doesNotRunWhatLiesInRelativePathEntries() {
        assertThat(ServerBinaries.inPath(Map.of("PATH", ".::bin"), "sh")).isEmpty();
        assertThat(ServerBinaries.inPath(Map.of("PATH", ".::/bin"), "sh")).contains(Path.of("/bin/sh"));
    }

    @Test
    void refusesAWrapperThatDoesNotBecomeTheServer() throws IOException {
        Path server =
                ServerBinaries.ofThisMachine().choose(null, false, directory).path();
        Path wrapper = script("wrapper", server + " \"$@\"");
        var refused = catchThrowableOfType(
                EmbeddedRedisException.class,
                () -> EmbeddedRedis.builder()
                        .dataDir(folder.resolve("other"))
                        .binary(wrapper)
                        .start());
        assertThat(refused)
                .hasMessageContaining("not the process that was started")
                .hasMessageContaining("wrapper script that ends with exec");
        var answering = Pattern.compile("process_id:(\\d+)").matcher(refused.getMessage());
        assertThat(answering.find()).isTrue();
        Talk.awaitGone(Long.parseLong(answering.group(1)));
    }

    private Path script(String name, String body) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + body + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private static Map<String, String> path(Path folder) {
        return Map.of("PATH", folder.toString());
    }
}
