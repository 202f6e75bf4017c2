package io.penstock.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.cache.CacheRig.User;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What two processes answer from one cache, on the bundled server and on the one of the system. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
final class CacheRedisTest {
    private static final User ANN = new User("Ann", 40);
    private static final User BEN = new User("Ben", 50);

    @Parameter
    boolean bundled;

    private EmbeddedRedis server;
    private CacheRig rig;
    private final AtomicInteger loads = new AtomicInteger();

    @BeforeEach
    void start() {
        server = EmbeddedRedis.builder()
                .preferBundled(bundled)
                .persistence(false)
                .start();
        rig = new CacheRig(server);
    }

    @AfterEach
    void stop() {
        rig.close();
        server.close();
    }

    private Loader<User> loading(User user) {
        return () -> {
            loads.incrementAndGet();
            return user;
        };
    }

    @Test
    void loadsOnceForAThousandCallersOfTwoProcesses() throws Exception {
        Cache<User> here = rig.here.users(c -> c);
        Cache<User> there = rig.there.users(c -> c);
        CountDownLatch all = new CountDownLatch(1);
        CompletableFuture<Void> opener = CompletableFuture.runAsync(() -> {
            // the load ends only when callers of both processes wait for it
            await().until(() -> here.stats().waiting() + there.stats().waiting() > 900);
            all.countDown();
        });
        List<User> answers = CacheRig.together(
                1_000,
                n -> (n % 2 == 0 ? here : there).get("1", () -> {
                    loads.incrementAndGet();
                    assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
                    return ANN;
                }));
        opener.join();
        assertThat(loads).hasValue(1);
        assertThat(answers).hasSize(1_000).containsOnly(ANN);
        assertThat(here.stats().loads() + there.stats().loads()).isEqualTo(1);
        assertThat(here.stats().waiting() + there.stats().waiting()).isZero();
    }

    @Test
    void asksTheNearTierThenRedisThenTheLoader() {
        Cache<User> here = rig.here.users(c -> c);
        Cache<User> there = rig.there.users(c -> c);
        assertThat(here.getIfPresent("1")).isNull();
        assertThat(here.get("1", loading(ANN))).isEqualTo(ANN);
        assertThat(here.get("1", loading(BEN))).isEqualTo(ANN);
        assertThat(there.getIfPresent("1")).isEqualTo(ANN);
        assertThat(there.get("1", loading(BEN))).isEqualTo(ANN);
        assertThat(loads).hasValue(1);
        assertThat(here.stats().nearHits()).isEqualTo(1);
        assertThat(there.stats().farHits()).isEqualTo(1);
        assertThat(there.stats().nearHits()).isEqualTo(1);
        assertThat(there.stats().loads()).isZero();
    }

    @Test
    void tellsTheOtherProcessOfEveryInvalidation() {
        Cache<User> here = rig.here.users(c -> c);
        Cache<User> there = rig.there.users(c -> c);
        there.get("key", loading(ANN));
        there.get("tagged", loading(ANN), "team:1", "city:2");
        there.get("other", loading(ANN), "team:2");

        here.put("key", BEN);
        await().until(() -> BEN.equals(there.getIfPresent("key")));
        here.invalidate("key");
        await().until(() -> there.getIfPresent("key") == null);
        assertThat(there.getIfPresent("tagged")).isEqualTo(ANN);

        here.invalidateTag("city:2");
        assertThat(here.getIfPresent("tagged")).isNull();
        await().until(() -> there.getIfPresent("tagged") == null);
        assertThat(there.getIfPresent("other")).isEqualTo(ANN);
        assertThat(there.get("tagged", loading(BEN), "city:2")).isEqualTo(BEN);
        assertThat(here.getIfPresent("tagged")).isEqualTo(BEN);

        here.clear();
        await().until(() -> there.getIfPresent("other") == null && there.getIfPresent("tagged") == null);
        assertThat(there.get("other", loading(BEN), "team:2")).isEqualTo(BEN);
        assertThat(here.getIfPresent("other")).isEqualTo(BEN);
    }

