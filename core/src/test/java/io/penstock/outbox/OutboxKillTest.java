package io.penstock.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real processes that die without a word, and what another one makes of what they leave. */
@ExtendWith(EmbeddedRedisExtension.class)
final class OutboxKillTest {
    @TempDir
    Path directory;

    private Process child(EmbeddedRedis redis, String database, String queue, int jobs, String death)
            throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        classPath,
                        OutboxMain.class.getName(),
                        redis.uri(),
                        database,
                        queue,
                        Integer.toString(jobs),
                        death)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }

    private void awaitDeath(Process child) throws Exception {
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue())
                .as(Files.readString(directory.resolve("log")))
                .isEqualTo(137);
    }

    /** Relays what is left and gives what is then in the queue, sorted. */
    private static List<Integer> finish(EmbeddedRedis redis, DataSource source, String queue) throws Exception {
        try (Bench bench = new Bench(redis);
                Outbox outbox = Outbox.create(source, bench, Duration.ofMillis(500))) {
            outbox.start();
            await().atMost(Duration.ofSeconds(60)).until(() -> outbox.stats().waiting() == 0);
            return bench.waiting(queue);
        }
    }

    private static List<Integer> numbers(int to) {
        return IntStream.range(0, to).boxed().toList();
    }

    @ParameterizedTest
    @CsvSource({"commit,0", "claim,0", "delete,500"})
    void eachJobExistsOnceWhereverItsProcessDiedOnH2(String death, int in, EmbeddedRedis redis) throws Exception {
        String file = directory.resolve("db").toString();
        String queue = "kill-h2-" + death;
        awaitDeath(child(redis, file, queue, 700, death));
        try (Bench bench = new Bench(redis)) {
            assertThat(bench.queue(queue).counts().waiting()).isEqualTo(in);
        }
        assertThat(finish(redis, OutboxMain.file(file), queue)).isEqualTo(numbers(700));
    }

    @ParameterizedTest
    @CsvSource({"commit,0", "claim,0", "delete,500"})
    void eachJobExistsOnceWhereverItsProcessDiedOnPostgres(String death, int in, EmbeddedRedis redis) throws Exception {
        String queue = "kill-pg-" + death;
        try (Postgres postgres = Postgres.start()) {
            String port = Integer.toString(postgres.port());
            awaitDeath(child(redis, port, queue, 700, death));
            try (Bench bench = new Bench(redis)) {
                assertThat(bench.queue(queue).counts().waiting()).isEqualTo(in);
            }
            assertThat(finish(redis, Postgres.source(postgres.port()), queue)).isEqualTo(numbers(700));
        }
    }

    @Test
    void eachJobExistsOnceHoweverOftenRelaysAreKilled(EmbeddedRedis redis) throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        String queue = "kill-random";
        int jobs = 30_000;
        try (Postgres postgres = Postgres.start()) {
            DataSource source = Postgres.source(postgres.port());
            try (Bench bench = new Bench(redis)) {
                Outbox writer = Outbox.create(source, bench);
                writer.createTables();
                Bench.transaction(source, c -> writer.enqueueAll(c, Bench.specs(queue, 0, jobs)));
                for (int kill = 0; kill < 6; kill++) {
                    Process child = child(redis, Integer.toString(postgres.port()), queue, 0, "never");
                    long before = bench.queue(queue).counts().waiting();
                    long goal = Math.min(jobs - 1_000, before + 500 + random.nextInt(4_000));
                    await().atMost(Duration.ofSeconds(60))
                            .pollInterval(Duration.ofMillis(1 + random.nextInt(20)))
                            .until(() -> bench.queue(queue).counts().waiting() >= goal || !child.isAlive());
                    child.destroyForcibly().waitFor();
                }
                System.out.println("in Redis when the last was killed: "
                        + bench.queue(queue).counts().waiting() + " of " + jobs);
            }
            assertThat(finish(redis, source, queue)).isEqualTo(numbers(jobs));
        }
    }
}
