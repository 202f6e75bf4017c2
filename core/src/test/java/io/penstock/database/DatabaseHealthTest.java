package io.penstock.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Health.Status;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseHealthTest {
    private static final Duration PERIOD = Duration.ofMillis(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final Threads threads = new Threads(10);
    private final Timer timer = new Timer(Clock.system(), threads);
    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicInteger looks = new AtomicInteger();
    private DatabaseHealth health;

    @AfterEach
    void leavesNothingBehind() {
        health.close();
        assertThat(timer.stats()).noneMatch(task -> task.name().startsWith("database-health"));
        timer.close();
        threads.close();
        assertThat(threads.alive()).isZero();
    }

    private static JdbcDataSource h2(String url) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(url);
        return source;
    }

    private void watch(DataSource source) {
        health = new DatabaseHealth("test", source, PERIOD, TIMEOUT, timer, threads);
        health.start();
    }

    private void awaitStatus(Status status) {
        await().pollInterval(Duration.ofMillis(5)).until(() -> health.health().status() == status);
    }

    private void awaitLook() {
        await().until(() -> health.status().lookedAt() != null);
    }

    private interface Giving {
        Connection get() throws SQLException;
    }

    /** A source that gives what this gives; of all its methods a look calls one. */
    private DataSource source(Giving giving) {
        return (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, args) -> {
                    if (!method.getName().equals("getConnection")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    looks.incrementAndGet();
                    return giving.get();
                });
    }

    @Test
    void tellsWhatOneWantsToKnowOfAHealthyDatabase() {
        watch(h2("jdbc:h2:mem:healthy;DB_CLOSE_DELAY=-1"));
        awaitLook();
        DatabaseStatus status = health.status();
        assertThat(status.health().status()).isEqualTo(Status.UP);
        assertThat(status.health().reason()).isEmpty();
        assertThat(status.product()).isEqualTo("H2");
        assertThat(status.version()).startsWith("2.");
        assertThat(status.acquireMillis()).isPositive();
        assertThat(status.answerMillis()).isNotNegative();
        assertThat(status.readOnly()).isFalse();
        assertThat(health.health()).isEqualTo(status.health());
    }

    @Test
    void aReadOnlyDatabaseIsDegraded(@TempDir Path dir) throws SQLException {
        String url = "jdbc:h2:file:" + dir.resolve("db");
        try (Connection connection = h2(url).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id INT)");
        }
        watch(h2(url + ";ACCESS_MODE_DATA=r"));
        awaitStatus(Status.DEGRADED);
        assertThat(health.health().reason()).contains("read-only");
        assertThat(health.status().readOnly()).isTrue();
    }

    @Test
    void aPoolWithoutAFreeConnectionIsDegradedAndRecoversByItself() throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setDataSource(h2("jdbc:h2:mem:pooled;DB_CLOSE_DELAY=-1"));
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(250);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            watch(pool);
            awaitLook();
            try (Connection held = pool.getConnection()) {
                assertThat(held.isValid(1)).isTrue();
                awaitStatus(Status.DEGRADED);
                assertThat(health.health().reason())
                        .contains("its pool had no connection")
                        .contains("total=1");
            }
            awaitStatus(Status.UP);
            health.close();
        }
    }

    @Test
    void aDatabaseThatRefusesIsDownAndRecoversByItself() {
        JdbcDataSource real = h2("jdbc:h2:mem:away;DB_CLOSE_DELAY=-1");
        watch(source(() -> {
            if (away.get()) {
                throw new SQLException("connection refused\nby the test", "08001");
            }
            return real.getConnection();
        }));
        awaitLook();
        away.set(true);
        awaitStatus(Status.DOWN);
        assertThat(health.health().reason()).isEqualTo("SQLException: connection refused");
        assertThat(health.health().consecutiveFailures()).isGreaterThanOrEqualTo(2);
        away.set(false);
        awaitStatus(Status.UP);
        assertThat(health.health().reason()).isEmpty();
    }

    @Test
    void aDriverThatHangsHoldsOneThreadAndNeitherTheTimerNorItsLeases() {
        CountDownLatch release = new CountDownLatch(1);
        JdbcDataSource real = h2("jdbc:h2:mem:hangs;DB_CLOSE_DELAY=-1");
        watch(source(() -> {
            boolean interrupted = false;
            while (release.getCount() > 0) { // it does not heed its interrupt, as drivers do not
                try {
                    release.await();
                } catch (InterruptedException ignored) {
                    interrupted = true;
                }
            }
            assertThat(interrupted || looks.get() > 1).isTrue();
            return real.getConnection();
        }));
        Task beat = timer.every("beat", Duration.ofMillis(5), () -> {});
        awaitStatus(Status.DOWN);
        assertThat(health.health().reason()).contains("bound 1000 ms").contains("no connection came");
        assertThat(looks).hasValue(1);
        assertThat(threads.alive()).isEqualTo(3); // the timer's two and that one
        assertThat(beat.stats().latestNanos()).isLessThan(900_000_000);
        release.countDown();
        awaitStatus(Status.UP);
    }

    @Test
    void aDriverThatFailsInItsOwnWayIsAFindingToo() {
        watch(source(() -> {
            throw new NoClassDefFoundError("driver/Missing");
        }));
        awaitStatus(Status.DOWN);
        assertThat(health.health().reason()).contains("driver/Missing");
    }

    @Test
    void refusesATimeThatADriverCannotKeep() {
        watch(h2("jdbc:h2:mem:any"));
        assertThatThrownBy(() ->
                        new DatabaseHealth("short", h2("jdbc:h2:mem:x"), PERIOD, Duration.ofMillis(10), timer, threads))
                .hasMessageContaining("PT0.01S");
    }
}
