package io.penstock.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TimerTest {
    private final ManualClock clock = new ManualClock();
    private final Timer timer = clock.timer();
    private final List<String> ran = new ArrayList<>();

    private void note(String what) {
        ran.add(what + "@" + (clock.nanos() - 1_000_000_000L) / 1_000_000);
    }

    @Test
    void runsTasksInTheOrderTheyFallDue() {
        timer.every("slow", Duration.ofMillis(30), () -> note("slow"));
        timer.every("fast", Duration.ofMillis(20), () -> note("fast"));
        timer.after("once", Duration.ofMillis(25), () -> note("once"));

        clock.advance(Duration.ofMillis(65));

        assertThat(ran).containsExactly("fast@20", "once@25", "slow@30", "fast@40", "slow@60", "fast@60");
        assertThat(timer.stats()).hasSize(2);
    }

    @Test
    void aTaskMayPlanItsOwnNextRun() {
        AtomicReference<Task> self = new AtomicReference<>();
        self.set(timer.every("promoter", Duration.ofMillis(100), () -> {
            note("p");
            if (ran.size() == 1) {
                self.get().reschedule(Duration.ofMillis(7));
            }
        }));

        clock.advance(Duration.ofMillis(250));

        assertThat(ran).containsExactly("p@100", "p@107", "p@207");
    }

    @Test
    void runNowOutsideARunMovesTheNextRunForward() {
        Task task = timer.every("prune", Duration.ofSeconds(5), () -> note("x"));

        task.runNow();
        task.runNow();
        clock.runDue();

        assertThat(ran).containsExactly("x@0");
        clock.advance(Duration.ofSeconds(5));
        assertThat(ran).containsExactly("x@0", "x@5000");
    }

    @Test
    void aClosedTaskNeverRunsAgain() {
        Task task = timer.every("t", Duration.ofMillis(10), () -> note("t"));
        clock.advance(Duration.ofMillis(10));

        task.close();
        task.runNow();
        clock.advance(Duration.ofSeconds(1));

        assertThat(ran).containsExactly("t@10");
        assertThat(timer.stats()).isEmpty();
    }

    @Test
    void aTaskThatThrowsIsCountedAndDoesNotDisturbTheOthers() {
        timer.every("bad", Duration.ofMillis(10), () -> {
            throw new StackOverflowError("planned by the test");
        });
        timer.every("good", Duration.ofMillis(10), () -> note("good"));

        clock.advance(Duration.ofMillis(35));

        assertThat(ran).hasSize(3);
        assertThat(timer.stats())
                .filteredOn(s -> s.name().equals("bad"))
                .first()
                .satisfies(s -> assertThat(s.failures()).isEqualTo(3));
    }

    @Test
    void refusesMoreTasksThanItsBound() {
        for (int i = 0; i < Timer.MOST_TASKS; i++) {
            timer.after("t" + i, Duration.ofDays(1), () -> {});
        }

        assertThatThrownBy(() -> timer.after("one more", Duration.ofDays(1), () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one more")
                .hasMessageContaining("1024");
    }

    @Test
    void aRealTimerRunsOnOneThreadAndEndsIt() throws Exception {
        try (Threads threads = new Threads(4)) {
            Timer real = new Timer(Clock.system(), threads);
            CountDownLatch thrice = new CountDownLatch(3);
            AtomicReference<String> name = new AtomicReference<>();
            real.every("tick", Duration.ofMillis(1), () -> {
                name.set(Thread.currentThread().getName());
                thrice.countDown();
            });

            assertThat(thrice.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(name).hasValue("penstock-timer");
            assertThat(threads.alive()).isEqualTo(2); // its guard sleeps beside it

            real.close();
            await().until(() -> threads.alive() == 0);
            assertThatThrownBy(() -> real.after("late", Duration.ZERO, () -> {}))
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void wakesForATaskThatIsMovedToNow() throws Exception {
        try (Threads threads = new Threads(4);
                Timer real = new Timer(Clock.system(), threads)) {
            AtomicInteger runs = new AtomicInteger();
            Task task = real.every("rare", Duration.ofHours(1), runs::incrementAndGet);

            task.runNow();

            await().until(() -> runs.get() == 1);
        }
    }

    @Test
    void maySafelyBeClosedFromItsOwnTask() throws Exception {
        try (Threads threads = new Threads(4)) {
            Timer real = new Timer(Clock.system(), threads);
            real.after("last", Duration.ZERO, real::close);

            await().until(() -> threads.alive() == 0);
        }
    }

    @Test
    void tellsOfEachTaskWhenItRanAndHowLate() {
        timer.every("pulse", Duration.ofMillis(100), () -> {});

        clock.leap(Duration.ofMillis(140));

        TaskStats pulse = timer.stats().get(0);
        assertThat(pulse.period()).isEqualTo(Duration.ofMillis(100));
        assertThat(pulse.runs()).isEqualTo(1);
        assertThat(pulse.overruns()).isZero();
        assertThat(pulse.latestNanos()).isEqualTo(40_000_000);
        assertThat(pulse.jitterNanos()).isEqualTo(40_000_000);
        assertThat(pulse.running()).isFalse();
        assertThat(pulse.lastRunAt()).isEqualTo(Instant.ofEpochMilli(clock.millis()));
        assertThat(pulse.nextDueAt()).isEqualTo(Instant.ofEpochMilli(clock.millis() + 100));
        clock.advance(Duration.ofMillis(100));
        assertThat(timer.stats().get(0).jitterNanos()).isEqualTo(37_500_000);
        assertThat(timer.stats().get(0).latestNanos()).isEqualTo(40_000_000);
    }

    @Test
    void aTaskThatBlocksDelaysNoOther() throws Exception {
        try (Threads threads = new Threads(10);
                Timer real = new Timer(Clock.system(), threads)) {
            CountDownLatch release = new CountDownLatch(1);
            CountDownLatch held = new CountDownLatch(2);
            AtomicInteger beats = new AtomicInteger();
            Task beat = real.every("beat", Duration.ofMillis(5), beats::incrementAndGet);
            List<Task> stuck = List.of(
                    real.every("stuck 1", Duration.ofMillis(20), () -> waitFor(held, release)),
                    real.every("stuck 2", Duration.ofMillis(20), () -> waitFor(held, release)));
            assertThat(held.await(60, TimeUnit.SECONDS)).isTrue(); // the second one began although the first one blocks
            int before = beats.get();
            await().until(() -> beats.get() > before + 100);

            assertThat(stuck.get(0).stats().running()).isTrue();
            assertThat(stuck.get(0).stats().nextDueAt()).isNull();
            // generous, because a busy machine is late by itself; without the guard it would be for ever
            assertThat(beat.stats().latestNanos()).isLessThan(2_000_000_000);
            await().until(() -> threads.alive() == 4);
            release.countDown();
            await().until(() -> threads.alive() == 2);
            await().until(() ->
                    stuck.get(0).stats().runs() > 3 && stuck.get(1).stats().runs() > 3);
            assertThat(stuck.get(0).stats().overruns()).isEqualTo(1);
            assertThat(stuck.get(0).stats().longestNanos()).isGreaterThan(Timer.BUDGET.toNanos());
        }
    }

    private static void waitFor(CountDownLatch held, CountDownLatch release) {
        held.countDown();
        try {
            release.await();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void closesBesideATaskThatBlocksAndLeavesItToTheThreads() throws Exception {
        Threads threads = new Threads(10);
        Timer real = new Timer(Clock.system(), threads);
        CountDownLatch held = new CountDownLatch(1);
        real.after("stuck", Duration.ZERO, () -> waitFor(held, new CountDownLatch(1)));
        held.await();
        await().until(() -> threads.alive() == 3);

        real.close();

        assertThat(threads.alive()).isEqualTo(1);
        threads.close(); // interrupts it
        assertThat(threads.alive()).isZero();
    }

    @Test
    void leavesNoThreadWhenItsSecondOneIsNotToBeHad() {
        try (Threads threads = new Threads(1)) {
            assertThatThrownBy(() -> new Timer(Clock.system(), threads)).hasMessageContaining("timer-guard");
            assertThat(threads.alive()).isZero();
        }
    }
}
