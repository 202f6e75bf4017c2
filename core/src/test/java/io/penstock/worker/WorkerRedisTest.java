package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Attempt;
import io.penstock.job.Backoff;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.job.RetryPolicy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
class WorkerRedisTest {
    private static final RetryPolicy QUICK = RetryPolicy.of(Backoff.fixed(Duration.ofMillis(30)), 3);

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

    record Mail(long user, String template) {}

    @Test
    void runsJobsWithTheirPayloads() {
        JobType<Mail> type = rig.type("mail", Mail.class);
        List<Mail> seen = Collections.synchronizedList(new ArrayList<>());
        rig.handlers.handle(type, (mail, context) -> seen.add(mail));
        rig.start(3);

        for (int i = 0; i < 100; i++) {
            rig.enqueue(type.spec(new Mail(i, "welcome")));
        }

        await().until(() -> rig.queue.counts().completed() == 100);
        assertThat(seen).hasSize(100).contains(new Mail(99, "welcome"));
    }

    @Test
    void runsTensOfThousandsOfTinyJobsEachOnce() {
        int many = 30_000;
        JobType<Integer> type = rig.type("tiny");
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> runs.incrementAndGet());
        Worker worker = rig.start(10);

        rig.queue.enqueueAll(java.util.stream.IntStream.range(0, many).mapToObj(type::spec));

