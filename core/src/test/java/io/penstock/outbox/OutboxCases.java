package io.penstock.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Job;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.payload.KeyRing;
import io.penstock.payload.PayloadCodec;
import io.penstock.payload.PayloadConfig;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an outbox promises, on whatever database a subclass names. */
@ExtendWith(EmbeddedRedisExtension.class)
abstract class OutboxCases {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final String queue = getClass().getSimpleName() + NAMES.incrementAndGet();
    private DataSource source;
    private Bench bench;
    private Outbox outbox;
    private final List<AutoCloseable> more = new ArrayList<>();

    abstract DataSource source() throws Exception;

    @BeforeEach
    void open(EmbeddedRedis server) throws Exception {
        source = source();
        bench = new Bench(server);
        outbox = Outbox.create(source, bench, Duration.ofMillis(200));
        outbox.createTables();
        outbox.createTables(); // twice does no harm
        Bench.transaction(source, connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("DELETE FROM penstock_outbox");
                statement.execute("DELETE FROM penstock_outbox_claim");
            }
        });
    }

    @AfterEach
    void close() throws Exception {
        outbox.close();
        for (AutoCloseable each : more) {
            each.close();
        }
        bench.close();
        assertThat(bench.threads().alive()).isZero();
    }

    private void write(JobSpec... specs) throws SQLException {
        Bench.transaction(source, connection -> outbox.enqueueAll(connection, List.of(specs)));
    }

    private void awaitEmpty() {
        await().until(() -> outbox.stats().waiting() == 0);
    }

    private static List<Integer> numbers(int to) {
        return IntStream.range(0, to).boxed().toList();
    }

    @Test
    void aJobExistsOnceItsTransactionCommitted() throws Exception {
        outbox.start();
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            long first = outbox.enqueue(connection, Bench.spec(queue, 0, o -> o));
            long second = outbox.enqueue(connection, Bench.spec(queue, 1, o -> o));
            assertThat(second).isGreaterThan(first);
            assertThat(bench.waiting(queue)).isEmpty();
            connection.commit();
            outbox.relaySoon();
        }
        awaitEmpty();
        assertThat(bench.waiting(queue)).containsExactly(0, 1);
        assertThat(outbox.stats().relayed()).isEqualTo(2);
    }

    @Test
    void aJobOfATransactionThatWasRolledBackNeverExists() throws Exception {
        outbox.start();
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            outbox.enqueue(connection, Bench.spec(queue, 0, o -> o));
            connection.rollback();
        }
        write(Bench.spec(queue, 1, o -> o));
        outbox.relaySoon();
        awaitEmpty();
        assertThat(bench.waiting(queue)).containsExactly(1);
    }

    @Test
    void refusesAConnectionThatHasNoTransaction() throws Exception {
        try (Connection connection = source.getConnection()) {
            assertThatThrownBy(() -> outbox.enqueue(connection, Bench.spec(queue, 0, o -> o)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("setAutoCommit(false)");
        }
    }

    @Test
    void severalRelaysKeepTheOrderOfEachQueue(EmbeddedRedis server) throws Exception {
        for (int n = 0; n < 3_000; n += 500) {
            for (String name : List.of(queue, queue + "b", queue + "c")) {
                List<JobSpec> batch = Bench.specs(name, n, n + 500);
                Bench.transaction(source, connection -> outbox.enqueueAll(connection, batch));
            }
        }
        outbox.start();
        for (int i = 0; i < 3; i++) {
            Bench other = new Bench(server);
            Outbox relay = Outbox.create(source, other);
            more.add(relay);
            more.add(other);
            relay.start();
        }
        awaitEmpty();
        for (String name : List.of(queue, queue + "b", queue + "c")) {
            assertThat(bench.waiting(name)).isEqualTo(numbers(3_000));
        }
    }

    @Test
    void keepsTheOrderOfJobsWithAndWithoutKeys() throws Exception {
        JobSpec[] mixed = IntStream.range(0, 20)
                .mapToObj(n -> Bench.spec(
                        queue,
                        n,
                        o -> n % 3 == 0
                                ? o.unique(Unique.whilePending("k" + n))
                                : n % 7 == 0 ? o.unique(Unique.keepLast("l" + n)) : o))
                .toArray(JobSpec[]::new);
        write(mixed);
        outbox.start();
        awaitEmpty();
        assertThat(bench.waiting(queue)).isEqualTo(numbers(20));
    }

    @Test
    void aKeyThatIsHeldMakesTheRowADuplicate() throws Exception {
        write(
                Bench.spec(queue, 0, o -> o.unique(Unique.whilePending("k"))),
                Bench.spec(queue, 1, o -> o.unique(Unique.whilePending("k"))),
                Bench.spec(queue, 2, o -> o.unique(Unique.keepLast("l"))),
                Bench.spec(queue, 3, o -> o.unique(Unique.keepLast("l"))));
        outbox.start();
        awaitEmpty();
        assertThat(bench.waiting(queue)).containsExactly(0, 3);
        assertThat(outbox.stats().duplicates()).isEqualTo(2);
    }

    @Test
    void jobsThatAreRefusedStayAndGoOnceThereIsRoom() throws Exception {
        QueueSettings d = QueueSettings.DEFAULT;
        Queue full = bench.queue(queue);
        full.configure(new QueueSettings(3, 0, d.maxPayloadBytes(), d.completed(), d.failed(), d.aging()));
        for (JobSpec spec : Bench.specs(queue, 0, 5)) {
            write(spec);
        }
        write(Bench.spec(queue + "b", 0, o -> o));
        outbox.start();
        await().until(() -> outbox.stats().refusals() >= 2);
        assertThat(bench.waiting(queue)).containsExactly(0, 1, 2);
        assertThat(bench.waiting(queue + "b")).containsExactly(0); // a full queue does not hold up another
        assertThat(outbox.stats().waiting()).isEqualTo(2);
        full.configure(d);
        awaitEmpty();
        assertThat(bench.waiting(queue)).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void aRowThatCanNotBecomeAJobIsSetAsideAndHoldsUpNobody() throws Exception {
        long[] poison = new long[1];
        Bench.transaction(source, connection -> {
            poison[0] = outbox.enqueue(connection, Bench.spec(queue, 0, o -> o));
            outbox.enqueue(connection, Bench.spec(queue, 1, o -> o));
            try (PreparedStatement spoil =
                    connection.prepareStatement("UPDATE penstock_outbox SET record = ?, attempts = ? WHERE id = ?")) {
                spoil.setBytes(1, "gibberish".getBytes(UTF_8));
                spoil.setInt(2, Relay.MOST_ATTEMPTS - 1);
                spoil.setLong(3, poison[0]);
                spoil.executeUpdate();
            }
        });
        outbox.start();
        awaitEmpty();
        assertThat(bench.waiting(queue)).containsExactly(1);
        SetAside aside = outbox.setAside(10).get(0);
        assertThat(aside.row()).isEqualTo(poison[0]);
        assertThat(aside.attempts()).isEqualTo(Relay.MOST_ATTEMPTS);
        assertThat(aside.reason()).contains("9 bytes");
        assertThat(outbox.stats().setAside()).isEqualTo(1);
        assertThat(outbox.retry(poison[0])).isTrue();
        assertThat(outbox.delete(poison[0])).isFalse();
        await().until(
                        () -> { // the relay, which has the row again, may have it in hand just now
                            Bench.transaction(source, connection -> {
                                try (Statement give = connection.createStatement()) {
                                    give.execute("UPDATE penstock_outbox SET aside_at = 1");
                                }
                            });
                            return outbox.delete(poison[0]);
                        });
    }

    @Test
    void aPayloadThatIsTooLargeIsTriedAgainUntilSomebodyRaisesTheLimit() throws Exception {
        write(new JobSpec(
                queue,
                "t",
                ("\"" + "x".repeat(300 << 10) + '"').getBytes(UTF_8),
                Bench.spec(queue, 0, o -> o).options()));
        QueueSettings d = QueueSettings.DEFAULT;
        outbox.start();
        await().until(() -> {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT attempts, reason FROM penstock_outbox")) {
                return row.next() && row.getInt(1) == 1 && row.getString(2).contains("raise maxPayloadBytes");
            }
        });
        bench.queue(queue).configure(new QueueSettings(0, 0, 1 << 20, d.completed(), d.failed(), d.aging()));
        awaitEmpty();
        assertThat(bench.queue(queue).counts().waiting()).isEqualTo(1);
    }

    @Test
    void delaysCountFromTheTransaction() throws Exception {
        write(Bench.spec(queue, 0, o -> o.in(Duration.ofHours(1))));
        outbox.start();
        awaitEmpty();
        Job job = bench.queue(queue).list(JobState.DELAYED, null, 1).jobs().get(0);
        assertThat(Duration.between(job.createdAt(), job.runAt()))
                .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    }

    @Test
    void theTableHoldsPayloadsAsRedisWill() throws Exception {
        byte[] key = new byte[32];
        new Random(1).nextBytes(key);
        bench.payloads = new PayloadCodec(PayloadConfig.PLAIN.encrypt(KeyRing.of("k1", key)));
        write(Bench.spec(queue, 123456789, o -> o));
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT record FROM penstock_outbox")) {
            row.next();
            assertThat(new String(row.getBytes(1), UTF_8)).contains("\tea:k1").doesNotContain("123456789");
        }
        outbox.start();
        awaitEmpty();
        assertThat(bench.waiting(queue)).containsExactly(123456789);
    }

    @Test
    void claimsThatWereLeftBehindAreSettled() throws Exception {
        // as if a relay had died right after it claimed: nothing is in
        write(Bench.spec(queue, 0, o -> o), Bench.spec(queue, 1, o -> o));
        Bench.transaction(source, connection -> {
            try (Statement claim = connection.createStatement()) {
                claim.execute("INSERT INTO penstock_outbox_claim (queue, ticket, until_at, row_ids)"
                        + " SELECT queue, 'deadbeef.1.0.1', 1, CAST(MIN(id) AS VARCHAR(20)) FROM penstock_outbox"
                        + " GROUP BY queue");
            }
        });
        outbox.start();
        awaitEmpty();
        assertThat(bench.waiting(queue)).containsExactly(0, 1);
        assertThat(outbox.stats().recovered()).isEqualTo(1);
    }

    @Test
    void leavesNoMarkBehindWhenItIsClosed() throws Exception {
        write(Bench.spec(queue, 0, o -> o));
        outbox.start();
        awaitEmpty();
        outbox.close();
        await().until(() -> bench.redis
                .await(bench.redis.command(
                        "KEYS", new io.penstock.redis.Call(64).key(("pk:{" + queue + "}:P:*").getBytes(UTF_8))))
                .isEmpty());
    }

    @Test
    void relaysFast() throws Exception {
        int rows = 20_000;
        for (int n = 0; n < rows; n += 1_000) {
            List<JobSpec> batch = Bench.specs(queue, n, n + 1_000);
            Bench.transaction(source, connection -> outbox.enqueueAll(connection, batch));
        }
        long begin = System.nanoTime();
        outbox.start();
        awaitEmpty();
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("outbox %s rows=%d rows/s=%.0f%n", getClass().getSimpleName(), rows, rows / seconds);
        assertThat(bench.queue(queue).counts().waiting()).isEqualTo(rows);
    }
}
