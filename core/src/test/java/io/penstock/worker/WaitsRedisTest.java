package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Backoff;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.job.RetryPolicy;
import io.penstock.queue.Change;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Steps, sleeps and signals as a handler uses them. */
@ExtendWith(EmbeddedRedisExtension.class)
@Timeout(60)
class WaitsRedisTest {
    private static final RetryPolicy QUICK = RetryPolicy.of(Backoff.fixed(Duration.ofMillis(20)), 3);
    private static final Duration HOUR = Duration.ofHours(1);

    private Rig rig;

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new Rig(server);
    }

    @AfterEach
    void closeAndLeaveNoThread() {
        rig.close();
        assertThat(rig.threads.alive()).isZero();
    }

    record Approval(String by, int amount) {}

    @Test
    void waitsForASignalWithoutASlotAndGoesOnWithItsValue() {
        JobType<Integer> type = rig.type("approve");
        JobType<Integer> other = rig.type("other");
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger reserved = new AtomicInteger();
        rig.handlers.handle(other, (n, context) -> seen.add("other"));
        rig.handlers.handle(type, (n, context) -> {
            context.step("reserve", reserved::incrementAndGet);
            seen.add(context.awaitSignal("approved", HOUR, Approval.class));
        });
        rig.start(1);

        JobId id = rig.enqueue(type);
        rig.awaitState(id, JobState.DELAYED);
        rig.awaitState(rig.enqueue(other), JobState.COMPLETED); // the one slot is free
        Change told = rig.queue.signal(id, "approved", new Approval("eve", 7));

        assertThat(told.state()).isEqualTo(JobState.WAITING);
        Job done = rig.awaitState(id, JobState.COMPLETED);
        assertThat(seen).containsExactly("other", Optional.of(new Approval("eve", 7)));
        assertThat(done.attempt()).isEqualTo(1);
        assertThat(done.deliveries()).isEqualTo(2);
        assertThat(reserved).hasValue(1);
    }

    @Test
    void aSignalStaysForEveryLaterRun() {
        JobType<Integer> type = rig.type("thrice").retry(QUICK);
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        rig.handlers.handle(type, (n, context) -> {
            seen.add(context.awaitSignal("go", HOUR, String.class).orElse("?"));
            if (context.attempt() < 3) {
                throw new IOException("planned by the test");
            }
        });
        JobId id = rig.enqueue(type);
        rig.queue.signal(id, "go", "now");
        rig.start(1);

        rig.awaitState(id, JobState.COMPLETED);
        assertThat(seen).containsExactly("now", "now", "now");
    }

    @Test
    void isToldWhenTheTimeIsOverAndInLaterRunsToo() {
        JobType<Integer> type = rig.type("late").retry(QUICK);
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        rig.handlers.handle(type, (n, context) -> {
            seen.add(context.awaitSignal("go", Duration.ofMillis(150), String.class));
            seen.add(context.awaitSignal("look", Duration.ZERO, String.class));
            if (context.attempt() == 1) {
                throw new IOException("planned by the test");
            }
        });
        rig.start(1);

        JobId id = rig.enqueue(type);

        rig.awaitState(id, JobState.COMPLETED);
        assertThat(seen).hasSize(4).containsOnly(Optional.empty());
    }

    @Test
    void sleepsOnceWithoutASlotAndNeverTooShort() {
        JobType<Integer> type = rig.type("sleepy").retry(QUICK);
        Map<Integer, Long> times = new ConcurrentHashMap<>();
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            times.put(runs.incrementAndGet(), rig.timer.clock().nanos());
            context.sleep("nap", Duration.ofMillis(300));
            context.sleep("none", Duration.ZERO);
            if (context.attempt() == 1) {
                throw new IOException("planned by the test");
            }
        });
        rig.start(1);

        JobId id = rig.enqueue(type);

        Job done = rig.awaitState(id, JobState.COMPLETED);
        assertThat(runs).hasValue(3); // until the nap, until the fault, to the end
        assertThat(done.attempt()).isEqualTo(2);
        assertThat(Duration.ofNanos(times.get(2) - times.get(1))).isGreaterThanOrEqualTo(Duration.ofMillis(299));
    }

    @Test
    void snoozingResumesWithItsSteps() {
        JobType<Integer> type = rig.type("resume");
        AtomicInteger parts = new AtomicInteger();
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            for (int i = 0; i < 5; i++) {
                int part = context.step("part" + i, parts::incrementAndGet);
                if (part == runs.get() + 1 && runs.incrementAndGet() < 5) {
                    throw context.snooze(Duration.ofMillis(5));
                }
            }
        });
        rig.start(1);

        Job done = rig.awaitState(rig.enqueue(type), JobState.COMPLETED);
        assertThat(parts).hasValue(5);
        assertThat(done.attempt()).isEqualTo(1);
    }

    @Test
    void saysWhatIsWrongWithNamesTimesAndValues() {
        JobType<Integer> type = rig.type("wrong").retry(RetryPolicy.never());
        rig.handlers.handle(type, (n, context) -> {
            switch (n) {
                case 0 -> context.step("a b", () -> 1);
                case 1 -> context.sleep("", HOUR);
                case 2 -> context.awaitSignal("a=b", HOUR, String.class);
                case 3 -> context.snooze(Duration.ofDays(400));
                case 4 -> context.step("large", () -> "x".repeat(Steps.MOST_VALUE_BYTES));
                case 5 -> {
                    for (int i = 0; i < 5; i++) {
                        context.step("s" + i, () -> "x".repeat(Steps.MOST_VALUE_BYTES - 2));
                    }
                }
                default -> context.awaitSignal("go", HOUR, Approval.class);
            }
        });
        rig.start(4);
        List<JobId> ids = new ArrayList<>();
        for (int n = 0; n < 7; n++) {
            ids.add(rig.enqueue(type.spec(n)));
        }
        rig.queue.signal(ids.get(6), "go", List.of(1, 2));

        List<String> messages = ids.stream()
                .map(id -> rig.awaitState(id, JobState.FAILED).error().message())
                .toList();
        assertThat(messages.get(0)).contains("step name \"a b\" is not legal");
        assertThat(messages.get(1)).contains("sleep name \"\" is not legal");
        assertThat(messages.get(2)).contains("signal name \"a=b\" is not legal");
        assertThat(messages.get(3)).contains("longer than");
        assertThat(messages.get(4)).contains("a step may give 65536");
        assertThat(messages.get(5)).contains("all of a job 262144");
        assertThat(messages.get(6)).contains("does not read as");
    }

    @Test
    void aRememberedValueOfAnotherClassIsToldInWords() {
        JobType<Integer> type = rig.type("changed").retry(RetryPolicy.of(Backoff.fixed(Duration.ofMillis(10)), 2));
        rig.handlers.handle(type, (n, context) -> {
            if (context.attempt() == 1) {
                context.step("value", () -> "text");
                throw new IOException("planned by the test");
            }
            context.step("value", () -> 5);
        });
        rig.start(1);

        Job dead = rig.awaitState(rig.enqueue(type), JobState.FAILED);
        assertThat(dead.error().message()).contains("was remembered by an earlier run");
    }

    @Test
    void signalsFromManySendersWhileJobsRunAreAllReceived() {
        int many = 400;
        JobType<Integer> type = rig.type("many");
        Map<JobId, Integer> got = new ConcurrentHashMap<>();
        AtomicInteger double_ = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            int first = context.awaitSignal("a", HOUR, Integer.class).orElseThrow();
            int second = context.awaitSignal("b", HOUR, Integer.class).orElseThrow();
            if (got.put(context.id(), first + second) != null) {
                double_.incrementAndGet();
            }
        });
        rig.start(8);
        List<JobId> ids = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            ids.add(rig.enqueue(type));
        }
        CountDownLatch sent = new CountDownLatch(4);
        for (int sender = 0; sender < 4; sender++) {
            int part = sender;
            rig.threads.start("sender-" + sender, () -> {
                String name = part % 2 == 0 ? "a" : "b";
                for (int i = part / 2; i < many; i += 2) {
                    rig.queue.signal(ids.get(i), name, i);
                }
                sent.countDown();
            });
        }

        await().until(() -> rig.queue.counts().completed() == many);
        for (int i = 0; i < many; i++) {
            assertThat(got).containsEntry(ids.get(i), 2 * i);
        }
        assertThat(double_).hasValue(0);
        await().until(() -> sent.getCount() == 0);
    }

    @Test
    void aJobThatWaitsCanBeCancelled() {
        JobType<Integer> type = rig.type("cancelled");
        rig.handlers.handle(type, (n, context) -> context.awaitSignal("never", HOUR, String.class));
        rig.start(1);

        JobId id = rig.enqueue(type);
        rig.awaitState(id, JobState.DELAYED);

        assertThat(rig.queue.cancel(id).state()).isEqualTo(JobState.CANCELLED);
        assertThat(rig.queue.signal(id, "never", true).result()).isEqualTo(Change.Result.CONFLICT);
    }
}
