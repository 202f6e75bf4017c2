package io.penstock.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Health.Status;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.testing.FaultProxy;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A real PostgreSQL behind a bad network. It refuses to run as root; its starter then enters a user namespace, and where there is
 * neither that nor a binary the tests say so and are skipped.
 */
class DatabasePostgresTest {
    private static EmbeddedPostgres postgres;

    private final Threads threads = new Threads(10);
    private final Timer timer = new Timer(Clock.system(), threads);
    private FaultProxy proxy;
    private DatabaseHealth health;

    @BeforeAll
    static void startServer() {
        try {
            postgres = EmbeddedPostgres.builder().start();
        } catch (Exception | LinkageError impossible) {
            System.out.println("PostgreSQL cannot run here, its tests are skipped: " + impossible);
            Assumptions.abort("PostgreSQL cannot run here: " + impossible);
        }
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (postgres != null) {
            postgres.close();
        }
    }

    @BeforeEach
    void watch() throws Exception {
        proxy = new FaultProxy("redis://127.0.0.1:" + postgres.getPort());
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {Integer.parseInt(proxy.uri().replaceAll(".*:", ""))});
        source.setUser("postgres");
        source.setDatabaseName("postgres");
        source.setSslmode("disable");
        health = new DatabaseHealth("pg", source, Duration.ofMillis(50), Duration.ofSeconds(1), timer, threads);
        health.start();
        await().until(() -> health.status().lookedAt() != null);
    }

    @AfterEach
    void close() {
        health.close();
        proxy.close();
        timer.close();
        threads.close();
        assertThat(threads.alive()).isZero();
    }

    private static void execute(List<String> statements) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private void awaitStatus(Status status) {
        await().pollInterval(Duration.ofMillis(10)).until(() -> health.health().status() == status);
    }

    @Test
    void knowsAHealthyServer() {
        DatabaseStatus status = health.status();
        System.out.printf(
                "database %s %s acquireMillis=%.2f answerMillis=%.2f%n",
                status.product(), status.version(), status.acquireMillis(), status.answerMillis());
        assertThat(status.health().status()).isEqualTo(Status.UP);
        assertThat(status.product()).isEqualTo("PostgreSQL");
        assertThat(status.version()).matches("\\d+.*");
        assertThat(status.answerMillis()).isPositive();
        assertThat(status.readOnly()).isFalse();
    }

    @Test
    void aServerThatTakesNoWritesIsDegradedUntilItDoes() throws SQLException {
        try {
            execute(List.of("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"));
            awaitStatus(Status.DEGRADED);
            assertThat(health.health().reason()).contains("read-only");
        } finally {
            execute(List.of(
                    "SET default_transaction_read_only = off",
                    "ALTER SYSTEM RESET default_transaction_read_only",
                    "SELECT pg_reload_conf()"));
        }
        awaitStatus(Status.UP);
    }

    @Test
    void aSlowServerIsDegradedAndThenUpAgain() {
        proxy.delay(80); // each way
        awaitStatus(Status.DEGRADED);
        assertThat(health.health().reason()).contains("latency").contains("bound 100 ms");
        proxy.pass();
        awaitStatus(Status.UP);
    }

    @Test
    void aServerThatIsGoneOrSilentIsDownAndRecoversByItself() {
        proxy.cut();
        awaitStatus(Status.DOWN);
        proxy.pass();
        awaitStatus(Status.UP);
        proxy.blackHole();
        awaitStatus(Status.DOWN);
        assertThat(health.health().reason()).contains("no answer after");
    }
}