    @Test
    void clearsACacheThatIsOpenElsewhereOnly() {
        Cache<User> there = rig.there.users(c -> c);
        there.get("1", loading(ANN));
        rig.here.caches.clear("users");
        await().until(() -> there.getIfPresent("1") == null);
    }

    @Test
    void neverKeepsWhatWasInvalidatedWhileItWasLoaded() {
        Cache<User> here = rig.here.users(c -> c);
        Cache<User> there = rig.there.users(c -> c);
        List<Runnable> ways = List.of(
                () -> there.invalidate("1"),
                () -> there.invalidateTag("t"),
                there::clear,
                () -> here.invalidate("1"),
                () -> here.invalidateTag("t"));
        for (Runnable way : ways) {
            here.invalidate("1");
            assertThat(here.get(
                            "1",
                            () -> {
                                way.run();
                                return ANN;
                            },
                            "t"))
                    .isEqualTo(ANN);
            await().until(() -> here.getIfPresent("1") == null);
            assertThat(there.getIfPresent("1")).isNull();
            assertThat(here.get("1", () -> BEN, "t")).isEqualTo(BEN);
        }
        here.invalidate("1");
        here.get("1", () -> {
            there.put("1", BEN);
            return ANN;
        });
        await().until(() -> BEN.equals(here.getIfPresent("1")));
        assertThat(there.getIfPresent("1")).isEqualTo(BEN);
    }

    @Test
    void freesTheKeyOfAProcessThatDiesWhileItLoads() throws Exception {
        Duration lease = Duration.ofMillis(800);
        Cache<User> here = rig.here.users(c -> c.lease(lease));
        Cache<User> there = rig.there.users(c -> c.lease(lease));
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Thread dying = new Thread(() -> here.get("1", () -> {
            loading.countDown();
            over.await();
            return ANN;
        }));
        dying.start();
        loading.await();
        rig.here.die();
        long begin = System.nanoTime();
        assertThat(there.get("1", loading(BEN))).isEqualTo(BEN);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(lease.plusSeconds(1));
        over.countDown();
        dying.join();
        assertThat(there.getIfPresent("1")).isEqualTo(BEN);
    }

    @Test
    void letsTheNextLoadAtOnceWhenALoaderFails() throws Exception {
        Cache<User> here = rig.here.users(c -> c.lease(Duration.ofMinutes(1)));
        Cache<User> there = rig.there.users(c -> c.lease(Duration.ofMinutes(1)));
        CountDownLatch waits = new CountDownLatch(1);
        CompletableFuture<User> second = new CompletableFuture<>();
        AtomicReference<Thread> other = new AtomicReference<>();
        assertThatThrownBy(() -> here.get("1", () -> {
                    other.set(new Thread(() -> second.complete(there.get("1", loading(BEN)))));
                    other.get().start();
                    await().until(() -> there.stats().waiting() == 1);
                    waits.countDown();
                    throw new java.io.IOException("disk on fire");
                }))
                .isInstanceOf(CacheLoadException.class)
                .hasRootCauseMessage("disk on fire")
                .hasMessageContaining("nothing was kept");
        assertThat(second.get(60, TimeUnit.SECONDS)).isEqualTo(BEN);
        assertThat(here.stats().loadFailures()).isEqualTo(1);
    }

    @Test
    void remembersThatThereIsNothing() {
        Cache<User> here =
                rig.here.users(c -> c.absentTtl(Duration.ofMillis(600)).jitter(0));
        Cache<User> there = rig.there.users(c -> c);
        assertThat(here.get("1", loading(null))).isNull();
        assertThat(here.get("1", loading(ANN))).isNull();
        assertThat(there.get("1", loading(ANN))).isNull();
        assertThat(loads).hasValue(1);
        await().until(() -> ANN.equals(here.get("1", loading(ANN))));
    }

