package io.penstock.memory.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.memory.gc.GcEvent;
import io.penstock.runtime.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;

/** Random lives of many jobs under one line: never negative, never over by more than one job, never stuck. */
class LoadLineModelTest {
    private static final long HEAP = 1 << 26;

    private final ManualClock clock = new ManualClock();
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final List<Permit> waiting = new ArrayList<>();
    private final List<Permit> running = new ArrayList<>();
    private final LoadLine line =
            new LoadLine(LoadLineConfig.DEFAULT.groupBytes(HEAP / 4), new HeapFacts(HEAP, 1 << 20, false), clock);
    private long hand;

    @RepeatedTest(50)
    void staysWithinItsLineAndMovesOn() {
        for (int step = 0; step < 2_000; step++) {
            move();
            check("seed " + seed + " step " + step);
        }
        int left = running.size() + waiting.size();
        for (int i = 0; i < left; i++) {
            settle();
            assertThat(running)
                    .as("seed %d: stuck with %d waiting", seed, waiting.size())
                    .isNotEmpty();
            running.remove(0).leave();
        }
        line.release(hand);
        LoadLineStats end = line.stats();
        assertThat(end.running() + end.waiting()).as("seed %d", seed).isZero();
        assertThat(end.runningBytes() + end.handBytes()).as("seed %d", seed).isZero();
    }

    private void move() {
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> enter();
            case 3, 4 -> leave(running);
            case 5 -> withdraw();
            case 6 -> collect();
            case 7 -> look();
            default -> hands();
        }
        settle();
    }

    private void enter() {
        long bytes = random.nextInt(20) == 0
                ? HEAP - random.nextInt(1_000) // oversize: may run, alone
                : 1 + random.nextInt((int) HEAP / 8);
        String group = random.nextBoolean() ? null : "g" + random.nextInt(3);
        Permit permit = line.permit(new Permit.Request("t" + random.nextInt(5), 100, bytes, group), () -> {});
        (permit.enter() ? running : waiting).add(permit);
    }

    private void leave(List<Permit> from) {
        if (!from.isEmpty()) {
            Permit permit = from.remove(random.nextInt(from.size()));
            permit.leave();
            if (random.nextInt(4) == 0) {
                permit.leave();
            }
        }
    }

    private void withdraw() {
        if (!waiting.isEmpty()) {
            Permit permit = waiting.get(random.nextInt(waiting.size()));
            if (permit.withdraw()) {
                waiting.remove(permit);
            }
        }
    }

    private void collect() {
        long after = random.nextInt((int) (random.nextInt(10) == 0 ? HEAP : HEAP / 2));
        line.collected(new GcEvent("any", "", random.nextBoolean(), false, HEAP, after, random.nextInt(50), 1));
    }

    private void look() {
        clock.advance(Duration.ofMillis(random.nextInt(400)));
        line.look();
    }

    private void hands() {
        if (random.nextBoolean()) {
            hand += line.admit(1 + random.nextInt(1 << 20));
        } else {
            line.release(hand);
            hand = 0;
        }
    }

    /** Those that were let in run. */
    private void settle() {
        for (Permit permit : List.copyOf(waiting)) {
            if (permit.held()) {
                waiting.remove(permit);
                running.add(permit);
            }
        }
    }

    private void check(String when) {
        LoadLineStats now = line.stats();
        assertThat(now.running()).as(when).isEqualTo(running.size());
        assertThat(now.waiting()).as(when).isEqualTo(waiting.size());
        assertThat(now.runningBytes())
                .as(when)
                .isEqualTo(running.stream().mapToLong(p -> p.cost).sum());
        assertThat(now.handBytes()).as(when).isEqualTo(hand).isNotNegative();
        long largest = running.stream().mapToLong(p -> p.cost).max().orElse(0);
        assertThat(now.runningBytes() - largest)
                .as(when + ": over the line by more than one job")
                .isLessThanOrEqualTo(now.lineBytes());
        if (!waiting.isEmpty()) {
            assertThat(running).as(when + ": all wait for nobody").isNotEmpty();
        }
    }
}
