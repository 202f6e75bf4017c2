package io.penstock.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
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

            assertThat(thrice.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(name).hasValue("penstock-timer");
            assertThat(threads.alive()).isEqualTo(1);

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
}
