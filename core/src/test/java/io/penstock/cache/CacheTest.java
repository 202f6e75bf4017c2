package io.penstock.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One process, no Redis, time by hand. */
final class CacheTest {
    private static final int MIB = 1 << 20;

    private final ManualClock clock = new ManualClock();
    private final Threads threads = new Threads(50);
    private final Caches caches = new Caches(clock.timer(), threads);
    private final AtomicInteger loads = new AtomicInteger();

    @AfterEach
    void close() {
        caches.close();
        threads.close();
    }

    private Cache<String> cache(CacheConfig config) {
        return caches.open("texts", String.class, config.withoutRedis());
    }

    private Loader<String> loading(String text) {
        return () -> {
            loads.incrementAndGet();
            return text;
        };
    }

    @Test
    void noValueOutlivesItsTtlAndJitterSpreadsTheirEnds() {
        Cache<String> cache =
                cache(CacheConfig.DEFAULT.ttl(Duration.ofSeconds(100)).jitter(0.5));
        for (int i = 0; i < 400; i++) {
            cache.put("k" + i, "v");
        }
        clock.advance(Duration.ofSeconds(49));
        assertThat(alive(cache)).isEqualTo(400);
        clock.advance(Duration.ofSeconds(26)); // half of the jittered span is over
        assertThat(alive(cache)).isBetween(120, 280);
        clock.advance(Duration.ofSeconds(26));
        assertThat(alive(cache)).isZero();
    }

    private static int alive(Cache<String> cache) {
        int alive = 0;
        for (int i = 0; i < 400; i++) {
            alive += cache.getIfPresent("k" + i) == null ? 0 : 1;
        }
        return alive;
    }

    @Test
    void absenceIsForgottenSooner() {
        Cache<String> cache = cache(CacheConfig.DEFAULT.jitter(0).absentTtl(Duration.ofSeconds(5)));
        assertThat(cache.get("1", loading(null))).isNull();
        clock.advance(Duration.ofSeconds(4));
        assertThat(cache.get("1", loading("late"))).isNull();
        clock.advance(Duration.ofSeconds(2));
        assertThat(cache.get("1", loading("late"))).isEqualTo("late");
        Cache<String> other = caches.open(
                "other",
                String.class,
                CacheConfig.DEFAULT.absentTtl(Duration.ZERO).withoutRedis());
        assertThat(other.get("1", loading(null))).isNull();
        assertThat(other.get("1", loading("now"))).isEqualTo("now");
    }

    @Test
    void renewsWhatIsStaleInTheBackgroundAndOnce() {
        Cache<String> cache = cache(CacheConfig.DEFAULT.jitter(0).staleAfter(Duration.ofMinutes(1)));
        cache.get("1", loading("old"));
        clock.advance(Duration.ofSeconds(59));
        assertThat(cache.get("1", loading("new"))).isEqualTo("old");
        clock.advance(Duration.ofSeconds(1));
        for (int i = 0; i < 50; i++) {
            assertThat(cache.get("1", loading("new"))).isIn("old", "new");
        }
        await().until(() -> cache.get("1", loading("newer")).equals("new"));
        assertThat(loads).hasValue(2);
        assertThat(cache.stats().staleServed()).isPositive();
    }

    @Test
    void invalidatesByKeyByTagAndWhole() {
        Cache<String> cache = cache(CacheConfig.DEFAULT);
        cache.put("1", "a", "red");
        cache.put("2", "b", "red", "blue");
        cache.put("3", "c");
        cache.invalidate("1");
        assertThat(cache.getIfPresent("1")).isNull();
        assertThat(cache.getIfPresent("2")).isEqualTo("b");
        cache.invalidateTag("blue");
        assertThat(cache.getIfPresent("2")).isNull();
        assertThat(cache.getIfPresent("3")).isEqualTo("c");
        cache.clear();
        assertThat(cache.getIfPresent("3")).isNull();
        await().until(() -> caches.nearBytes() == 0);
    }

    @Test
    void neverHoldsMoreThanItsBytesHoweverMuchComes() throws Exception {
        caches.maxNearBytes(2 * MIB);
        Cache<String> cache = cache(CacheConfig.DEFAULT);
        Cache<String> other = caches.open("other", String.class, CacheConfig.DEFAULT.withoutRedis());
        AtomicInteger over = new AtomicInteger();
        CacheRig.together(4, n -> {
            for (int i = 0; i < 5_000; i++) { // 20 MiB in all
                (n % 2 == 0 ? cache : other).put(n + ":" + i, "x".repeat(600));
                if (i % 100 == 0 && caches.nearBytes() > 2.2 * MIB) {
                    over.incrementAndGet();
                }
            }
            return n;
        });
        assertThat(over).hasValue(0);
        assertThat(caches.nearBytes()).isBetween((long) MIB, 2L * MIB);
        assertThat(cache.stats().bytes() + other.stats().bytes()).isEqualTo(caches.nearBytes());
        assertThat(cache.stats().evictions()).isPositive();
    }

    /** The middle of three: what other tests of this JVM left behind may be collected while one is measured. */
    @Test
    void weighsWhatItHolds() {
        caches.maxNearBytes(256L * MIB);
        Cache<String> cache = cache(CacheConfig.DEFAULT);
        double[] shares = {weightByGrowth(cache), weightByGrowth(cache), weightByGrowth(cache)};
        Arrays.sort(shares);
        assertThat(shares[1])
                .as("weight by what the heap grew, %s", Arrays.toString(shares))
                .isBetween(0.9, 1.1);
    }

