package io.penstock.memory.optimise;

import static io.penstock.memory.optimise.House.MB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.memory.optimise.Optimisation.StepReport;
import io.penstock.memory.optimise.OptimisationRefused.Reason;
import io.penstock.runtime.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OptimiserTest {
    private static final Request STANDARD = Request.manual("standard", "test");

    private final House house = new House();

    @AfterEach
    void leaveNothingBehind() {
        house.close();
        assertThat(house.threads.alive()).isZero();
        assertThat(house.timer.stats()).isEmpty();
        assertThat(Optimiser.taken()).isFalse();
    }

    @Test
    void reportsByHowMuchTheLiveSetFell() {
        house.optimiser.contribute(house.freeing("cache", 200 * MB));
        Optimisation report = house.run(STANDARD);
        assertThat(report.freedBytes()).isEqualTo(200 * MB);
        assertThat(report.measured()).isTrue();
        assertThat(report.before().liveSetBytes()).isEqualTo(500 * MB);
        assertThat(report.after().liveSetBytes()).isEqualTo(300 * MB);
        assertThat(report.success()).isTrue();
        assertThat(report.strategy()).isEqualTo("standard");
        assertThat(report.outcome()).contains("fell by 200.0 MiB").contains("was met");
        assertThat(house.collector.collections).as("the pair around the steps").hasValue(2);
    }

    @Test
    void reportsNothingWhenNothingWasFreed() {
        house.optimiser.contribute(House.step("cache", () -> 0L));
        Optimisation report = house.run(STANDARD);
        assertThat(report.freedBytes()).isZero();
        assertThat(report.success()).isFalse();
        assertThat(report.outcome()).contains("no step let go of anything").contains("not met");
    }

    @Test
    void believesTheCollectorAndNotAStepThatBoasts() {
        house.optimiser.contribute(House.step("boaster", () -> 300 * MB));
        Optimisation report = house.run(STANDARD);
        assertThat(report.freedBytes()).isZero();
        assertThat(step(report, "boaster").freedBytes()).isEqualTo(300 * MB);
        assertThat(report.success()).isFalse();
    }

    @Test
    void believesAnInexactCollectorOnlyAsFarAsTheSteps() {
        house.collector.exact = false;
        house.optimiser.contribute(House.step("cache", () -> {
            house.gauge.live.addAndGet(-200 * MB); // 170 of it ended by itself
            return 30 * MB;
        }));
        assertThat(house.run(STANDARD).freedBytes()).isEqualTo(30 * MB);
    }

    @Test
    void claimsNothingOfWhatEndedByItself() {
        house.optimiser.contribute(House.step("cache", () -> {
            house.gauge.live.addAndGet(-200 * MB); // a job of 100 MB ended meanwhile
            return 100 * MB;
        }));
        Optimisation report = house.run(STANDARD);
        assertThat(report.freedBytes()).isEqualTo(105 * MB);
        assertThat(report.outcome()).contains("fell by 200.0 MiB").contains("the steps account for 105.0 MiB");
    }

    @Test
    void saysWhenItCouldNotMeasure() {
        house.collector.refusal = "the JVM runs with DisableExplicitGC";
        house.optimiser.contribute(house.freeing("cache", 200 * MB));
        Optimisation report = house.run(STANDARD);
        assertThat(report.freedBytes()).isZero();
        assertThat(report.measured()).isFalse();
        assertThat(report.success()).isFalse();
        assertThat(report.outcome())
                .contains("not measured")
                .contains("DisableExplicitGC")
                .contains("200.0 MiB");
        assertThat(house.collector.collections).hasValue(0);
    }

    @Test
    void measuresByCollectionsThatComeByThemselves() {
        house.collector.refusal = "not now";
        house.collector.collected();
        house.optimiser.contribute(house.freeing("cache", 200 * MB));
        CompletableFuture<Optimisation> report = begin(STANDARD);
        await().until(() -> !house.collector.waiting.isEmpty());
        house.collector.collected();
        assertThat(report.join().freedBytes()).isEqualTo(200 * MB);
        assertThat(house.collector.collections).hasValue(0);
    }

    @Test
    void goesOnWhenNoCollectionComes() {
        house.collector.refusal = "not now";
        house.collector.collected();
        house.optimiser.contribute(house.freeing("cache", 200 * MB));
        Optimisation report = house.run(STANDARD);
        assertThat(report.measured()).isFalse();
        assertThat(report.outcome()).contains("none came by itself within 10 s");
    }

    @Test
    void reportsAStepThatThrowsAndGoesOn() {
        house.optimiser.contribute(House.step("broken", () -> {
            throw new IllegalStateException("planted");
        }));
        house.optimiser.contribute(House.step("worse", () -> {
            throw new OutOfMemoryError("planted");
        }));
        house.optimiser.contribute(house.freeing("sound", 100 * MB));
        Optimisation report = house.run(STANDARD);
        assertThat(step(report, "broken").ok()).isFalse();
        assertThat(step(report, "broken").error()).isEqualTo("IllegalStateException: planted");
        assertThat(step(report, "worse").error()).isEqualTo("OutOfMemoryError: planted");
        assertThat(step(report, "sound").ok()).isTrue();
        assertThat(report.freedBytes()).isEqualTo(100 * MB);
    }

    @Test
    void givesUpAStepThatHangsAndDoesNotBeginItAgain() {
        CountDownLatch stuck = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        house.optimiser.contribute(House.step("hanging", () -> {
            begun.incrementAndGet();
            awaitUninterruptibly(stuck);
            return 1L;
        }));
        house.optimiser.contribute(house.freeing("sound", 100 * MB));
        Optimisation report = house.run(STANDARD);
        assertThat(step(report, "hanging").error()).contains("did not return within 5 s");
        assertThat(step(report, "sound").ok()).isTrue();
        assertThat(report.freedBytes()).isEqualTo(100 * MB);
        assertThat(house.optimiser.stats().hanging()).isEqualTo(1);

        house.clock.advance(Duration.ofMinutes(1));
        assertThat(step(house.run(STANDARD), "hanging").error()).contains("has not returned yet");
        assertThat(begun).hasValue(1);

        stuck.countDown();
        await().until(() -> house.optimiser.stats().hanging() == 0);
    }

    @Test
    void leavesNoMoreThreadsBehindThanItsBound() {
        CountDownLatch stuck = new CountDownLatch(1);
        for (int i = 0; i < Isolation.MOST_HANGING + 2; i++) {
            house.optimiser.contribute(House.step("hanging" + i, () -> {
                awaitUninterruptibly(stuck);
                return 1L;
            }));
        }
        Optimisation report = house.run(STANDARD);
        assertThat(house.optimiser.stats().hanging()).isEqualTo(Isolation.MOST_HANGING);
        assertThat(step(report, "hanging5").error()).contains("4 steps hang, the most that may");
        stuck.countDown();
        await().until(() -> house.optimiser.stats().hanging() == 0);
    }

    @Test
    void beginsNoStepAfterTheDeadlineOfTheRun() {
        house.optimiser.contribute(House.step("slow", () -> {
            house.clock.leap(Duration.ofSeconds(61)); // its own deadline falls due with it
            return 1L;
        }));
        house.optimiser.contribute(house.freeing("late", 100 * MB));
        Optimisation report = house.run(STANDARD);
        assertThat(step(report, "late").ok()).isFalse();
        assertThat(step(report, "late").error()).contains("the run's 60 s were over");
    }

    @Test
    void runsOnlyOneAtATime() {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        house.optimiser.contribute(House.step("slow", () -> {
            entered.countDown();
            go.await();
            return 1L;
        }));
        CompletableFuture<Optimisation> first = begin(STANDARD);
        await().until(() -> entered.getCount() == 0);
        assertThat(house.refused(new Request(Trigger.EMERGENCY, "emergency", "test", true))
                        .reason())
                .isEqualTo(Reason.UNDERWAY);
        go.countDown();
        assertThat(first.join().steps()).isNotEmpty();
        assertThat(house.optimiser.stats().runs()).isEqualTo(1);
        assertThat(house.optimiser.stats().refused()).isEqualTo(1);
    }

    @Test
    void waitsBetweenRunsOfOneTriggerUnlessForced() {
        house.optimiser.contribute(house.freeing("cache", 20 * MB));
        house.run(Request.emergency("test"));
        OptimisationRefused refused = house.refused(Request.emergency("test"));
        assertThat(refused.reason()).isEqualTo(Reason.COOLDOWN);
        assertThat(refused.retryAfter()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
        house.run(STANDARD);
        assertThat(house.refused(STANDARD).retryAfter()).isLessThanOrEqualTo(Duration.ofSeconds(10));
        assertThat(house.run(new Request(Trigger.MANUAL, "standard", "test", true))
                        .freedBytes())
                .isEqualTo(20 * MB);
        house.clock.advance(Duration.ofMinutes(5));
        house.run(Request.emergency("test"));
    }

    @Test
    void leavesOutAStepThatGaveNothingAndTriesItAgainLater() {
        AtomicInteger begun = new AtomicInteger();
        house.optimiser.contribute(House.step("empty", () -> {
            begun.incrementAndGet();
            return 0L;
        }));
        for (int run = 0; run < StepGains.FRUITLESS + StepGains.LEFT_OUT; run++) {
            house.run(STANDARD);
            house.clock.advance(Duration.ofMinutes(1));
        }
        assertThat(begun).hasValue(StepGains.FRUITLESS);
        assertThat(step(house.optimiser.history(1).get(0), "empty").error()).contains("left out");
        house.run(STANDARD);
        assertThat(begun).hasValue(StepGains.FRUITLESS + 1);
        house.run(new Request(Trigger.MANUAL, "standard", "test", true));
        assertThat(begun).hasValue(StepGains.FRUITLESS + 2);
    }

    @Test
    void runsByItselfWhenTheLiveSetIsHighAndNotWhenGarbageIs() {
        house.gauge.used = 950 * MB;
        house.gauge.live.set(300 * MB);
        house.clock.advance(Duration.ofHours(2));
        assertThat(house.optimiser.stats().runs()).isZero();

        house.gauge.live.set(850 * MB);
        house.optimiser.contribute(house.freeing("cache", 200 * MB));
        house.clock.advance(Duration.ofSeconds(30));
        await().until(() -> house.optimiser.stats().runs() == 1);
        Optimisation report = house.optimiser.history(1).get(0);
        assertThat(report.trigger()).isEqualTo(Trigger.SCHEDULED);
        assertThat(report.strategy()).isEqualTo("standard");
        assertThat(report.reason()).isEqualTo("at 85 % of the maximum, the threshold is 80 %");
        assertThat(report.success()).as("650 of 1,000 MB, the goal is 750").isTrue();
    }

    @Test
    void obeysItsSwitches() {
        house.optimiser.policy(OptimiserPolicy.of(true, false, 75, Duration.ofSeconds(30), 0, 0));
        assertThat(house.refused(Request.preventive("test")).reason()).isEqualTo(Reason.OFF);
        house.run(STANDARD);
        house.optimiser.policy(OptimiserPolicy.of(false, true, 75, Duration.ofSeconds(30), 0, 0));
        house.clock.advance(Duration.ofMinutes(1));
        assertThat(house.refused(STANDARD)).hasMessageContaining("switched off");
    }

    @Test
    void tellsListenersAlsoWhenOneThrows() {
        List<Optimisation> told = new ArrayList<>();
        house.optimiser.onOptimisation(report -> {
            throw new IllegalStateException("planted");
        });
        Subscription place = house.optimiser.onOptimisation(told::add);
        house.run(STANDARD);
        assertThat(told).hasSize(1);
        place.close();
        house.run(new Request(Trigger.MANUAL, "standard", "test", true));
        assertThat(told).hasSize(1);
    }

    @Test
    void refusesASecondOptimiserOfTheProcessUntilTheFirstIsClosed() {
        assertThatThrownBy(House::new)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a second optimiser was not started")
                .hasMessageContaining("there may be 1");
        assertThat(Optimiser.taken()).isTrue();
        house.optimiser.close();
        new House().close();
    }

    @Test
    void closesInTheMiddleOfARun() {
        CountDownLatch entered = new CountDownLatch(1);
        house.optimiser.contribute(House.step("endless", () -> {
            entered.countDown();
            new CountDownLatch(1).await();
            return 1L;
        }));
        CompletableFuture<Optimisation> report = begin(STANDARD);
        await().until(() -> entered.getCount() == 0);
        house.optimiser.close();
        assertThatThrownBy(report::join).hasCauseInstanceOf(OptimisationRefused.class);
        await().until(() -> house.threads.alive() == 0);
        assertThat(house.refused(STANDARD).reason()).isEqualTo(Reason.OFF);
    }

    @Test
    void holdsNoMoreStepsThanItsBoundAndNoneTwice() {
        Subscription first = house.optimiser.contribute(house.freeing("cache", 1));
        assertThatThrownBy(() -> house.optimiser.contribute(house.freeing("cache", 1)))
                .hasMessageContaining("there is one of that name");
        first.close();
        house.optimiser.contribute(house.freeing("cache", 1)).close();
        while (house.optimiser.steps().size() < Optimiser.MOST_STEPS) {
            house.optimiser.contribute(
                    house.freeing("cache" + house.optimiser.steps().size(), 1));
        }
        assertThatThrownBy(() -> house.optimiser.contribute(house.freeing("more", 1)))
                .hasMessageContaining("there are 32, the most there may be");
    }

    @Test
    void knowsItsFourStrategiesAndNamesThemToWhoeverAsksForAnother() {
        assertThat(house.optimiser.strategies()).containsExactly("aggressive", "emergency", "preventive", "standard");
        assertThatThrownBy(() -> begin(Request.manual("drastic", "test")).join())
                .hasCauseInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no strategy 'drastic'");
    }

    private CompletableFuture<Optimisation> begin(Request request) {
        return house.optimiser.optimise(request).toCompletableFuture();
    }

    private static StepReport step(Optimisation report, String name) {
        return report.steps().stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** As code does that does not heed its interrupt. */
    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException ignored) {
                Thread.interrupted();
            }
        }
    }
}
