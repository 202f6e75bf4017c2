package io.penstock.embedded;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the tests ask a server and the system. */
final class Talk {
    private Talk() {}

    static String call(EmbeddedRedis redis, String... words) throws IOException {
        Deadline deadline = Deadline.in(Duration.ofSeconds(5));
        try (var connection = RespConnection.open(redis.endpoint(), deadline)) {
            return connection.call(deadline, words).text();
        }
    }

    static void awaitGone(long pid) {
        await().pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(40))
                .until(() -> !ProcessHandle.of(pid).map(ServerProcess::runs).orElse(false));
    }

    static List<String> names(Path directory, String glob) throws IOException {
        var names = new ArrayList<String>();
        try (var found = Files.newDirectoryStream(directory, glob)) {
            for (Path file : found) names.add(file.getFileName().toString());
        }
        return names;
    }

    static Path temporaryFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }
}