    @Test
    void answersTheOldAndRenewsItOnceInTheBackground() {
        Cache<User> here =
                rig.here.users(c -> c.staleAfter(Duration.ofMillis(300)).jitter(0));
        Cache<User> there =
                rig.there.users(c -> c.staleAfter(Duration.ofMillis(300)).jitter(0));
        here.get("1", loading(ANN));
        there.get("1", loading(ANN));
        assertThat(loads).hasValue(1);
        await().until(() -> BEN.equals(here.get("1", loading(BEN))) && BEN.equals(there.get("1", loading(BEN))));
        assertThat(here.stats().staleServed() + there.stats().staleServed()).isPositive();
        assertThat(here.stats().loadFailures()).isZero();
    }

    @Test
    void goesOnServingTheOldWhileItCannotBeRenewed() {
        Cache<User> here =
                rig.here.users(c -> c.staleAfter(Duration.ofMillis(50)).jitter(0));
        here.get("1", loading(ANN));
        await().until(() -> {
            assertThat(here.get("1", () -> {
                        throw new IllegalStateException("down");
                    }))
                    .isEqualTo(ANN);
            return here.stats().loadFailures() > 0;
        });
        assertThat(here.get("1", loading(BEN))).isEqualTo(ANN);
    }

    @Test
    void dropsTheNearTierWhenMessagesMayHaveBeenMissed() {
        Cache<User> here = rig.here.users(c -> c);
        assertThat(here.get("1", loading(ANN))).isEqualTo(ANN);
        await().until(() -> here.get("1", loading(ANN)).equals(ANN) && rig.here.caches.nearBytes() > 0);
        rig.there.command("CLIENT", "KILL", "TYPE", "pubsub");
        await().until(() -> rig.here.caches.nearBytes() == 0);
        assertThat(here.getIfPresent("1")).isEqualTo(ANN);
        Cache<User> there = rig.there.users(c -> c);
        there.put("1", BEN);
        await().until(() -> BEN.equals(here.getIfPresent("1")));
    }

