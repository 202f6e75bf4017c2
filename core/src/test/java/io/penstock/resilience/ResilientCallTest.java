package io.penstock.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.job.Backoff;
import io.penstock.runtime.Clock;
import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Time by hand: nothing here waits for a clock. */
final class ResilientCallTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final CallPolicy BILLING =
            CallPolicy.named("billing").backoff(Backoff.fixed(SECOND).jitter(0));

    private final ManualClock clock = new ManualClock();
    private final Timer timer = clock.timer();
    private final Threads threads = new Threads(50);
    private final Resilience resilience = new Resilience(timer, threads);
    private final AtomicInteger made = new AtomicInteger();

    @AfterEach
    void close() {
        resilience.close();
        threads.close();
    }

    private CompletableFuture<String> failing(int times) {
        int n = made.incrementAndGet();
        return n <= times
                ? CompletableFuture.failedFuture(new IOException("try " + n))
                : CompletableFuture.completedFuture("paid");
    }

    private String failingNow(int times) throws IOException {
        int n = made.incrementAndGet();
        if (n <= times) {
            throw new IOException("try " + n);
        }
        return "paid";
    }

    private void turnUntil(CompletableFuture<?> future) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10)).until(() -> {
            if (!future.isDone()) {
                clock.advance(Duration.ofMillis(100));
            }
            return future.isDone();
        });
    }

    private <T> CompletableFuture<T> inThread(java.util.concurrent.Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.start("test", () -> {
            try {
                result.complete(work.call());
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    @Test
    void waitsItsBackoffBetweenAttempts() {
        ResilientCall call = resilience.open(BILLING);
        CompletableFuture<String> result = call.callAsync(() -> failing(2)).toCompletableFuture();
        assertThat(made).hasValue(1);
        clock.advance(Duration.ofMillis(999));
        assertThat(made).hasValue(1);
        clock.advance(Duration.ofMillis(1));
        await().until(() -> made.get() == 2);
        turnUntil(result);
        assertThat(result).isCompletedWithValue("paid");
        assertThat(call.stats().attempts()).isEqualTo(3);
        assertThat(call.stats().retries()).isEqualTo(2);
        assertThat(call.stats().succeeded()).isEqualTo(1);
    }

    @Test
    void waitsOnTheCallersThreadWhenItIsAskedTo() {
        ResilientCall call = resilience.open(BILLING);
        CompletableFuture<String> result = inThread(() -> call.call(() -> failingNow(2)));
        turnUntil(result);
        assertThat(result).isCompletedWithValue("paid");
        assertThat(made).hasValue(3);
    }

    @Test
    void throwsWhatTheLastAttemptThrew() {
        ResilientCall call = resilience.open(BILLING);
        CompletableFuture<String> sync = inThread(() -> call.call(() -> failingNow(99)));
        turnUntil(sync);
        assertThatThrownBy(sync::join).hasRootCauseInstanceOf(IOException.class).hasRootCauseMessage("try 3");
        CompletableFuture<String> async = call.callAsync(() -> failing(99)).toCompletableFuture();
        turnUntil(async);
        assertThatThrownBy(async::join).hasRootCauseMessage("try 5"); // the budget had one of three left
        assertThat(call.stats().outOfBudget()).isEqualTo(1);
    }

    @Test
    void doesNotRepeatWhatIsTheCallersFault() {
        ResilientCall call = resilience.open(BILLING.breaker(0.5, 2, SECOND));
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> call.call(() -> {
                        made.incrementAndGet();
                        throw new IllegalArgumentException("no such invoice");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(made).hasValue(20);
        assertThat(call.stats().breaker()).isEqualTo("closed");
    }

    @Test
    void retriesNoMoreThanItsShareOfCalls() {
        ResilientCall call = resilience.open(BILLING.budget(0.1).attempts(5));
        List<CompletableFuture<String>> results = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            results.add(call.callAsync(() -> failing(Integer.MAX_VALUE)).toCompletableFuture());
        }
        results.forEach(this::turnUntil);
        assertThat(call.stats().retries()).isBetween(3L, 20L);
        assertThat(call.stats().outOfBudget()).isPositive();
        clock.advance(Duration.ofSeconds(11)); // the window is over: the least is free again
        CompletableFuture<String> later =
                call.callAsync(() -> failing(Integer.MAX_VALUE)).toCompletableFuture();
        long before = call.stats().retries();
        turnUntil(later);
        assertThat(call.stats().retries() - before).isEqualTo(CallPolicy.LEAST_RETRIES);
    }

    @Test
    void leavesAloneWhatKeepsFailingAndTriesItAgainLater() throws Exception {
        ResilientCall call = resilience.open(BILLING.attempts(1).breaker(0.5, 20, Duration.ofSeconds(10)));
        for (int i = 0; i < 10; i++) {
            int n = i;
            if (n % 2 == 0) {
                call.call(() -> "fine");
            } else {
                assertThatThrownBy(() -> call.call(() -> failingNow(99))).isInstanceOf(IOException.class);
            }
        }
        assertThat(call.stats().breaker()).isEqualTo("open");
        clock.advance(Duration.ofSeconds(4));
        assertThatThrownBy(() -> call.call(() -> "never"))
                .isInstanceOfSatisfying(
                        CallRefusedException.class,
                        refused -> assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(6)))
                .hasMessageContaining("50 %");
        clock.advance(Duration.ofMillis(6_001));
        for (int i = 0; i < 3; i++) {
            assertThat(call.call(() -> "fine")).isEqualTo("fine");
        }
        assertThat(call.stats().breaker()).isEqualTo("closed");
        assertThat(call.stats().refused()).isEqualTo(1);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().contains("CircuitBreaker"));
    }

    @Test
    void makesOneCallForAllOfAKey() throws Exception {
        ResilientCall call = resilience.open(BILLING.dedup(Duration.ofSeconds(5)));
        ExecutorService pool = Executors.newFixedThreadPool(100);
        try {
            List<Future<String>> results = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                results.add(pool.submit(() -> call.call("invoice-7", () -> {
                    await().until(() -> call.stats().shared() == 99);
                    return failingNow(0);
                })));
            }
            for (Future<String> result : results) {
                assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo("paid");
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(made).hasValue(1);
        clock.advance(Duration.ofMillis(4_999));
        assertThat(call.call("invoice-7", () -> "again")).isEqualTo("paid");
        assertThat(call.callAsync("invoice-7", () -> CompletableFuture.completedFuture("again")))
                .isCompletedWithValue("paid");
        assertThat(call.call("invoice-8", () -> "other")).isEqualTo("other");
        clock.advance(Duration.ofMillis(1));
        assertThat(call.call("invoice-7", () -> "again")).isEqualTo("again");
        clock.advance(Duration.ofSeconds(20));
        assertThat(call.stats().keys()).isZero();
    }

    @Test
    void sharesAFailureOnlyWithThoseWhoWaitForIt() throws Exception {
        ResilientCall call = resilience.open(BILLING.attempts(1).dedup(Duration.ofSeconds(5)));
        CompletableFuture<String> slow = new CompletableFuture<>();
        CompletableFuture<String> first = call.callAsync("1", () -> slow).toCompletableFuture();
        CompletableFuture<String> second = call.callAsync("1", () -> failing(0)).toCompletableFuture();
        slow.completeExceptionally(new IOException("gone"));
        assertThatThrownBy(first::join).isInstanceOf(CompletionException.class).hasRootCauseMessage("gone");
        assertThatThrownBy(second::join).hasRootCauseMessage("gone");
        assertThat(call.call("1", () -> failingNow(0))).isEqualTo("paid");
    }

    @Test
    void remembersABoundedNumberOfKeys() throws Exception {
        ResilientCall call = resilience.open(BILLING.dedup(Duration.ofMinutes(1)));
        for (int i = 0; i < Shared.MOST + 500; i++) {
            int n = i;
            assertThat(call.call("k" + i, () -> n)).isEqualTo(n);
        }
        assertThat(call.stats().keys()).isEqualTo(Shared.MOST);
        clock.advance(Duration.ofSeconds(71));
        assertThat(call.stats().keys()).isZero();
    }

    @Test
    void refusesToWaitForItself() {
        ResilientCall call = resilience.open(BILLING.attempts(1).dedup(SECOND));
        assertThatThrownBy(() -> call.call("1", () -> call.call("1", () -> "never")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wait for itself");
    }

    @Test
    void interruptsAnAttemptThatTakesTooLong() {
        ResilientCall call = resilience.open(BILLING.attempts(2).timeout(Duration.ofSeconds(3)));
        CompletableFuture<Boolean> result = inThread(() -> {
            assertThatThrownBy(() -> call.call(() -> {
                        made.incrementAndGet();
                        new CountDownLatch(1).await();
                        return "never";
                    }))
                    .isInstanceOf(CallTimeoutException.class)
                    .hasMessageContaining("PT3S");
            return Thread.currentThread().isInterrupted();
        });
        turnUntil(result);
        assertThat(result).isCompletedWithValue(false);
        assertThat(made).hasValue(2);
        assertThat(call.stats().timeouts()).isEqualTo(2);
    }

    @Test
    void givesUpAnAsynchronousAttemptThatTakesTooLong() {
        ResilientCall call = resilience.open(BILLING.attempts(1).timeout(Duration.ofSeconds(3)));
        CompletableFuture<String> result =
                call.callAsync(CompletableFuture<String>::new).toCompletableFuture();
        clock.advance(Duration.ofMillis(2_999));
        assertThat(result).isNotDone();
        clock.advance(Duration.ofMillis(1));
        assertThatThrownBy(result::join).hasCauseInstanceOf(CallTimeoutException.class);
    }

    @Test
    void endsAllWaitsWhenItCloses() {
        ResilientCall call = resilience.open(BILLING);
        int tasks = timer.stats().size();
        CompletableFuture<String> sync = inThread(() -> call.call(() -> failingNow(99)));
        await().until(() -> made.get() == 1);
        CompletableFuture<String> async = call.callAsync(() -> failing(99)).toCompletableFuture();
        resilience.close();
        assertThatThrownBy(async::join).hasRootCauseInstanceOf(IOException.class);
        assertThatThrownBy(sync::join).hasRootCauseInstanceOf(IOException.class);
        assertThat(timer.stats()).hasSize(tasks - 2);
        assertThat(made).hasValue(2);
    }

    @Test
    void worksByTheClockOfTheMachine() throws Exception {
        Threads real = new Threads(10);
        try (Timer wall = new Timer(Clock.system(), real);
                Resilience here = new Resilience(wall, real)) {
            ResilientCall call = here.open(CallPolicy.named("real").backoff(Backoff.exponential(Duration.ofMillis(5))));
            assertThat(call.call(() -> failingNow(2))).isEqualTo("paid");
        } finally {
            real.close();
        }
    }

    @Test
    void refusesWhatIsOutsideItsBounds() {
        resilience.open(BILLING);
        assertThatThrownBy(() -> resilience.open(BILLING)).hasMessageContaining("open already");
        assertThatThrownBy(() -> BILLING.attempts(0)).hasMessageContaining("1 to 100");
        assertThatThrownBy(() -> BILLING.budget(-1)).hasMessageContaining("budget");
        assertThatThrownBy(() -> BILLING.breaker(2, 50, SECOND)).hasMessageContaining("breakerShare");
        assertThatThrownBy(() -> BILLING.timeout(Duration.ofDays(1))).hasMessageContaining("timeout");
        assertThatThrownBy(() -> CallPolicy.named("no colons:")).hasMessageContaining("not legal");
    }

    /** Says when it may be asked again. */
    private static final class Busy extends IOException {
        private static final long serialVersionUID = 1L;
        final transient Duration wait;

        Busy(Duration wait) {
            this.wait = wait;
        }
    }

    private static CallPolicy heedful(Duration most) {
        return BILLING.retryAfter(failure -> failure instanceof Busy busy ? busy.wait : null, most);
    }

    @Test
    void waitsAsLongAsTheOtherSideAskedTo() {
        ResilientCall call = resilience.open(heedful(Duration.ofMinutes(1)));
        CompletableFuture<String> result = call.<String>callAsync(() -> made.incrementAndGet() == 1
                        ? CompletableFuture.failedFuture(new Busy(Duration.ofSeconds(30)))
                        : CompletableFuture.completedFuture("paid"))
                .toCompletableFuture();
        clock.advance(Duration.ofMillis(29_999));
        assertThat(made).hasValue(1);
        clock.advance(Duration.ofMillis(3_001)); // it may be up to a tenth later
        await().until(result::isDone);
        assertThat(result).isCompletedWithValue("paid");
    }

    @Test
    void neverComesSoonerThanItsOwnBackoffThoughAskedTo() {
        ResilientCall call = resilience.open(heedful(Duration.ofMinutes(1)));
        CompletableFuture<String> result = call.<String>callAsync(() -> made.incrementAndGet() == 1
                        ? CompletableFuture.failedFuture(new Busy(Duration.ZERO))
                        : CompletableFuture.completedFuture("paid"))
                .toCompletableFuture();
        clock.advance(Duration.ofMillis(999));
        assertThat(made).hasValue(1);
        turnUntil(result);
        assertThat(result).isCompletedWithValue("paid");
    }

    @Test
    void endsWhenItIsAskedToWaitLongerThanItBears() {
        ResilientCall call = resilience.open(heedful(Duration.ofSeconds(10)));
        assertThatThrownBy(() -> call.call(() -> {
                    made.incrementAndGet();
                    throw new Busy(Duration.ofSeconds(11));
                }))
                .isInstanceOf(Busy.class);
        assertThat(made).hasValue(1);
        assertThat(call.stats().outOfBudget()).isZero();
    }

    @Test
    void aNameThatNobodyUsesMakesRoom() throws Exception {
        ResilientCall kept = resilience.of(CallPolicy.named("n0"));
        assertThat(resilience.of(CallPolicy.named("n0"))).isSameAs(kept);
        for (int i = 1; i < Resilience.MOST; i++) {
            resilience.of(CallPolicy.named("n" + i));
        }
        assertThatThrownBy(() -> resilience.of(CallPolicy.named("more")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("128 names are in use");
        CompletableFuture<String> slow = new CompletableFuture<>();
        CompletableFuture<String> waiting =
                resilience.of(CallPolicy.named("n1")).callAsync(() -> slow).toCompletableFuture();
        clock.advance(Duration.ofMinutes(2));
        assertThat(kept.call(() -> "used")).isEqualTo("used");

        resilience.of(CallPolicy.named("more")); // n0 was used just now and of n1 a call is under way

        assertThat(resilience.stats())
                .hasSize(Resilience.MOST)
                .extracting(CallStats::name)
                .contains("n0", "n1", "more");
        slow.complete("at last");
        assertThat(waiting).isCompletedWithValue("at last");
        assertThat(resilience.remove("n1")).isTrue();
        assertThat(resilience.remove("n1")).isFalse();
        assertThat(resilience.stats()).hasSize(Resilience.MOST - 1);
    }
}