        await().until(() -> rig.queue.counts().completed() == many);
        assertThat(runs).hasValue(many);
        assertThat(worker.stats().completed()).isEqualTo(many);
        assertThat(worker.stats().bytesInHand()).isZero();
    }

    @Test
    void triesAgainAfterTheBackoffAndCompletes() {
        JobType<Integer> type = rig.type("flaky").retry(QUICK);
        List<Integer> attempts = Collections.synchronizedList(new ArrayList<>());
        rig.handlers.handle(type, (n, context) -> {
            attempts.add(context.attempt());
            if (context.attempt() < 3) {
                throw new IOException("planned by the test");
            }
        });
        rig.start(2);

        JobId id = rig.enqueue(type);

        Job job = rig.awaitState(id, JobState.COMPLETED);
        assertThat(attempts).containsExactly(1, 2, 3);
        assertThat(job.attempt()).isEqualTo(3);
        assertThat(rig.queue.attempts(id)).extracting(Attempt::number).containsExactly(1, 2);
    }

    @Test
    void theJobsOwnOptionsComeBeforeThePolicyOfItsType() {
        JobType<Integer> type = rig.type("stubborn").retry(QUICK);
        rig.handlers.handle(type, (n, context) -> {
            throw new IOException("planned by the test");
        });
        rig.start(2);

        JobId id = rig.enqueue(type, 1, o -> o.maxAttempts(2).backoff(Backoff.fixed(Duration.ofMillis(10))));

        assertThat(rig.awaitState(id, JobState.FAILED).attempt()).isEqualTo(2);
    }

    @Test
    void aJobOutOfAttemptsIsADeadLetterWithItsErrorAndHistory() {
        JobType<Integer> type = rig.type("doomed").retry(QUICK);
        rig.handlers.handle(type, (n, context) -> {
            throw new IOException("no " + context.attempt());
        });
        rig.start(2);

        JobId id = rig.enqueue(type);

        Job job = rig.awaitState(id, JobState.FAILED);
        assertThat(job.attempt()).isEqualTo(3);
        assertThat(job.error().type()).isEqualTo("java.io.IOException");
        assertThat(job.error().message()).isEqualTo("no 3");
        assertThat(job.error().stack()).contains("WorkerRedisTest");
        assertThat(rig.queue.attempts(id))
                .extracting(attempt -> attempt.error().message())
                .contains("no 1", "no 2");
    }

    @Test
    void aSnoozeIsNotCharged() {
        JobType<Integer> type = rig.type("patient").retry(RetryPolicy.never());
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            if (runs.incrementAndGet() <= 3) {
                throw context.snooze(Duration.ofMillis(20));
            }
        });
        rig.start(2);

        JobId id = rig.enqueue(type);

        Job job = rig.awaitState(id, JobState.COMPLETED);
        assertThat(runs).hasValue(4);
        assertThat(job.attempt()).isEqualTo(1);
        assertThat(job.deliveries()).isEqualTo(4);
    }

    @Test
    void rulesForExceptionsDecideBeforeTheBackoff() {
        RetryPolicy rules = QUICK.notOn(FileNotFoundException.class)
                .on(ArithmeticException.class, e -> new RetryPolicy.Decision.Snooze(Duration.ofMillis(10)))
                .on(IOException.class, e -> new RetryPolicy.Decision.RetryAfter(Duration.ofMillis(10)));
        JobType<String> type = rig.type("ruled", String.class).retry(rules);
        AtomicInteger snoozed = new AtomicInteger();
        rig.handlers.handle(type, (what, context) -> {
            switch (what) {
                case "fail" -> throw new IllegalStateException(new FileNotFoundException("a cause decides, too"));
                case "retry" -> throw new IOException("planned by the test");
                default -> {
                    if (snoozed.incrementAndGet() < 3) {
                        throw new ArithmeticException("planned by the test");
                    }
                }
            }
        });
        rig.start(2);

        JobId fail = rig.enqueue(type.spec("fail"));
        JobId retry = rig.enqueue(type.spec("retry"));
        JobId snooze = rig.enqueue(type.spec("snooze"));

        assertThat(rig.awaitState(fail, JobState.FAILED).attempt()).isEqualTo(1);
        assertThat(rig.awaitState(retry, JobState.FAILED).attempt()).isEqualTo(3);
        assertThat(rig.awaitState(snooze, JobState.COMPLETED).attempt()).isEqualTo(1);
    }

    @Test
    void aPolicyThatThrowsIsReplacedByTheDefault() {
        JobType<Integer> type = rig.type("faulty-policy").retry(QUICK.waiting((attempt, error) -> {
            throw new IllegalStateException("planned by the test");
        }));
        rig.handlers.handle(type, (n, context) -> {
            throw new IOException("planned by the test");
        });
        rig.start(2);

        JobId id = rig.enqueue(type);

        assertThat(rig.awaitState(id, JobState.DELAYED).attempt()).isEqualTo(1);
    }

    @Test
    void aPayloadThatDoesNotFitFailsAtOnce() {
        JobType<Mail> type = rig.type("mail", Mail.class);
        rig.handlers.handle(type, (mail, context) -> {});
        rig.start(2);

        byte[] list = "[1,2]".getBytes(StandardCharsets.UTF_8);
        JobId id = rig.enqueue(new JobSpec(rig.name, "mail", list, JobOptions.NONE));

        Job job = rig.awaitState(id, JobState.FAILED);
        assertThat(job.error().type()).isEqualTo("undecodable");
        assertThat(job.error().message()).contains("Mail").doesNotContain("[1,2]");
    }

    @Test
    void aJobOfUnknownTypeWaitsForAWorkerThatKnowsIt() {
        rig.handlers.handle(rig.type("known"), (n, context) -> {});
        Worker worker = rig.start(2);

        JobId id = rig.enqueue(rig.type("unknown"));

        Job job = rig.awaitState(id, JobState.DELAYED);
        assertThat(job.attempt()).isZero();
        await().until(() -> worker.stats().snoozed() == 1);
    }

    @Test
    void formerNamesOfATypeAreHandled() {
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(rig.type("mail.send").alias("mail"), (n, context) -> runs.incrementAndGet());
        rig.start(2);

        rig.awaitState(rig.enqueue(rig.type("mail")), JobState.COMPLETED);

        assertThat(runs).hasValue(1);
    }

    @Test
    @SuppressWarnings({"deprecation", "removal"}) // a handler may still throw it
    void whateverAHandlerThrowsFailsItsAttemptOnly() {
        JobType<String> type = rig.type("wild", String.class).retry(RetryPolicy.never());
        rig.handlers.handle(type, (what, context) -> {
            switch (what) {
                case "memory" -> throw new OutOfMemoryError("planned by the test");
                case "stack" -> overflow(0);
                case "death" -> throw new ThreadDeath();
                case "mute" ->
                    throw new RuntimeException() {
                        @Override
                        public String getMessage() {
                            throw new IllegalStateException("planned by the test");
                        }
                    };
                default -> {}
            }
        });
        rig.start(1);

        JobId memory = rig.enqueue(type.spec("memory"));
        JobId stack = rig.enqueue(type.spec("stack"));
        JobId death = rig.enqueue(type.spec("death"));
        JobId mute = rig.enqueue(type.spec("mute"));
        JobId good = rig.enqueue(type.spec("good"));

        rig.awaitState(good, JobState.COMPLETED);
        assertThat(rig.awaitState(memory, JobState.FAILED).error().type()).isEqualTo("java.lang.OutOfMemoryError");
        assertThat(rig.awaitState(stack, JobState.FAILED).error().type()).isEqualTo("java.lang.StackOverflowError");
        assertThat(rig.awaitState(death, JobState.FAILED).error().type()).isEqualTo("java.lang.ThreadDeath");
        assertThat(rig.awaitState(mute, JobState.FAILED).error()).isNotNull();
    }

    @SuppressWarnings("InfiniteRecursion") // that is the point
    private static int overflow(int depth) {
        return overflow(depth + 1) + 1;
    }

    @Test
    void anInterruptLeftByOneJobDoesNotReachTheNext() {
        JobType<Integer> type = rig.type("rude").retry(RetryPolicy.never());
        AtomicInteger interrupted = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
            Thread.currentThread().interrupt();
        });
        rig.start(1);

        for (int i = 0; i < 50; i++) {
            rig.enqueue(type);
        }

        await().until(() -> rig.queue.counts().completed() == 50);
        assertThat(interrupted).hasValue(0);
    }

    @Test
    void resultProgressAndLogAreKeptWithTheJob() {
        JobType<Integer> type = rig.type("talkative");
        rig.handlers.handle(type, (n, context) -> {
            for (int i = 0; i <= 100; i++) {
                context.progress(i);
            }
            context.log("first line");
            context.log("second line");
            context.result(new Mail(7, "done"));
        });
        rig.start(1);

        JobId id = rig.enqueue(type);

        Job job = rig.awaitState(id, JobState.COMPLETED);
        assertThat(new String(job.result(), StandardCharsets.UTF_8)).isEqualTo("{\"user\":7,\"template\":\"done\"}");
        assertThat(job.progress()).isEqualTo("100");
        assertThat(rig.queue.logs(id)).containsExactly("first line", "second line");
    }

    @Test
    void theLogOfOneRunIsBounded() {
        JobType<Integer> type = rig.type("chatty");
        rig.handlers.handle(type, (n, context) -> {
            for (int i = 0; i < 3_000; i++) {
                context.log("line " + i + " " + "x".repeat(80));
            }
        });
        rig.start(1);

        JobId id = rig.enqueue(type);

        rig.awaitState(id, JobState.COMPLETED);
        List<String> lines = rig.queue.logs(id);
        assertThat(lines.stream().mapToInt(line -> line.length() + 1).sum()).isBetween(60 << 10, 64 << 10);
        assertThat(lines.get(lines.size() - 1)).contains("cut here");
    }

    @Test
    void aResultThatIsTooLargeFailsTheAttemptThatGaveIt() {
        JobType<Integer> type = rig.type("large").retry(RetryPolicy.never());
        rig.handlers.handle(type, (n, context) -> context.result("x".repeat(JobContext.MAX_RESULT_BYTES)));
        rig.start(1);

        JobId id = rig.enqueue(type);

        assertThat(rig.awaitState(id, JobState.FAILED).error().message()).contains("more than 65536");
    }

    @Test
    void stepsAreRememberedAcrossRetries() {
        JobType<Integer> type = rig.type("stepwise").retry(QUICK);
        AtomicInteger rendered = new AtomicInteger();
        AtomicInteger counted = new AtomicInteger();
        List<Object> delivered = Collections.synchronizedList(new ArrayList<>());
        rig.handlers.handle(type, (n, context) -> {
            Mail mail = context.step("render", () -> new Mail(rendered.incrementAndGet(), "t"));
            long count = context.step("count", () -> 5_000_000_000L + counted.incrementAndGet());
            context.step("nothing", () -> null);
            if (context.attempt() < 3) {
                throw new IOException("planned by the test");
            }
            delivered.add(mail);
            delivered.add(count);
        });
        rig.start(1);

        JobId id = rig.enqueue(type);

        rig.awaitState(id, JobState.COMPLETED);
        assertThat(rendered).hasValue(1);
        assertThat(counted).hasValue(1);
        assertThat(delivered).containsExactly(new Mail(1, "t"), 5_000_000_001L);
    }

    @Test
    void tooManyStepsFailBeforeTheyRun() {
        JobType<Integer> type = rig.type("steppy").retry(RetryPolicy.never());
        AtomicInteger ran = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            for (int i = 0; i < 100; i++) {
                context.step("s" + i, ran::incrementAndGet);
            }
        });
        rig.start(1);

        JobId id = rig.enqueue(type);

        assertThat(rig.awaitState(id, JobState.FAILED).error().message()).contains("a job remembers 64");
        assertThat(ran).hasValue(64);
    }

    @Test
    void interceptorsSeeEachRunFromOutsideIn() {
        JobType<Integer> type = rig.type("watched").retry(RetryPolicy.never());
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        rig.handlers.intercept(recorder("outer", seen)).intercept(recorder("inner", seen));
        rig.handlers.handle(type, (n, context) -> {
            if (n == 2) {
                throw new IOException("planned by the test");
            }
        });
        rig.start(1);

        rig.awaitState(rig.enqueue(type.spec(1)), JobState.COMPLETED);
        rig.awaitState(rig.enqueue(type.spec(2)), JobState.FAILED);

        assertThat(seen)
                .containsExactly(
                        "outer before",
                        "inner before",
                        "inner after",
                        "outer after",
                        "outer before",
                        "inner before",
                        "inner error",
                        "outer error");
    }

    private static Interceptor recorder(String name, List<String> seen) {
        return new Interceptor() {
            @Override
            public void before(JobContext context) {
                seen.add(name + " before");
            }

            @Override
            public void after(JobContext context) {
                seen.add(name + " after");
                throw new NoClassDefFoundError("planned by the test");
            }

            @Override
            public void error(JobContext context, Throwable error) {
                seen.add(name + " error");
            }
        };
    }

    @Test
    void concurrencyGrowsAndShrinksWhileItRuns() {
        JobType<Integer> type = rig.type("slow");
        AtomicInteger running = new AtomicInteger();
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        AtomicInteger most = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            (n == 1 ? first : second).await();
            running.decrementAndGet();
        });
        Worker worker = rig.start(2);
        for (int i = 0; i < 20; i++) {
            rig.enqueue(type.spec(1));
        }
        await().until(() -> running.get() == 2);

        worker.concurrency(8);
        await().until(() -> running.get() == 8);

        worker.concurrency(3);
        for (int i = 0; i < 20; i++) {
            rig.enqueue(type.spec(2));
        }
        first.countDown();
        await().until(() -> rig.queue.counts().completed() == 20 && running.get() == 3);
        most.set(0);
        second.countDown();
        await().until(() -> rig.queue.counts().completed() == 40);
        assertThat(most.get()).isLessThanOrEqualTo(3);
        assertThat(worker.stats().concurrency()).isEqualTo(3);
    }

    @Test
    void oneWorkerServesSeveralQueues(EmbeddedRedis server) {
        try (Rig other = new Rig(server)) {
            AtomicInteger runs = new AtomicInteger();
            rig.handlers.handle(rig.type("any"), (n, context) -> runs.incrementAndGet());
            Worker both = new Worker(
                    WorkerConfig.named("both").concurrency(4),
                    rig.handlers,
                    List.of(rig.store, other.store),
                    rig.events,
                    rig.timer,
                    rig.threads);
            both.start();

            for (int i = 0; i < 300; i++) {
                rig.enqueue(rig.type("any"));
                other.enqueue(other.type("any"));
            }

            await().until(() -> rig.queue.counts().completed() == 300
                    && other.queue.counts().completed() == 300);
            both.close();
            assertThat(runs).hasValue(600);
        }
    }

    @Test
    void aBusyQueueDoesNotStarveItsNeighbour(EmbeddedRedis server) {
        try (Rig other = new Rig(server)) {
            CountDownLatch never = new CountDownLatch(1);
            rig.handlers.handle(
                    rig.type("busy"), (n, context) -> never.await(5, java.util.concurrent.TimeUnit.MILLISECONDS));
            rig.handlers.handle(other.type("rare"), (n, context) -> {});
            rig.queue.enqueueAll(java.util.stream.IntStream.range(0, 5_000).mapToObj(rig.type("busy")::spec));
            Worker both = new Worker(
                    WorkerConfig.named("both").concurrency(2),
                    rig.handlers,
                    List.of(rig.store, other.store),
                    rig.events,
                    rig.timer,
                    rig.threads);
            both.start();
            await().until(() -> both.stats().completed() > 20);

            JobId rare = other.enqueue(other.type("rare"));

            await().until(() -> other.job(rare).state() == JobState.COMPLETED);
            assertThat(rig.queue.counts().waiting()).isPositive();
            both.close();
        }
    }

    @Test
    void listenersThatThrowDoNotDisturbTheAccounts() {
        rig.handlers.handle(rig.type("any"), (n, context) -> {});
        Worker worker = rig.worker(UnaryOperator.identity()).upkeep(new Worker.Upkeep() {
            @Override
            public void completedKept(String queue, long jobs) {
                throw new IllegalStateException("planned by the test");
            }
        });
        worker.start();

        for (int i = 0; i < 30; i++) {
            rig.enqueue(rig.type("any"));
        }

        await().until(() -> rig.queue.counts().completed() == 30);
        worker.close();
        assertThat(worker.stats().completed()).isEqualTo(30);
        assertThat(worker.stats().bytesInHand()).isZero();
    }

    @Test
    void anAdmissionThatGrantsNothingKeepsJobsInRedis() {
        AtomicInteger runs = new AtomicInteger();
        java.util.concurrent.atomic.AtomicLong free = new java.util.concurrent.atomic.AtomicLong();
        rig.handlers.handle(rig.type("heavy"), (n, context) -> runs.incrementAndGet());
        Worker worker = rig.worker(UnaryOperator.identity()).admission(new Admission() {
            @Override
            public long admit(long wanted) {
                long granted = Math.min(wanted, free.get());
                free.addAndGet(-granted);
                return granted;
            }

            @Override
            public void release(long bytes) {
                free.addAndGet(bytes);
            }
        });
        worker.start();
        for (int i = 0; i < 20; i++) {
            rig.enqueue(rig.type("heavy"));
        }
        await().during(Duration.ofMillis(200)).until(() -> runs.get() == 0);

        free.addAndGet(100);

        await().until(() -> rig.queue.counts().completed() == 20);
        await().until(() -> free.get() == 100);
        assertThat(runs).hasValue(20);
    }
}
