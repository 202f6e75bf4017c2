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
import io.penstock.queue.Lease;
import io.penstock.queue.LeasedJob;
import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How runs end that do not end by themselves: timeout, cancellation, shutdown, a lost lease, a crash. */
@ExtendWith(EmbeddedRedisExtension.class)
class WorkerStopRedisTest {
    private Rig rig;
    private final CountDownLatch never = new CountDownLatch(1);

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new Rig(server);
    }

    @AfterEach
    void closeAndLeaveNoThread() {
        never.countDown();
        rig.close();
        assertThat(rig.threads.alive()).isZero();
    }

    /** A handler that does not heed its interrupt. */
    private static void deaf(CountDownLatch release) {
        while (release.getCount() > 0) {
            try {
                release.await();
            } catch (InterruptedException ignored) {
                // the point of it
            }
        }
    }

    @Test
    void leavesWhenItIsAskedToAndEndsWhatItRuns() throws InterruptedException {
        JobType<Integer> type = rig.type("slow");
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        rig.handlers.handle(type, (n, context) -> {
            began.countDown();
            release.await();
        });
        Worker worker = rig.start(config -> config.concurrency(1).leaseLength(Duration.ofSeconds(5)));
        JobId first = rig.enqueue(type);
        assertThat(began.await(60, TimeUnit.SECONDS)).isTrue();
        JobId second = rig.enqueue(type);

        rig.queue.stop(rig.queue.workers().get(0).number());

        await().until(worker::dismissed);
        assertThat(rig.job(first).state()).isEqualTo(JobState.ACTIVE);
        release.countDown();
        await().until(() -> rig.queue.workers().isEmpty());
        assertThat(rig.job(first).state()).isEqualTo(JobState.COMPLETED);
        assertThat(rig.job(second).state()).isEqualTo(JobState.WAITING);
        assertThat(worker.running()).isFalse();
    }

    @Test
    void staysWhenWhatItWasAskedIsTakenBackBeforeItHearsIt() {
        JobType<Integer> type = rig.type("plain");
        rig.handlers.handle(type, (n, context) -> {});
        Worker worker = rig.start(1); // hears of it every five seconds
        await().until(() -> rig.queue.workers().size() == 1);
        String number = rig.queue.workers().get(0).number();

        rig.queue.stop(number);
        assertThat(rig.queue.workers().get(0).stopping()).isTrue();
        rig.queue.quiet(number, false);

        assertThat(rig.queue.workers().get(0).stopping()).isFalse();
        if (!worker.dismissed()) { // it may have heard it in between
            rig.awaitState(rig.enqueue(type), JobState.COMPLETED);
        }
    }

    @Test
    void aTimeoutInterruptsAndFailsTheAttempt() {
        JobType<Integer> type = rig.type("endless")
                .timeout(Duration.ofMillis(100))
                .retry(RetryPolicy.of(Backoff.fixed(Duration.ofMillis(10)), 2));
        AtomicInteger interrupted = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            try {
                never.await();
            } catch (InterruptedException stop) {
                assertThat(context.stopping()).isTrue();
                interrupted.incrementAndGet();
                throw stop;
            }
        });
        rig.start(1);

        JobId id = rig.enqueue(type);

        Job job = rig.awaitState(id, JobState.FAILED);
        assertThat(interrupted).hasValue(2);
        assertThat(job.attempt()).isEqualTo(2);
        assertThat(job.error().type()).isEqualTo("timeout");
        assertThat(job.error().message()).contains("PT0.1S");
        assertThat(job.error().stack()).contains("InterruptedException");
    }

    @Test
    void aJobsOwnTimeoutCountsEvenIfTheHandlerThenReturns() {
        JobType<Integer> type = rig.type("swallowing").retry(RetryPolicy.never());
        rig.handlers.handle(type, (n, context) -> {
            try {
                never.await();
            } catch (InterruptedException swallowed) {
                // as careless handlers do
            }
        });
        rig.start(1);

        JobId id = rig.enqueue(type, 1, o -> o.timeout(Duration.ofMillis(50)));

        assertThat(rig.awaitState(id, JobState.FAILED).error().type()).isEqualTo("timeout");
    }

    @Test
    void aTimeoutOfOneJobNeverHitsTheNext() {
        JobType<Integer> type = rig.type("brisk").timeout(Duration.ofMillis(60)).retry(RetryPolicy.never());
        AtomicInteger hit = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            if (n % 10 == 0) {
                never.await(); // until the timeout
            }
            hit.addAndGet(Thread.interrupted() ? 1 : 0);
        });
        rig.start(3);

        rig.queue.enqueueAll(IntStream.range(1, 301).mapToObj(type::spec));

        await().until(() -> rig.queue.counts().completed() + rig.queue.counts().failed() == 300);
        assertThat(rig.queue.counts().failed()).isEqualTo(30);
        assertThat(hit).hasValue(0);
    }

    @Test
    void aHandlerThatIgnoresItsInterruptLosesItsSlot() {
        JobType<Integer> type = rig.type("deaf").timeout(Duration.ofMillis(50)).retry(RetryPolicy.never());
        CountDownLatch release = new CountDownLatch(1);
        rig.handlers.handle(type, (n, context) -> {
            deaf(release);
        });
        JobType<Integer> good = rig.type("good");
        rig.handlers.handle(good, (n, context) -> {});
        Worker worker = rig.start(config -> config.concurrency(1).abandonAfter(Duration.ofMillis(200)));

        JobId deaf = rig.enqueue(type);
        JobId next = rig.enqueue(good);

        assertThat(rig.awaitState(deaf, JobState.FAILED).error().type()).isEqualTo("timeout");
        rig.awaitState(next, JobState.COMPLETED);
        assertThat(worker.stats().abandoned()).isEqualTo(1);
        release.countDown();
        await().until(() -> worker.stats().abandoned() == 0);
        assertThat(rig.job(deaf).state()).isEqualTo(JobState.FAILED);
        assertThat(worker.stats().completed()).isEqualTo(1);
    }

    @Test
    void aRunningJobIsCancelledFromAfar() {
        JobType<Integer> type = rig.type("long");
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean told = new AtomicBoolean();
        rig.handlers.handle(type, (n, context) -> {
            running.countDown();
            try {
                never.await();
            } finally {
                told.set(context.cancelled());
            }
        });
        rig.start(1);
        JobId id = rig.enqueue(type);
        await().until(() -> running.getCount() == 0);

        Change change = rig.queue.cancel(id);

        assertThat(change.result()).isEqualTo(Change.Result.ASKED);
        rig.awaitState(id, JobState.CANCELLED);
        assertThat(told).isTrue();
    }

    @Test
    void aCancelledJobThatFinishedItsWorkIsCompleted() {
        JobType<Integer> type = rig.type("deaf-but-done");
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean release = new AtomicBoolean();
        rig.handlers.handle(type, (n, context) -> {
            running.countDown();
            while (!release.get()) {
                Thread.onSpinWait(); // computes, and never looks at its interrupt
            }
        });
        Worker worker = rig.start(1);
        JobId id = rig.enqueue(type);
        await().until(() -> running.getCount() == 0);
        rig.queue.cancel(id);
        await().until(() -> rig.job(id).cancelRequested());

        release.set(true);

        rig.awaitState(id, JobState.COMPLETED);
        assertThat(worker.stats().completed()).isEqualTo(1);
    }

    @Test
    void aStopWaitsForRunningJobsAndHandsBackTheRest() throws Exception {
        JobType<Integer> type = rig.type("steady");
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            runs.incrementAndGet();
            go.await();
        });
        Worker worker = rig.start(4);
        List<JobId> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add(rig.enqueue(type));
        }
        await().until(() -> runs.get() == 4);

        Thread stop = rig.threads.start("stop", worker::close);
        await().until(() -> !worker.running());
        go.countDown();
        stop.join();

        assertThat(rig.queue.counts().completed()).isEqualTo(4);
        assertThat(rig.queue.counts().waiting()).isEqualTo(8);
        assertThat(rig.queue.counts().active()).isZero();
        assertThat(rig.queue.workers()).isEmpty();
        assertThat(runs).hasValue(4);
        assertThat(ids.stream().map(rig::job).filter(job -> job.state() == JobState.WAITING))
                .allSatisfy(job -> assertThat(job.attempt()).isZero());
    }

    @Test
    void aStopInterruptsWhatDoesNotEndAndHandsItBackUncharged() {
        JobType<Integer> type = rig.type("endless").retry(RetryPolicy.never());
        CountDownLatch running = new CountDownLatch(2);
        rig.handlers.handle(type, (n, context) -> {
            running.countDown();
            never.await();
        });
        Worker worker = rig.start(config -> config.concurrency(2).shutdownTimeout(Duration.ofMillis(100)));
        JobId first = rig.enqueue(type);
        JobId second = rig.enqueue(type);
        await().until(() -> running.getCount() == 0);

        worker.close();

        assertThat(List.of(rig.job(first), rig.job(second)))
                .allSatisfy(job -> assertThat(job.state()).isEqualTo(JobState.WAITING))
                .allSatisfy(job -> assertThat(job.attempt()).isZero());
        assertThat(worker.stats().released()).isEqualTo(2);
    }

    @Test
    void aStopDoesNotWaitForEverForADeafHandler() {
        JobType<Integer> type = rig.type("deaf");
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        rig.handlers.handle(type, (n, context) -> {
            running.countDown();
            deaf(release);
        });
        Worker worker = rig.start(config ->
                config.concurrency(1).shutdownTimeout(Duration.ofMillis(50)).abandonAfter(Duration.ofMillis(200)));
        JobId id = rig.enqueue(type);
        await().until(() -> running.getCount() == 0);

        worker.close();

        assertThat(rig.job(id).state()).isEqualTo(JobState.WAITING);
        assertThat(rig.queue.workers()).isEmpty();
        release.countDown();
        await().until(() -> worker.stats().abandoned() == 0);
    }

    @Test
    void aWorkerThatNeverStartedOrIsStoppedTwiceIsFine() {
        Worker worker = rig.worker(config -> config);
        worker.close();
        Worker other = rig.start(1);
        other.close();
        other.close();
        assertThat(other.running()).isFalse();
    }

    @Test
    void aLostLeaseInterruptsAndTheLateEndIsRefused() {
        JobType<Integer> type = rig.type("slow");
        CountDownLatch running = new CountDownLatch(1);
        List<JobId> refused = Collections.synchronizedList(new ArrayList<>());
        AtomicBoolean told = new AtomicBoolean();
        CountDownLatch finish = new CountDownLatch(1);
        rig.handlers.intercept(new Interceptor() {
            @Override
            public void refused(JobId id) {
                refused.add(id);
            }
        });
        rig.handlers.handle(type, (n, context) -> {
            running.countDown();
            try {
                never.await();
            } catch (InterruptedException lost) {
                told.set(context.leaseLost());
                finish.await(); // goes on in spite of the interrupt
            }
        });
        Worker worker = rig.start(config -> config.concurrency(2).leaseLength(Duration.ofSeconds(1)));
        JobId id = rig.enqueue(type);
        await().until(() -> running.getCount() == 0);

        rig.dropLeases();

        await().untilTrue(told);
        await().until(() -> rig.queue.workers().size() == 1); // joined anew
        finish.countDown();
        await().until(() -> worker.stats().refused() == 1 || worker.stats().running() == 0);
        assertThat(rig.job(id).state()).isEqualTo(JobState.ACTIVE); // until its dead lease is reclaimed

        JobType<Integer> good = rig.type("good");
        rig.handlers.handle(good, (n, context) -> {});
        rig.awaitState(rig.enqueue(good), JobState.COMPLETED);
    }

    /** Its clock stands still while Redis' goes on: a worker that was paused and does not know it. */
    @Test
    void aWorkerThatSleptPastItsLeaseChangesNothingWhenItWakes() {
        ManualClock clock = new ManualClock();
        Timer stopped = clock.timer();
        JobType<Integer> type = rig.type("slept").retry(RetryPolicy.never());
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch wake = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            if (runs.incrementAndGet() == 1) {
                running.countDown();
                wake.await();
            }
        });
        Worker sleeper = new Worker(
                WorkerConfig.named("sleeper").concurrency(1).leaseLength(Duration.ofSeconds(1)),
                rig.handlers,
                List.of(rig.store),
                rig.events,
                stopped,
                rig.threads);
        sleeper.start();
        JobId id = rig.enqueue(type);
        await().until(() -> running.getCount() == 0);
        rig.startReclaimer(Duration.ofSeconds(1));
        rig.start(1);

        Job job = rig.awaitState(id, JobState.COMPLETED);
        assertThat(job.deliveries()).isEqualTo(2);
        wake.countDown();

        await().until(() -> sleeper.stats().refused() == 1);
        assertThat(rig.job(id).state()).isEqualTo(JobState.COMPLETED);
        assertThat(rig.queue.counts().completed()).isEqualTo(1);
        sleeper.close();
    }

    @Test
    void aWorkerThatCannotRenewFencesItselfBeforeItsLeaseEnds() {
        ManualClock clock = new ManualClock();
        Timer timer = clock.timer();
        JobType<Integer> type = rig.type("fenced");
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean told = new AtomicBoolean();
        rig.handlers.handle(type, (n, context) -> {
            running.countDown();
            try {
                never.await();
            } finally {
                told.compareAndSet(false, context.leaseLost());
            }
        });
        Worker worker = new Worker(
                WorkerConfig.named("cut-off").concurrency(1).shutdownTimeout(Duration.ofMillis(100)),
                rig.handlers,
                List.of(rig.store),
                rig.events,
                timer,
                rig.threads);
        worker.start();
        JobId id = rig.enqueue(type);
        await().until(() -> running.getCount() == 0);
        clock.runDue(); // the first renewal, at the join

        // Its clock leaps by most of a lease in one step, so no renewal came in between.
        clock.leap(Duration.ofSeconds(28));

        await().untilTrue(told);
        await().until(() -> rig.job(id).attempt() <= 1 && worker.stats().released() >= 1);
        assertThat(rig.queue.counts().failed()).isZero();
        worker.close();
    }

    @Test
    void jobsOnTheirLastLifeRunOneAtATime() throws Exception {
        JobType<Integer> type = rig.type("suspect");
        for (int i = 0; i < 5; i++) {
            rig.enqueue(type);
        }
        crash();
        crash();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            never.await(20, TimeUnit.MILLISECONDS);
            running.decrementAndGet();
        });
        JobType<Integer> fresh = rig.type("fresh");
        AtomicInteger besides = new AtomicInteger();
        rig.handlers.handle(fresh, (n, context) -> besides.addAndGet(running.get()));
        for (int i = 0; i < 50; i++) {
            rig.enqueue(fresh);
        }

        rig.start(5);

        await().until(() -> rig.queue.counts().completed() == 55);
        assertThat(most).hasValue(1);
    }

    /** Takes all jobs as a worker that then dies, with each of them begun, and brings them back. */
    private void crash() {
        Lease lease = rig.redis.await(rig.store.join(Duration.ofMillis(50)));
        List<LeasedJob> jobs = rig.redis.await(rig.store.take(lease, 100, 1 << 20));
        assertThat(jobs).hasSize(5);
        jobs.forEach(job -> {
            if (job.crashes() > 0) {
                rig.redis.await(rig.store.markStarted(job));
            }
        });
        await().until(() -> {
            rig.redis.await(rig.store.reclaim(100));
            return rig.queue.counts().waiting() == 5;
        });
    }

    @Test
    void jobsThatWaitHereTooLongGoBackForOthers() {
        JobType<Integer> type = rig.type("mixed");
        CountDownLatch go = new CountDownLatch(1);
        rig.handlers.handle(type, (n, context) -> {
            if (n < 0) {
                go.await();
            }
        });
        Worker worker = rig.start(1);
        List<Integer> numbers = new ArrayList<>(Collections.nCopies(3_000, 1));
        numbers.addAll(Collections.nCopies(1_500, -1));
        rig.queue.enqueueAll(numbers.stream().map(type::spec));

        await().until(() -> worker.stats().ready() == 0 && rig.queue.counts().waiting() == 1_499);
        assertThat(worker.stats().running()).isEqualTo(1);
        assertThat(rig.queue.counts().active()).isEqualTo(1);
        go.countDown();
        await().until(() -> rig.queue.counts().completed() == 4_500);
    }
}
