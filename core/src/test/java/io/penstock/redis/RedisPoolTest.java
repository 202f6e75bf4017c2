package io.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.testing.FaultProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@SuppressWarnings("try") // a connection is also held without being used
class RedisPoolTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static EmbeddedRedis server;

    private final Threads threads = new Threads(10);
    private final Timer timer = new Timer(Clock.system(), threads);
    private final List<RedisPool> pools = new ArrayList<>();
    private FaultProxy proxy;
    private Redis redis;

    @BeforeAll
    static void startServer() {
        server = EmbeddedRedis.builder().unixSocket(false).persistence(false).start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() throws IOException {
        proxy = new FaultProxy(server.uri());
        redis = Redis.connect(new RedisConfig(proxy.uri(), SECOND), Clock.system(), timer);
    }

    @AfterEach
    void leavesNothingBehind() {
        pools.forEach(RedisPool::close);
        assertThat(pools).allSatisfy(pool -> {
            assertThat(pool.stats().total()).isZero();
            assertThat(pool.stats().waiting()).isZero();
        });
        assertThat(timer.stats()).noneMatch(task -> task.name().startsWith("redis-pool"));
        await().until(() -> redis.connections() <= 1); // the command connection
        redis.close();
        timer.close();
        threads.close();
        proxy.close();
        assertThat(threads.alive()).isZero();
    }

    private RedisPool pool(PoolConfig config) {
        RedisPool pool = new RedisPool("user", config, redis, timer);
        pools.add(pool);
        return pool;
    }

    private static PoolConfig config(int min, int max, Duration acquire, Duration idle, Duration validateAfter) {
        return new PoolConfig(max, min, acquire, 10_000, idle, validateAfter, Duration.ofMinutes(1), false);
    }

    private static PoolConfig max(int max) {
        return PoolConfig.DEFAULT.connections(0, max);
    }

    private static Object ping(PooledConnection connection) {
        return Redis.text(connection
                .await(connection.command("PING", new Call(16)), SECOND)
                .get(0));
    }

    @Test
    void opensNothingBeforeTheFirstUse() {
        RedisPool pool = pool(max(5));
        assertThat(pool.stats()).isEqualTo(new PoolStats(0, 0, 0, 0, 5, 0, 0, 0, 0));
        assertThat(redis.connections()).isEqualTo(1);

        try (PooledConnection connection = pool.acquire("test")) {
            assertThat(ping(connection)).isEqualTo("PONG");
            assertThat(pool.stats().active()).isEqualTo(1);
        }

        PoolStats after = pool.stats();
        assertThat(after.total()).isEqualTo(1);
        assertThat(after.idle()).isEqualTo(1);
        assertThat(after.avgAcquireMillis()).isPositive();
        assertThat(after.avgResponseMillis()).isPositive();
    }

    @Test
    void keepsMinOpenFromTheStart() {
        RedisPool pool = pool(PoolConfig.DEFAULT.connections(3, 5));
        await().until(() -> pool.stats().idle() == 3);
    }

    @Test
    void aThousandCallersWithTwentyConnectionsAreAllServed() throws Exception {
        RedisPool pool = pool(max(20).acquireTimeout(Duration.ofSeconds(60)));
        int callers = 1_000;
        AtomicInteger served = new AtomicInteger();
        AtomicLong longestNanos = new AtomicLong();
        List<Throwable> errors = new CopyOnWriteArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            all.add(new Thread(
                    null,
                    () -> {
                        try {
                            go.await();
                            for (int round = 0; round < 5; round++) {
                                long begin = System.nanoTime();
                                try (PooledConnection connection = pool.acquire("caller")) {
                                    longestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
                                    connection.await(
                                            connection.command("INCR", new Call(64).key(Redis.utf8("thousand"))),
                                            Duration.ofSeconds(20));
                                }
                                served.incrementAndGet();
                            }
                        } catch (Throwable error) {
                            errors.add(error);
                        }
                    },
                    "caller-" + i,
                    128 << 10));
        }
        AtomicBoolean watching = new AtomicBoolean(true);
        AtomicInteger mostWaiting = new AtomicInteger();
        List<PoolStats> wrong = new CopyOnWriteArrayList<>();
        Thread watcher = new Thread(() -> {
            while (watching.get()) {
                PoolStats now = pool.stats();
                mostWaiting.accumulateAndGet(now.waiting(), Math::max);
                if (now.active() > now.total() || now.total() > now.max() || redis.connections() > 21) {
                    wrong.add(now);
                }
                LockSupport.parkNanos(200_000);
            }
        });
        watcher.start();
        all.forEach(Thread::start);
        go.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        watching.set(false);
        watcher.join();

        System.out.printf(
                "pool callers=%d max=20 served=%d mostWaiting=%d longestWaitMillis=%d connects=%d stats=%s%n",
                callers,
                served.get(),
                mostWaiting.get(),
                longestNanos.get() / 1_000_000,
                proxy.accepted(),
                pool.stats());
        assertThat(errors).isEmpty();
        assertThat(wrong).isEmpty();
        assertThat(served).hasValue(callers * 5);
        assertThat(mostWaiting.get()).isLessThan(callers);
        assertThat(proxy.accepted()).isLessThanOrEqualTo(21);
        assertThat(pool.stats().timeouts()).isZero();
    }

    @Test
    void theBoundsHoldWhileConnectionsDieAndAreTrimmed() throws Exception {
        long seed = Long.getLong("pool.seed", System.nanoTime());
        Random random = new Random(seed);
        RedisPool pool = pool(config(1, 4, Duration.ofMillis(300), Duration.ofMillis(100), Duration.ZERO));
        AtomicBoolean going = new AtomicBoolean(true);
        AtomicInteger served = new AtomicInteger();
        List<Object> wrong = new CopyOnWriteArrayList<>();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            callers.add(new Thread(() -> {
                while (going.get()) {
                    try (PooledConnection mine = pool.acquire("churn")) {
                        ping(mine);
                        served.incrementAndGet();
                    } catch (RedisException expected) {
                        // killed under our hands
                    } catch (Throwable unexpected) {
                        wrong.add(unexpected);
                    }
                    PoolStats now = pool.stats();
                    if (now.active() > now.total() || now.total() > now.max() || now.active() < 0) {
                        wrong.add(now);
                    }
                }
            }));
        }
        callers.forEach(Thread::start);
        for (int round = 0; round < 30; round++) {
            int enough = served.get() + 20;
            await().pollInterval(Duration.ofMillis(2)).until(() -> served.get() > enough);
            switch (random.nextInt(4)) {
                case 0 -> pool.trim(random.nextDouble());
                case 1 -> proxy.forget();
                case 2 -> proxy.heal(); // closes all connections
                default -> {
                    proxy.cut();
                    proxy.pass();
                }
            }
        }
        going.set(false);
        for (Thread caller : callers) {
            caller.join();
        }

        System.out.printf(
                "pool churn seed=%d served=%d connects=%d %s%n", seed, served.get(), proxy.accepted(), pool.stats());
        assertThat(wrong).as("seed=%d", seed).isEmpty();
        assertThat(pool.stats().active()).as("seed=%d", seed).isZero();
        assertThat(pool.stats().waiting()).isZero();
        await().ignoreExceptions().untilAsserted(() -> {
            use(pool, 4);
            assertThat(pool.stats().total()).isEqualTo(4);
        });
    }

    @Test
    void callersAreServedInTheOrderTheyCame() throws Exception {
        RedisPool pool = pool(max(1));
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<Thread> callers = new ArrayList<>();
        try (PooledConnection held = pool.acquire("first")) {
            for (int i = 0; i < 10; i++) {
                int number = i;
                Thread caller = new Thread(() -> {
                    try (PooledConnection mine = pool.acquire("caller")) {
                        order.add(number);
                    }
                });
                callers.add(caller);
                caller.start();
                await().pollInterval(Duration.ofMillis(1))
                        .until(() -> pool.stats().waiting() == number + 1);
            }
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void theTimeoutTellsWhatOneMustKnow() {
        RedisPool pool = pool(max(1).acquireTimeout(Duration.ofMillis(50)));
        try (PooledConnection held = pool.acquire("report of the night")) {
            assertThatThrownBy(() -> pool.acquire("late"))
                    .isInstanceOf(RedisException.NoConnection.class)
                    .hasMessageMatching(
                            "(?s).*redis pool \"user\": no connection after waiting \\d+ of at most 50 ms.*")
                    .hasMessageContaining("total=1 of 1 active=1 idle=0 waiting=0 of 10000")
                    .hasMessageContaining("last failure: none")
                    .hasMessageContaining("held longest by \"report of the night\"")
                    .hasMessageContaining("REDIS_MAX_CONNECTIONS");
        }
        assertThat(pool.stats().timeouts()).isEqualTo(1);
        assertThat(pool.stats().waiting()).isZero();
    }

    @Test
    void theTimeoutNamesTheLastRealFailure() {
        RedisPool pool = pool(max(1).acquireTimeout(Duration.ofMillis(300)));
        proxy.cut();
        assertThatThrownBy(() -> pool.acquire("cut off"))
                .isInstanceOf(RedisException.NoConnection.class)
                .hasMessageContaining("total=")
                .hasMessageNotContaining("last failure: none")
                .hasCauseInstanceOf(Exception.class);
        proxy.pass();
    }

    @Test
    void whoCannotEvenWaitIsRefusedAtOnce() throws Exception {
        RedisPool pool =
                pool(new PoolConfig(1, 0, Duration.ofSeconds(5), 1, SECOND, SECOND, Duration.ofMinutes(1), false));
        PooledConnection held = pool.acquire("holder");
        Thread waiter = new Thread(() -> pool.acquire("waiter").close());
        waiter.start();
        await().until(() -> pool.stats().waiting() == 1);

        assertThatThrownBy(() -> pool.acquire("one too many"))
                .isInstanceOf(RedisException.NoConnection.class)
                .hasMessageContaining("as many as may wait");

        held.close();
        waiter.join();
        assertThat(pool.stats().timeouts()).isEqualTo(1);
    }

    @Test
    void anInterruptedCallerLeavesTheLine() throws Exception {
        RedisPool pool = pool(max(1));
        AtomicBoolean remembered = new AtomicBoolean();
        try (PooledConnection held = pool.acquire("holder")) {
            Thread waiter = new Thread(() -> {
                try {
                    pool.acquire("waiter").close();
                } catch (RedisException interrupted) {
                    remembered.set(Thread.currentThread().isInterrupted());
                }
            });
            waiter.start();
            await().until(() -> pool.stats().waiting() == 1);
            waiter.interrupt();
            waiter.join();
            assertThat(pool.stats().waiting()).isZero();
        }
        assertThat(remembered).isTrue();
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @Test
    void whoHoldsAConnectionTooLongIsToldOnceByNameAndStack() {
        RedisPool pool = pool(new PoolConfig(
                2, 0, SECOND, 10, Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMillis(100), true));
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        Logger logger = (Logger) LoggerFactory.getLogger(PooledConnection.class);
        logger.addAppender(lines);
        try (PooledConnection held = pool.acquire("export-42")) {
            await().until(() -> !lines.list.isEmpty());
            long runs = upkeepRuns();
            await().until(() -> upkeepRuns() > runs + 3);

            assertThat(lines.list).hasSize(1);
            assertThat(lines.list.get(0).getFormattedMessage())
                    .contains("held by=\"export-42\"")
                    .contains("heldMillis=");
            assertThat(lines.list.get(0).getThrowableProxy().getStackTraceElementProxyArray())
                    .anyMatch(frame -> frame.getSTEAsString().contains("RedisPoolTest"));
            assertThat(pool.holders()).singleElement().satisfies(holder -> {
                assertThat(holder.name()).isEqualTo("export-42");
                assertThat(holder.heldMillis()).isGreaterThanOrEqualTo(100);
                assertThat(holder.stack()).isNotEmpty();
            });
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(pool.holders()).isEmpty();
    }

    private long upkeepRuns() {
        return timer.stats().stream()
                .filter(task -> task.name().startsWith("redis-pool"))
                .mapToLong(task -> task.runs())
                .sum();
    }

    private static void use(RedisPool pool, int connections) {
        List<PooledConnection> held = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            held.add(pool.acquire("user"));
        }
        held.forEach(PooledConnection::close);
    }

    @Test
    void idleConnectionsAreClosedDownToMin() {
        RedisPool pool = pool(config(2, 8, SECOND, Duration.ofMillis(200), SECOND));
        use(pool, 8);
        assertThat(pool.stats().total()).isEqualTo(8);

        await().until(() -> pool.stats().total() == 2);
        await().until(() -> redis.connections() == 3);
        assertThat(pool.stats().idle()).isEqualTo(2);
    }

    @Test
    void trimClosesAShareOfTheIdleOnesButKeepsMin() {
        RedisPool pool = pool(PoolConfig.DEFAULT.connections(2, 8));
        use(pool, 8);
        assertThat(pool.trim(0.5)).isEqualTo(4);
        assertThat(pool.trim(1)).isEqualTo(2);
        assertThat(pool.trim(1)).isZero();
        await().until(() -> redis.connections() == 3);
    }

    @Test
    void aConnectionThatNoLongerAnswersIsReplacedBeforeItIsLent() {
        RedisPool pool = pool(config(0, 3, Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ZERO));
        use(pool, 3);
        proxy.forget(); // half open: nobody tells the client

        try (PooledConnection fresh = pool.acquire("after")) {
            assertThat(ping(fresh)).isEqualTo("PONG");
            await().untilAsserted(() -> assertThat(pool.stats().total())
                    .as("the others of that age are gone too")
                    .isEqualTo(1));
        }
    }

    @Test
    void aConnectionTheServerClosedIsNotLentAgain() {
        RedisPool pool = pool(max(2));
        PooledConnection doomed = pool.acquire("doomed");
        long id = (Long) doomed.await(doomed.command("CLIENT", new Call(16).arg("ID")), SECOND)
                .get(0);
        var blocked =
                doomed.command("BLPOP", new Call(64).key(Redis.utf8("empty")).arg(0));
        redis.await(redis.command("CLIENT", new Call(32).arg("KILL").arg("ID").arg(id)));

        assertThatThrownBy(() -> doomed.await(blocked, SECOND)).isInstanceOf(RedisException.Unreachable.class);
        doomed.close();

        try (PooledConnection next = pool.acquire("next")) {
            assertThat(ping(next)).isEqualTo("PONG");
        }
        assertThat(pool.stats().total()).isEqualTo(1);
    }

    @Test
    void whatBlocksDelaysNobodyElse() {
        RedisPool pool = pool(max(2));
        try (PooledConnection blocking = pool.acquire("blocking")) {
            var popped = blocking.command(
                    "BLPOP", new Call(64).key(Redis.utf8("later")).arg(0));
            redis.await(
                    redis.command("RPUSH", new Call(64).key(Redis.utf8("later")).arg("x")));
            List<?> pair = blocking.await(popped, SECOND);
            assertThat(Redis.text(pair.get(1))).isEqualTo("x");
        }
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @Test
    void whatWaitsForAnAnswerGoesWithItsConnection() {
        RedisPool pool = pool(max(2));
        PooledConnection careless = pool.acquire("careless");
        var popped =
                careless.command("BLPOP", new Call(64).key(Redis.utf8("trap")).arg(0));
        careless.close();

        assertThatThrownBy(() -> redis.await(popped)).isInstanceOf(RedisException.Unreachable.class);
        await().until(() -> pool.stats().total() == 0);
        redis.await(redis.command("RPUSH", new Call(64).key(Redis.utf8("trap")).arg("x")));
        assertThat(redis.await(redis.command("LLEN", new Call(64).key(Redis.utf8("trap")))))
                .containsExactly(1L);
    }

    @Test
    void aTransactionRunsAndOneLeftOpenIsNotInherited() {
        RedisPool pool = pool(max(1));
        try (PooledConnection tx = pool.acquire("transfer")) {
            byte[] key = Redis.utf8("balance");
            tx.await(tx.command("WATCH", new Call(32).key(key)), SECOND);
            tx.command("MULTI", new Call(16));
            tx.command("INCRBY", new Call(64).key(key).arg(5));
            var queued = tx.command("GET", new Call(64).key(key));
            var done = tx.command("EXEC", new Call(16));
            assertThat(tx.await(queued, SECOND))
                    .as("what is queued answers nothing yet")
                    .isEmpty();
            List<Object> replies = tx.await(done, SECOND);
            assertThat(replies.get(0)).isEqualTo(5L);
            assertThat(Redis.text(replies.get(1))).isEqualTo("5");
        }
        assertThat(pool.stats().idle()).isEqualTo(1);
        try (PooledConnection late = pool.acquire("overtaken")) {
            byte[] key = Redis.utf8("balance");
            late.await(late.command("WATCH", new Call(32).key(key)), SECOND);
            redis.await(redis.command("SET", new Call(32).key(key).arg("9")));
            late.command("MULTI", new Call(16));
            late.command("INCR", new Call(64).key(key));
            assertThat(late.await(late.command("EXEC", new Call(16)), SECOND))
                    .as("an EXEC that was overtaken")
                    .isEmpty();
        }
        PooledConnection open = pool.acquire("forgetful");
        open.await(open.command("MULTI", new Call(16)), SECOND);
        open.close();
        try (PooledConnection next = pool.acquire("next")) {
            assertThat(ping(next)).isEqualTo("PONG");
        }
        try (PooledConnection selects = pool.acquire("selects")) {
            selects.await(selects.command("SELECT", new Call(16).arg(3)), SECOND);
        }
        await().until(() -> pool.stats().total() == 0);
    }

    @Test
    void aConnectionGivenBackCannotBeUsedAndIsGivenBackOnce() {
        RedisPool pool = pool(max(2));
        PooledConnection gone = pool.acquire("gone");
        gone.close();
        gone.close();
        assertThat(pool.stats().idle()).isEqualTo(1);
        assertThatThrownBy(() -> gone.command("PING", new Call(16)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gave back");
    }

    @Test
    void errorsOfRedisAreTold() {
        RedisPool pool = pool(max(1));
        try (PooledConnection connection = pool.acquire("wrong")) {
            assertThatThrownBy(() -> connection.await(connection.command("NOSUCH", new Call(16)), SECOND))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("redis pool \"user\": NOSUCH: ERR unknown command");
        }
        assertThat(pool.stats().idle()).as("an error answer does not harm it").isEqualTo(1);
    }

    @Test
    void recoversWhenRedisIsKilledAndStartedAgain() {
        try (EmbeddedRedis mortal = EmbeddedRedis.builder()
                        .unixSocket(false)
                        .persistence(false)
                        .start();
                Redis own = Redis.connect(new RedisConfig(mortal.uri(), SECOND), Clock.system(), timer);
                RedisPool pool = new RedisPool("mortal", max(5).acquireTimeout(Duration.ofMillis(200)), own, timer)) {
            use(pool, 5);
            PooledConnection held = pool.acquire("held");
            mortal.kill();
            await().until(() -> pool.stats().total() == 1);
            assertThatThrownBy(() -> pool.acquire("meanwhile")).hasMessageContaining("last failure: ");
            assertThatThrownBy(() -> ping(held)).isInstanceOf(RedisException.Unreachable.class);
            held.close();
            mortal.restart();

            await().ignoreExceptions().until(() -> {
                try (PooledConnection again = pool.acquire("again")) {
                    return ping(again).equals("PONG");
                }
            });
            use(pool, 5);
            assertThat(pool.stats().total()).isEqualTo(5);
        }
    }

    @Test
    void closingFailsWhoWaitsAndClosesWhatIsHeld() throws Exception {
        RedisPool pool = pool(max(1));
        PooledConnection held = pool.acquire("held");
        List<Throwable> told = new CopyOnWriteArrayList<>();
        Thread waiter = new Thread(() -> {
            try {
                pool.acquire("waiter");
            } catch (Throwable error) {
                told.add(error);
            }
        });
        waiter.start();
        await().until(() -> pool.stats().waiting() == 1);

        pool.close();

        waiter.join();
        assertThat(told).singleElement().isInstanceOf(IllegalStateException.class);
        await().until(() ->
                redis.connections() == 1); // its count follows the closed socket by a turn of the event loop
        assertThatThrownBy(() -> ping(held)).isInstanceOf(RedisException.Unreachable.class);
        held.close();
        assertThatThrownBy(() -> pool.acquire("late")).hasMessageContaining("is closed");
        assertThat(Arrays.asList(pool.stats().active(), pool.stats().total())).containsOnly(0);
    }
}
