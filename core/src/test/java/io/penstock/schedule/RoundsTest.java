package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private final ManualClock clock = new ManualClock();
    private final List<Long> calls = new ArrayList<>();
    private final Deque<CompletableFuture<Integer>> open = new ArrayDeque<>();
    private Duration hold = Duration.ZERO;
    private final long begin = clock.nanos();

    private final Timer timer = clock.timer();
    private final Beat beat = new Beat(timer, "test");

    private final Rounds<Integer> rounds = new Rounds<>(beat, "test", Duration.ofSeconds(2)) {
        @Override
        CompletionStage<Integer> call() {
            calls.add((clock.nanos() - begin) / 1_000_000);
            CompletableFuture<Integer> reply = new CompletableFuture<>();
            open.add(reply);
            return reply;
        }

        @Override
        Duration next(Integer reply) {
            return Duration.ofMillis(reply);
        }

        @Override
        Duration holdOff() {
            return hold;
        }
    };

    private void startAndAwaitFirst() {
        rounds.start();
        clock.advance(Duration.ofMillis(120));
        assertThat(calls).hasSize(1);
    }

    @Test
    void theAnswerSaysWhenTheNextCallComes() {
        startAndAwaitFirst();

        open.remove().complete(50);
        clock.advance(Duration.ofMillis(49));
        assertThat(calls).hasSize(1);
        clock.advance(Duration.ofMillis(1));

        assertThat(calls).hasSize(2);
        rounds.close();
    }

    @Test
    void neverTwoCallsAtOnce() {
        startAndAwaitFirst();

        rounds.within(Duration.ZERO);
        clock.advance(Duration.ofSeconds(10));

        assertThat(calls).hasSize(1);
        rounds.close();
    }

    @Test
    void aWishMadeDuringACallIsNotLost() {
        startAndAwaitFirst();
        rounds.within(Duration.ofMillis(30));

        open.remove().complete(1_000);
        clock.advance(Duration.ofMillis(30));

        assertThat(calls).hasSize(2);
        rounds.close();
    }

    @Test
    void aWishBringsTheNextCallForwardAndNeverPutsItOff() {
        startAndAwaitFirst();
        open.remove().complete(100);

        rounds.within(Duration.ofMillis(500));
        rounds.within(Duration.ofMillis(40));
        clock.advance(Duration.ofMillis(40));

        assertThat(calls).hasSize(2);
        rounds.close();
    }

    @Test
    void goesOnAfterAFailure() {
        startAndAwaitFirst();

        open.remove().completeExceptionally(new IllegalStateException("planned by the test"));
        clock.advance(Duration.ofMillis(1_500));
        assertThat(calls).hasSize(1);
        clock.advance(Duration.ofSeconds(1));

        assertThat(calls).hasSize(2);
        rounds.close();
    }

    @Test
    void holdsOffAsLongAsItIsTold() {
        hold = Duration.ofSeconds(15);
        rounds.start();
        clock.advance(Duration.ofMillis(150));
        assertThat(calls).isEmpty();

        hold = Duration.ZERO;
        clock.advance(Duration.ofSeconds(15));

        assertThat(calls).hasSize(1);
        rounds.close();
    }

    @Test
    void aClosedOneNeverCallsAgain() {
        startAndAwaitFirst();

        rounds.close();
        open.remove().complete(0);
        clock.advance(Duration.ofSeconds(10));

        assertThat(calls).hasSize(1);
    }

    @Test
    void thePromoterSleepsUntilTheNextJobIsDueWithinItsBounds() {
        Duration idle = Duration.ofMillis(1_100);
        assertThat(Promoter.next(0, 5, idle)).isEqualTo(Duration.ofMillis(20));
        assertThat(Promoter.next(3, 700, idle)).isEqualTo(Duration.ofMillis(700));
        assertThat(Promoter.next(0, -1, idle)).isEqualTo(idle);
        assertThat(Promoter.next(0, 86_400_000, idle)).isEqualTo(idle);
        assertThat(Promoter.next(500, 0, idle)).isZero();
    }

    @Test
    void aThousandQueuesShareOneTaskAndKeepTheirPaceOrSlowDownTogether() {
        AtomicInteger called = new AtomicInteger();
        List<Rounds<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Rounds<Integer> one = new Rounds<>(beat, "one", Duration.ofSeconds(2)) {
                @Override
                CompletionStage<Integer> call() {
                    called.incrementAndGet();
                    return CompletableFuture.completedFuture(0);
                }

                @Override
                Duration next(Integer reply) {
                    return idle(Duration.ofSeconds(1));
                }
            };
            one.start();
            all.add(one);
        }
        assertThat(timer.stats()).hasSize(1);
        clock.advance(Duration.ofSeconds(21));
        assertThat(called.get()).isBetween(9_000, 12_000);
        assertThat(timer.stats().get(0).runs()).isLessThan(21 * 200);

        all.get(0).within(Duration.ZERO);
        int before = called.get();
        clock.advance(Duration.ofMillis(6));
        assertThat(called.get()).isGreaterThan(before);

        all.forEach(Rounds::close);
        before = called.get();
        clock.advance(Duration.ofSeconds(5));
        assertThat(called.get()).isEqualTo(before);
    }
}