    private double weightByGrowth(Cache<String> cache) {
        cache.clear();
        await().until(() -> caches.nearBytes() == 0);
        long empty = used();
        for (int i = 0; i < 100_000; i++) {
            cache.put("user:" + i, "x".repeat(i % 200), i % 4 == 0 ? new String[] {"team"} : new String[0]);
        }
        double held = used() - empty;
        assertThat(cache.getIfPresent("user:99999")).isNotNull(); // it was not collected before it was measured
        return caches.nearBytes() / held;
    }

    /** What is left after collections, once that stays the same: what was just let go is still held for a moment. */
    private static long used() {
        Deque<Long> last = new ArrayDeque<>();
        await().pollInterval(Duration.ofMillis(150)).until(() -> {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            last.addFirst(runtime.totalMemory() - runtime.freeMemory());
            return last.size() > 3
                    && last.stream().limit(3).allMatch(bytes -> Math.abs(bytes - last.getFirst()) < MIB / 4);
        });
        return last.getFirst();
    }

    @Test
    void givesUpTheDeadFirstThenTheColdest() throws Exception {
        Cache<String> cache = cache(CacheConfig.DEFAULT.jitter(0).ttl(Duration.ofMinutes(1)));
        Cache<String> lasting = caches.open(
                "lasting",
                String.class,
                CacheConfig.DEFAULT.ttl(Duration.ofHours(2)).withoutRedis());
        for (int i = 0; i < 500; i++) {
            cache.put("k" + i, "x".repeat(1_000));
            lasting.put("k" + i, "x".repeat(1_000));
        }
        clock.advance(Duration.ofMinutes(2));
        long full = caches.nearBytes();
        ShrinkCaches step = new ShrinkCaches(caches);
        assertThat(step.estimate()).isEqualTo(full);
        long first = step.run(0.5);
        assertThat(first).isBetween((long) (full * 0.49), (long) (full * 0.52));
        assertThat(lasting.stats().entries()).isGreaterThan(490);
        long second = step.run(0.9);
        assertThat(caches.nearBytes()).isLessThanOrEqualTo((full - first) / 10 + 1);
        assertThat(second).isEqualTo(full - first - caches.nearBytes());
        step.run(1);
        assertThat(caches.nearBytes()).isZero();
        assertThat(caches.stats()).allSatisfy(one -> assertThat(one.bytes()).isZero());
    }

    @Test
    void givesEveryCallerAnObjectOfItsOwn() {
        Cache<int[]> cache = caches.open("arrays", int[].class, CacheConfig.DEFAULT.withoutRedis());
        cache.get("1", () -> new int[] {1})[0] = 99;
        cache.get("1", () -> new int[] {2})[0] = 98;
        assertThat(cache.get("1", () -> new int[] {3})).containsExactly(1);
    }

    @Test
    void refusesALoaderThatWaitsForItself() {
        Cache<String> cache = cache(CacheConfig.DEFAULT);
        assertThatThrownBy(() -> cache.get("1", () -> cache.get("1", () -> "never")))
                .isInstanceOf(CacheLoadException.class)
                .hasMessageContaining("wait for itself");
        assertThat(cache.get("1", loading("fine"))).isEqualTo("fine");
    }

    @Test
    void everyWaiterLearnsOfTheFailure() throws Exception {
        Cache<String> cache = cache(CacheConfig.DEFAULT);
        List<String> messages = CacheRig.together(20, n -> {
            try {
                return cache.get("1", () -> {
                    loads.incrementAndGet();
                    await().until(() -> cache.stats().waiting() == 19);
                    throw new java.io.IOException("gone");
                });
            } catch (CacheLoadException failed) {
                assertThat(failed).hasRootCauseMessage("gone");
                return "failed";
            }
        });
        assertThat(messages).containsOnly("failed");
        assertThat(loads).hasValue(1);
    }

    @Test
    void refusesWhatIsOutsideItsBounds() {
        Cache<String> cache = cache(CacheConfig.DEFAULT);
        assertThatThrownBy(() -> cache.get("", loading("x"))).hasMessageContaining("1 to 200");
        assertThatThrownBy(() -> cache.get("x".repeat(201), loading("x"))).hasMessageContaining("201 bytes");
        assertThatThrownBy(() -> cache.invalidateTag("")).hasMessageContaining("1 to 100");
        assertThatThrownBy(() -> cache.put("k", "v", new String[17])).hasMessageContaining("0 to 16");
        assertThatThrownBy(() -> cache(CacheConfig.DEFAULT)).hasMessageContaining("open already");
        assertThatThrownBy(() -> caches.open("a:b", String.class, CacheConfig.DEFAULT))
                .hasMessageContaining("not legal");
        assertThatThrownBy(() -> CacheConfig.DEFAULT.ttl(Duration.ofDays(8))).hasMessageContaining("ttl");
        assertThatThrownBy(() -> CacheConfig.DEFAULT.staleAfter(Duration.ofHours(1)))
                .hasMessageContaining("staleAfter");
        assertThatThrownBy(() -> CacheConfig.DEFAULT.jitter(1)).hasMessageContaining("jitter");
        assertThatThrownBy(() -> caches.maxNearBytes(5)).hasMessageContaining("near bytes");
    }
}
