package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.limit.Answer.Allowed;
import io.penstock.limit.Answer.Denied;
import io.penstock.limit.Limit.Kind;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What two processes are allowed together, on the bundled server and on the one of the system. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
final class LimitsRedisTest {
    private static final int THREADS = 200;
    private static final Duration LONG = Duration.ofDays(31); // at these limits nothing comes back during a test

    @Parameter
    boolean bundled;

    private EmbeddedRedis server;
    private LimitRig rig;

    @BeforeEach
    void start() {
        server = EmbeddedRedis.builder()
                .preferBundled(bundled)
                .persistence(false)
                .start();
        rig = new LimitRig(server);
    }

    @AfterEach
    void stop() {
        rig.close();
        server.close();
    }

    private interface Caller {
        int call(int n) throws Exception;
    }

    /** Runs as many threads at once and sums what they answer. */
    private static int together(Caller caller) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int n = i;
                results.add(pool.submit(() -> {
                    go.await();
                    return caller.call(n);
                }));
            }
            go.countDown();
            int sum = 0;
            for (Future<Integer> result : results) {
                sum += result.get(60, TimeUnit.SECONDS);
            }
            return sum;
        } finally {
            pool.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"WINDOW", "BUCKET"})
    void neverAllowsMoreThanTheRateHoweverManyAsk(Kind kind) throws Exception {
        Limit limit =
                rig.define(kind == Kind.WINDOW ? Limit.window(rig.name, 300, LONG) : Limit.bucket(rig.name, 300, LONG));
        int allowed = together(n -> {
            int mine = 0;
            for (int i = 0; i < 5; i++) {
                mine += rig.process(n).acquire(limit.name(), "k", 1) instanceof Allowed ? 1 : 0;
            }
            return mine;
        });
        assertThat(allowed).isEqualTo(300);
        assertThat(rig.here.acquire(limit.name(), "other", 1)).isInstanceOf(Allowed.class);
        LimitStats here = rig.here.stats().get(0);
        LimitStats there = rig.there.stats().get(0);
        assertThat(here.allowed() + there.allowed()).isEqualTo(301);
        assertThat(here.denied() + there.denied()).isEqualTo(700);
    }

    @Test
    void neverLetsMoreHoldThanMayAndFencesGrow() throws Exception {
        rig.define(Limit.concurrency(rig.name, 7, Duration.ofMinutes(1)));
        rig.define(Limit.concurrency(rig.name + "one", 1, Duration.ofMinutes(1)));
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Long> fences = new ArrayList<>(); // guarded by the permit for one
        together(n -> {
            for (int i = 0; i < 5; i++) {
                if (rig.process(n).acquire(rig.name, "k", 1) instanceof Allowed yes) {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    inside.decrementAndGet();
                    rig.redis.await(yes.permit().release());
                }
                if (rig.process(n).acquire(rig.name + "one", "k", 1) instanceof Allowed yes) {
                    synchronized (fences) {
                        fences.add(yes.permit().fence());
                    }
                    rig.redis.await(yes.permit().release());
                }
            }
            return 0;
        });
        assertThat(most.get()).isBetween(1, 7);
        assertThat(fences).isNotEmpty().isSorted().doesNotHaveDuplicates();
        assertThat(rig.allowed(rig.here).remaining()).isEqualTo(6);
    }

    @Test
    void noWindowEverHoldsMoreThanTheLimit() {
        int most = 40;
        Duration per = Duration.ofMillis(320);
        rig.define(Limit.window(rig.name, most, per));
        List<long[]> calls = greedy(3 * most + 1);
        for (int i = 0; i + most < calls.size(); i++) {
            assertThat(calls.get(i + most)[1] - calls.get(i)[0])
                    .as("from permit %d to permit %d", i, i + most)
                    .isGreaterThan(per.minusMillis(1).toNanos());
        }
        long whole = calls.get(calls.size() - 1)[1] - calls.get(0)[0];
        assertThat(Duration.ofNanos(whole))
                .isLessThan(per.multipliedBy(30)); // it comes back: three windows and their lag, on a busy machine
    }

    @Test
    void noSpanHoldsMoreThanTheBurstAndWhatFlowedIn() {
        rig.define(Limit.bucket(rig.name, 200, Duration.ofSeconds(1)).burst(20));
        List<long[]> calls = greedy(120);
        for (int i = 0; i < calls.size(); i++) {
            for (int j = i; j < calls.size(); j++) {
                double millis = (calls.get(j)[1] - calls.get(i)[0]) / 1e6;
                assertThat((double) (j - i + 1)).isLessThanOrEqualTo(20 + 0.2 * (millis + 2));
            }
        }
    }

    /** Takes permits as fast as it is let, and notes before and after each that it got. */
    private List<long[]> greedy(int permits) {
        List<long[]> calls = new ArrayList<>();
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            for (int i = 0; i < 200 && calls.size() < permits; i++) {
                long before = System.nanoTime();
                if (!(rig.process(i).acquire(rig.name, "k", 1) instanceof Allowed)) {
                    break;
                }
                calls.add(new long[] {before, System.nanoTime()});
            }
            return calls.size() == permits;
        });
        return calls;
    }

    @ParameterizedTest
    @EnumSource(names = {"WINDOW", "BUCKET"})
    void recoversAndLeavesNothingBehind(Kind kind) {
        Duration per = Duration.ofMillis(600);
        Limit limit = rig.define(kind == Kind.WINDOW ? Limit.window(rig.name, 1, per) : Limit.bucket(rig.name, 1, per));
        assertThat(rig.ask(1)).isInstanceOf(Allowed.class);
        assertThat(rig.exists(Limits.stateKey(limit, "k"))).isTrue();
        await().until(() -> !rig.exists(Limits.stateKey(limit, "k")));
        assertThat(rig.ask(1)).isInstanceOf(Allowed.class);
        assertThat(rig.ask(1)).isInstanceOf(Denied.class);
        await().until(() -> rig.ask(1) instanceof Allowed);
    }

    @Test
    void permitsOfTheDeadComeFreeAndTheirLateHolderLearnsIt() {
        Limit limit = rig.define(Limit.concurrency(rig.name, 1, Duration.ofMillis(600)));
        Permit dead = rig.allowed(rig.here).permit();
        assertThat(rig.there.acquire(rig.name, "k", 1)).isInstanceOf(Denied.class);
        List<Permit> next = new ArrayList<>();
        await().until(() -> {
            if (rig.there.acquire(rig.name, "k", 1) instanceof Allowed yes) {
                next.add(yes.permit());
            }
            return !next.isEmpty();
        });
        assertThat(next.get(0).fence()).isGreaterThan(dead.fence());
        assertThat(dead.extend()).isFalse();
        assertThat(rig.redis.await(dead.release())).isFalse();
        assertThat(rig.redis.await(next.get(0).release())).isTrue();
        assertThat(rig.redis.await(next.get(0).release())).isFalse();
        await().until(() -> !rig.exists(Limits.stateKey(limit, "k")) && !rig.exists(Limits.permitsKey(limit, "k")));
        assertThat(rig.allowed(rig.here).permit().fence())
                .isGreaterThan(next.get(0).fence());
    }

    @Test
    void anExtendedPermitOutlivesItsFirstLease() {
        rig.define(Limit.concurrency(rig.name, 3, Duration.ofSeconds(1)));
        Permit held = ((Allowed) rig.ask(2)).permit();
        rig.allowed(rig.there); // nobody extends this one
        await().pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(held.extend()).isTrue();
            return rig.there.acquire(rig.name, "k", 1) instanceof Allowed;
        });
    }

    @Test
    void aCallThatIsSentAgainIsChargedOnce() {
        Limit window = Limit.window(rig.name + "w", 10, LONG);
        Limit bucket = Limit.bucket(rig.name + "b", 10, LONG);
        Limit held = Limit.concurrency(rig.name + "c", 10, LONG);
        for (int i = 0; i < 2; i++) {
            Call forWindow = new Call(64)
                    .key(Limits.stateKey(window, "k"))
                    .arg(4)
                    .arg(10)
                    .arg(1_000_000);
            assertThat(answered(Scripts.WINDOW, forWindow.arg("resent.."))).isEqualTo(List.of(1L, 6L));
            Call forBucket = new Call(64)
                    .key(Limits.stateKey(bucket, "k"))
                    .arg(4)
                    .arg(10)
                    .arg(10);
            assertThat(answered(Scripts.BUCKET, forBucket.arg(LONG.toMillis()).arg("resent..")))
                    .isEqualTo(List.of(1L, 6L));
            Call forPermits = new Call(64).key(Limits.permitsKey(held, "k")).key(Limits.stateKey(held, "k"));
            assertThat(answered(
                            Scripts.PERMIT,
                            forPermits.arg(4).arg(10).arg(60_000).arg("resent......")))
                    .isEqualTo(List.of(1L, 6L));
        }
    }

    /** Whether it was allowed, and what is left. */
    private List<Object> answered(Script script, Call call) {
        return rig.redis.await(rig.redis.eval(script, call)).subList(0, 2);
    }

    @ParameterizedTest
    @EnumSource
    void thoseRefusedComeBackOneByOne(Kind kind) {
        Duration per = Duration.ofSeconds(100);
        rig.define(new Limit(rig.name, kind, 100, per, 100, Limit.Away.CLOSED));
        assertThat(rig.ask(100)).isInstanceOf(Allowed.class);
        List<Duration> turns = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            turns.add(((Denied) rig.process(i).acquire(rig.name, "k", 1)).retryAfter());
        }
        // A rate of one a second: fifty callers come over some fifty seconds. Permits: learned, a second while unknown.
        long step = kind == Kind.CONCURRENCY ? 10 : 1_000;
        for (int i = 1; i < turns.size(); i++) {
            long apart = turns.get(i).toMillis() - turns.get(i - 1).toMillis();
            assertThat(apart).isBetween(kind == Kind.CONCURRENCY ? -900L : 100L, step + 1);
        }
        assertThat(turns.get(0)).isLessThan(per.plusSeconds(8));
        for (int i = 0; i < 200; i++) {
            Denied hammered = (Denied) rig.ask(1);
            assertThat(hammered.retryAfter()).isLessThan(per.multipliedBy(2).plusSeconds(8));
        }
    }

    @Test
    void everybodyWhoComesBackWhenToldGetsAShare() throws Exception {
        int callers = 20;
        int permits = 200;
        rig.define(Limit.bucket(rig.name, 200, Duration.ofSeconds(1)).burst(10));
        AtomicIntegerArray shares = new AtomicIntegerArray(callers);
        CountDownLatch left = new CountDownLatch(permits);
        AtomicInteger asked = new AtomicInteger();
        ScheduledExecutorService pool = Executors.newScheduledThreadPool(callers);
        try {
            for (int i = 0; i < callers; i++) {
                int n = i;
                pool.execute(new Runnable() {
                    @Override
                    public void run() {
                        asked.incrementAndGet();
                        Answer answer = rig.process(n).acquire(rig.name, "k", 1);
                        if (answer instanceof Allowed) {
                            shares.incrementAndGet(n);
                            left.countDown();
                        }
                        long wait =
                                answer instanceof Denied no ? no.retryAfter().toNanos() : 0;
                        var unused = pool.schedule(this, wait, TimeUnit.NANOSECONDS);
                    }
                });
            }
            assertThat(left.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            pool.shutdownNow();
        }
        for (int i = 0; i < callers; i++) {
            assertThat(shares.get(i)).as("share of caller %d of %s", i, shares).isGreaterThanOrEqualTo(4);
        }
        assertThat(asked.get()).isLessThan(5 * permits); // no stampede: few ask in vain
    }

    @Test
    void aKeyNeverCostsMoreThanStated() {
        Limit window = rig.define(Limit.window(rig.name, Limit.MOST_PERMITS, Duration.ofMillis(1_280)));
        byte[] windowKey = Limits.stateKey(window, "k");
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            rig.ask(25_001);
            rig.ask(Limit.MOST_PERMITS); // refused, which is remembered too
            return (Long) rig.command("HLEN", windowKey).get(0) >= 24;
        });
        assertThat(rig.bytes(windowKey)).isLessThanOrEqualTo(512 + windowKey.length);
        Limit bucket = rig.define(Limit.bucket(rig.name, 300_000, LONG));
        byte[] bucketKey = Limits.stateKey(bucket, "k");
        for (int i = 0; i < 20; i++) {
            rig.ask(12_345);
            rig.ask(290_000);
        }
        assertThat(rig.bytes(bucketKey)).isLessThanOrEqualTo(320 + bucketKey.length);
        Limit held = rig.define(Limit.concurrency(rig.name, 1_000, LONG));
        for (int i = 0; i < 10; i++) {
            rig.ask(100);
        }
        rig.ask(1);
        assertThat(rig.bytes(Limits.permitsKey(held, "k")) + rig.bytes(Limits.stateKey(held, "k")))
                .isLessThanOrEqualTo(512 + 128 * 1_000);
    }

    @Test
    void whatWasTakenStaysTakenWhenTheLimitChanges() {
        rig.define(Limit.window(rig.name, 10, Duration.ofHours(1)));
        rig.ask(8);
        rig.here.define(Limit.window(rig.name, 10, Duration.ofHours(2)));
        assertThat(((Allowed) rig.ask(1)).remaining()).isEqualTo(1);
        rig.here.define(Limit.bucket(rig.name, 10, Duration.ofHours(1)));
        rig.ask(8);
        rig.here.define(Limit.bucket(rig.name, 5, Duration.ofHours(3)));
        assertThat(rig.ask(1)).isInstanceOf(Denied.class);
        assertThat(rig.redis.await(rig.here.reset(rig.name, "k"))).isTrue();
        assertThat(((Allowed) rig.ask(1)).remaining()).isEqualTo(4);
    }

    @Test
    void aClockThatWentBackGivesNothingAndHoldsUpNobodyForLong() {
        Limit window = rig.define(Limit.window(rig.name, 10, Duration.ofSeconds(2)));
        rig.ask(8);
        byte[] key = Limits.stateKey(window, "k");
        rig.command("HSET", key, "h", "999999999999999"); // as if it had been counted in the far future
        rig.command("PERSIST", key);
        assertThat(((Allowed) rig.ask(1)).remaining()).isEqualTo(1);
        assertThat(rig.ask(2)).isInstanceOf(Denied.class);
        await().until(() -> rig.ask(10) instanceof Allowed);

        rig.define(Limit.bucket(rig.name, 10, Duration.ofSeconds(2)));
        rig.ask(10);
        rig.command("HSET", Limits.stateKey(Limit.bucket(rig.name, 10, LONG), "k"), "t", "99999999999999");
        assertThat(rig.ask(10)).isInstanceOf(Denied.class);
        await().until(() -> rig.ask(10) instanceof Allowed);
    }

    @Test
    void aCallerWhoGivesUpKeepsNoPermit() {
        Limit limit = rig.define(Limit.concurrency(rig.name, 1, LONG));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> rig.ask(1)).hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        await().until(() -> rig.exists(Limits.stateKey(limit, "k")) && !rig.exists(Limits.permitsKey(limit, "k")));
    }

    @Test
    void answersAsDefinedWhileRedisIsFullAndStillTakesPermitsBack() {
        Limit open = rig.define(Limit.bucket("open", 10, LONG));
        Limit closed = rig.define(Limit.concurrency("closed", 10, LONG));
        Permit held = ((Allowed) rig.here.acquire("closed", "k", 1)).permit();
        rig.command("CONFIG", Redis.utf8("SET"), "maxmemory", "1");
        Answer guess = rig.here.acquire(open.name(), "k", 1);
        assertThat(guess).isInstanceOf(Allowed.class);
        assertThat(guess.guessed()).isTrue();
        assertThat(rig.here.acquire(closed.name(), "other", 1)).isInstanceOf(Denied.class);
        assertThat(held.extend()).isTrue();
        assertThat(rig.redis.await(held.release())).isTrue();
        assertThat(rig.here.stats()).allMatch(stats -> stats.guessed() == 1);
    }

    @Test
    void answersAtOnceWhileRedisIsAwayAndCountsAgainAfterwards() {
        rig.define(Limit.window("open", 10, LONG));
        rig.define(Limit.window("closed", 10, LONG).away(Limit.Away.CLOSED));
        assertThat(rig.here.acquire("open", "k", 1).guessed()).isFalse();
        server.kill();
        await().until(() -> !rig.redis.connected());
        Allowed yes = (Allowed) rig.here.acquire("open", "k", 1);
        assertThat(yes.guessed()).isTrue();
        assertThat(yes.permit().extend()).isTrue();
        Denied no = (Denied) rig.here.acquire("closed", "k", 1);
        assertThat(no.guessed()).isTrue();
        assertThat(no.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
        server.restart();
        await().until(() -> !rig.here.acquire("closed", "k", 1).guessed());
    }
}
