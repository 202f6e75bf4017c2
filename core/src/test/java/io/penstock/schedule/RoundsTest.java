package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.runtime.ManualClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private final ManualClock clock = new ManualClock();
    private final List<Long> calls = new ArrayList<>();
    private final Deque<CompletableFuture<Integer>> open = new ArrayDeque<>();
    private Duration hold = Duration.ZERO;
    private final long begin = clock.nanos();

    private final Rounds<Integer> rounds = new Rounds<>(clock.timer(), "test", Duration.ofSeconds(2)) {
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
        assertThat(Promoter.next(0, 5)).isEqualTo(Duration.ofMillis(20));
        assertThat(Promoter.next(3, 700)).isEqualTo(Duration.ofMillis(700));
        assertThat(Promoter.next(0, -1)).isBetween(Duration.ofMillis(800), Duration.ofMillis(1_200));
        assertThat(Promoter.next(0, 86_400_000)).isBetween(Duration.ofMillis(800), Duration.ofMillis(1_200));
        assertThat(Promoter.next(500, 0)).isZero();
    }
}