    @Test
    void answersAndLoadsWithoutRedisAndDoesNotPileUp() throws Exception {
        Cache<User> here = rig.here.users(c -> c);
        here.get("near", loading(ANN));
        server.kill();
        await().until(() -> !rig.here.redis.connected());
        assertThat(here.get("near", loading(BEN))).isEqualTo(ANN);
        long begin = System.nanoTime();
        List<User> answers = CacheRig.together(
                200,
                n -> here.get("new", () -> {
                    loads.incrementAndGet();
                    await().until(() -> here.stats().waiting() > 150);
                    return BEN;
                }));
        assertThat(answers).hasSize(200).containsOnly(BEN);
        assertThat(loads).hasValue(2);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(40));
        assertThatThrownBy(() -> here.invalidate("near")).isInstanceOf(RedisException.class);
        assertThat(here.getIfPresent("near")).isNull();
        assertThatThrownBy(() -> here.put("near", BEN)).isInstanceOf(RedisException.class);
    }

    @Test
    void leavesASlowRedisAlone() {
        Cache<User> here = rig.here.users(c -> c);
        here.get("near", loading(ANN));
        rig.there.command("CLIENT", "PAUSE", "6000");
        long begin = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(here.get("new" + i, loading(BEN))).isEqualTo(BEN);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(5_500));
        assertThat(here.stats().farFailures()).isPositive();
        assertThat(here.get("new1", loading(ANN))).isEqualTo(BEN);
    }

    @Test
    void goesOnWithAFullRedis() {
        Cache<User> here = rig.here.users(c -> c);
        here.get("1", loading(ANN), "t");
        rig.here.command("CONFIG", "SET", "maxmemory", "1");
        assertThat(here.get("2", loading(BEN))).isEqualTo(BEN);
        assertThat(here.get("2", loading(ANN))).isEqualTo(BEN);
        assertThatThrownBy(() -> here.put("1", BEN)).isInstanceOf(RedisException.Full.class);
        here.invalidate("1");
        assertThat(here.getIfPresent("1")).isNull();
        rig.here.command("CONFIG", "SET", "maxmemory", "0");
    }

    @Test
    void everyKeyExpiresByItself() {
        Cache<User> here = rig.here.users(c -> c);
        here.get("1", loading(ANN), "t");
        here.put("2", BEN, "t", "u");
        here.get("3", loading(null));
        here.invalidateTag("t");
        here.clear();
        here.get("1", () -> {
            rig.there.caches.clear("users");
            assertKeysExpire(1); // the lease is there now
            return ANN;
        });
        assertKeysExpire(5);
    }

    private void assertKeysExpire(int least) {
        List<Object> keys = rig.there.command("KEYS", "pk:cache*");
        assertThat(keys).hasSizeGreaterThanOrEqualTo(least);
        for (Object key : keys) {
            assertThat((Long) rig.there.command("PTTL", Redis.text(key)).get(0))
                    .as(Redis.text(key))
                    .isPositive();
        }
    }

    @Test
    void readsAnewWhatAnotherReleaseWrote() {
        Cache<User> here = rig.here.users(c -> c);
        rig.here.command("SET", "pk:cache:{users:1}:v", "something else entirely, and long enough", "PX", "60000");
        assertThat(here.get("1", loading(ANN))).isEqualTo(ANN);
        Cache<Integer> there = rig.there.caches.open("users", Integer.class, CacheConfig.DEFAULT);
        assertThat(there.get("1", () -> 42)).isEqualTo(42);
        assertThat(there.getIfPresent("1")).isEqualTo(42);
    }

    @Test
    void keepsNothingThatIsTooLarge() {
        Cache<User> here = rig.here.users(c -> c.maxValueBytes(1_024));
        User large = new User("x".repeat(2_000), 1);
        assertThat(here.get("1", loading(large))).isEqualTo(large);
        assertThat(here.getIfPresent("1")).isNull();
        assertThat(here.stats().notKept()).isEqualTo(1);
        assertThatThrownBy(() -> here.put("1", large))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1024");
    }

    @Test
    void tellsWhatAllProcessesDo() {
        Cache<User> here = rig.here.users(c -> c);
        Cache<User> there = rig.there.users(c -> c);
        here.get("1", loading(ANN));
        there.get("1", loading(ANN));
        await().until(() -> rig.here.caches.everywhere().stream().anyMatch(one -> one.processes() == 2));
        there.close();
        rig.there.caches.close();
        await().until(() -> rig.here.caches.everywhere().get(0).processes() == 1);
        assertThat(rig.here.caches.everywhere().get(0).stats().loads()).isEqualTo(1);
    }

    @Test
    void leavesNoThreadSubscriptionOrTaskBehind() {
        int tasks = rig.here.timer.stats().size();
        int threads = rig.here.threads.alive();
        Cache<User> here =
                rig.here.users(c -> c.staleAfter(Duration.ofMillis(10)).jitter(0));
        here.get("1", loading(ANN));
        CountDownLatch renewing = new CountDownLatch(1);
        await().until(() -> {
            here.get("1", () -> {
                renewing.countDown();
                new CountDownLatch(1).await(); // until it is interrupted
                return ANN;
            });
            return renewing.getCount() == 0;
        });
        assertThat(rig.here.redis.subscriber().size()).isEqualTo(1);
        rig.here.caches.close();
        assertThat(rig.here.redis.subscriber().size()).isZero();
        assertThat(rig.here.timer.stats()).hasSize(tasks);
        assertThat(rig.here.threads.alive()).isEqualTo(threads);
        assertThat(rig.here.caches.nearBytes()).isZero();
        assertThatThrownBy(() -> here.get("1", loading(ANN)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }
}
