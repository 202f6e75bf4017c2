package io.penstock.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the server executable: the one named, else one of this system, else the bundled one. */
final class ServerBinaries {
    static final String VARIABLE = "PENSTOCK_REDIS_BINARY";

    private static final Logger LOG = LoggerFactory.getLogger(ServerBinaries.class);
    private static final List<String> NAMES = List.of("redis-server", "valkey-server");
    private static final String REMEDY = "Install Redis or Valkey " + ServerVersion.LOWEST_MAJOR
            + ".0 or later (Debian, Ubuntu: apt-get install redis-server; Fedora, RHEL: dnf install valkey or redis;"
            + " Alpine: apk add redis; macOS: brew install redis) or name an executable in " + VARIABLE;

    private final Map<String, String> environment;
    private final List<BundledBinary> bundled;
    private final List<String> refusals = new ArrayList<>();

    ServerBinaries(Map<String, String> environment, List<BundledBinary> bundled) {
        this.environment = environment;
        this.bundled = bundled;
    }

    static ServerBinaries ofThisMachine() {
        return new ServerBinaries(
                System.getenv(),
                BundledBinary.forMachine(System.getProperty("os.name", ""), System.getProperty("os.arch", "")));
    }

    /**
     * The first that runs. One that was named is not replaced by another, because whoever named it wants that one.
     *
     * @throws EmbeddedRedisException when none runs, with the reason for each
     */
    ServerBinary choose(@Nullable Path named, boolean preferBundled, DataDirectory directory) {
        if (named != null) return only(named, "the binary() named", directory);
        Optional<ServerBinary> chosen = preferBundled ? fromJar(directory) : Optional.empty();
        if (chosen.isPresent()) return chosen.get();
        String variable = environment.getOrDefault(VARIABLE, "");
        if (!variable.isBlank()) return only(Path.of(variable), "the one named in " + VARIABLE, directory);
        chosen = fromPath(directory);
        if (chosen.isEmpty() && !preferBundled) chosen = fromJar(directory);
        return chosen.orElseThrow(() -> new EmbeddedRedisException(
                "No Redis server runs on this machine",
                refusals.isEmpty() ? "none in PATH and none bundled for it" : String.join("; ", refusals),
                "Nothing was started",
                REMEDY));
    }

    /** The executable of that name in PATH. Relative entries are skipped: they would run what lies about. */
    static Optional<Path> inPath(Map<String, String> environment, String name) {
        for (String entry : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (entry.isEmpty() || !Path.of(entry).isAbsolute()) continue;
            Path candidate = Path.of(entry, ServerProcess.WINDOWS ? name + ".exe" : name);
            if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) return Optional.of(candidate);
        }
        return Optional.empty();
    }

    private ServerBinary only(Path path, String who, DataDirectory directory) {
        try {
            return ServerBinary.probe(path.toAbsolutePath(), false, directory.scratch());
        } catch (UnusableBinaryException unusable) {
            throw new EmbeddedRedisException(
                    "The Redis server " + path + " does not run",
                    who + ": " + unusable.getMessage(),
                    "Nothing was started, and no other was tried in its place",
                    REMEDY,
                    unusable);
        }
    }

    private Optional<ServerBinary> fromPath(DataDirectory directory) {
        for (String name : NAMES) {
            Optional<Path> candidate = inPath(environment, name);
            if (candidate.isEmpty()) continue;
            try {
                return Optional.of(ServerBinary.probe(candidate.get(), false, directory.scratch()));
            } catch (UnusableBinaryException unusable) {
                refuse(candidate.get().toString(), unusable);
            }
        }
        return Optional.empty();
    }

    private Optional<ServerBinary> fromJar(DataDirectory directory) {
        for (BundledBinary candidate : bundled) {
            try {
                Path path = candidate.extractInto(directory.binaries());
                return Optional.of(ServerBinary.probe(path, true, directory.scratch()));
            } catch (UnusableBinaryException | IOException unusable) {
                refuse("bundled " + candidate.resource(), unusable);
            }
        }
        return Optional.empty();
    }

    private void refuse(String candidate, Exception reason) {
        refusals.add(candidate + ": " + reason.getMessage());
        LOG.warn("{} cannot be used: {}", candidate, reason.getMessage());
    }
}
