package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.job.JobType;
import io.penstock.queue.Lease;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.LeasedJobs;
import io.penstock.queue.QueueStore;
import io.penstock.runtime.Clock;
import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runners without a Redis: nothing is lost, nothing runs twice, nobody sleeps while there is work. */
class RunnersTest {
    private static final String TYPE = "t";

    private final ManualClock clock = new ManualClock();
    private final Timer timer = clock.timer();
    private final Threads threads = new Threads(500);
    private final Handlers handlers = new Handlers();
    private final Lease lease = LeasedJobs.lease("q");
    private int next;
    private Runners runners;
    private Watch watch;
    private Hold hold;

    private void make(int concurrency) {
        make(WorkerConfig.named("w").concurrency(concurrency));
    }

    private void make(WorkerConfig given) {
        WorkerConfig config = given.abandonAfter(Duration.ofSeconds(1));
        JobRunner runner = new JobRunner(clock, handlers, () -> watch.look(), null);
        runners = new Runners(Clock.system(), threads, config, runner);
        watch = new Watch(timer, config, runners, runner);
        LeaseKeeper keeper = new LeaseKeeper(timer, config, runners, watch);
        TakeLoop loop =
                new TakeLoop(clock, config, runners, new BytesInHand(1 << 20, Admission.OPEN), keeper, handlers);
        QueueStore store = new QueueStore(null, clock, "q");
        hold = new Hold(loop.serve(List.of(store), new Worker.Upkeep() {}).get(0), lease, clock.nanos());
    }

    private void handle(Handler<Integer> handler) {
        handlers.handle(JobType.of(TYPE, Integer.class), handler);
    }

    private void offer(int jobs) {
        List<LeasedJob> batch = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            batch.add(LeasedJobs.job(lease, TYPE, next++, 0));
        }
        runners.offer(new Batch(hold, batch, clock.nanos()));
    }

    @AfterEach
    void close() {
        runners.close();
        threads.close();
        assertThat(threads.alive()).isZero();
    }

    @Test
    void everyJobRunsOnceWhateverTheBatchesAndTheConcurrency() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int most = 60_000;
        AtomicIntegerArray ran = new AtomicIntegerArray(most);
        handle((n, context) -> ran.incrementAndGet(n));
        make(4);

        while (next < most) {
            offer(Math.min(most - next, 1 + random.nextInt(200)));
            if (random.nextInt(10) == 0) {
                runners.concurrency(1 + random.nextInt(12));
            }
            if (random.nextInt(5) == 0) {
                int target = next;
                await().pollInterval(Duration.ofMillis(1)).until(() -> ran.get(target - 1) > 0); // let them fall asleep
            }
        }

        await().until(() -> runners.ready() == 0 && runners.running() == 0);
        for (int i = 0; i < most; i++) {
            assertThat(ran.get(i)).as("seed %d job %d", seed, i).isEqualTo(1);
        }
    }

    @Test
    void asManyRunAtOnceAsAllowedAndNoMore() {
        AtomicInteger running = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        handle((n, context) -> {
            running.incrementAndGet();
            go.await();
            running.decrementAndGet();
        });
        make(7);

        offer(30);

        await().until(() -> running.get() == 7);
        assertThat(runners.ready()).isEqualTo(23);
        assertThat(runners.running()).isEqualTo(7);
        go.countDown();
        await().until(() -> runners.ready() == 0 && runners.running() == 0);
    }

    /** Virtual threads do not tell what they allocate; of a gauge that is woken last the load line learns nothing. */
    @Test
    void whereFewRunnersTellWhatJobsAllocateThoseAreThereFromTheStartAndWokenFirst() {
        AtomicInteger running = new AtomicInteger();
        Semaphore go = new Semaphore(0);
        handle((n, context) -> {
            running.incrementAndGet();
            go.acquire();
            running.decrementAndGet();
        });
        make(WorkerConfig.named("w").concurrency(20).virtualThreads(true));

        offer(20);

        await().until(() -> running.get() == 20);
        assertThat(gauges(false)).as("the first four and one of sixteen").isEqualTo(5);
        go.release(20);
        for (int i = 0; i < 10; i++) {
            await().until(() -> runners.idle() == 20);
            offer(1);
            await().until(() -> running.get() == 1);
            assertThat(gauges(true)).as("job %d runs on one of them", i).isEqualTo(1);
            go.release();
        }
    }

    private int gauges(boolean busy) {
        int found = 0;
        for (Slot slot : runners.slots()) {
            found += slot.gauge && (!busy || slot.running() != null) ? 1 : 0;
        }
        return found;
    }

    /** Else the crash of the second would be blamed on the first, whose end may not be in Redis yet. */
    @Test
    void aJobOnItsLastLifeWaitsUntilRedisHasTheEndOfTheOneBefore() {
        List<Integer> waitingThen = new CopyOnWriteArrayList<>();
        handle((n, context) -> waitingThen.add(runners.ready()));
        make(1); // and no take loop runs, so Redis has no end of anything

        List<LeasedJob> suspects = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            suspects.add(LeasedJobs.job(lease, TYPE, next++, LeasedJob.MAX_CRASHES - 1));
        }
        runners.offer(new Batch(hold, suspects, clock.nanos()));
        offer(1);

        await().until(() -> waitingThen.equals(List.of(1)));
    }

    @Test
    void aTimeoutStrikesWithinOneSweep() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch struck = new CountDownLatch(1);
        handlers.handle(JobType.of(TYPE, Integer.class).timeout(Duration.ofSeconds(3)), (n, context) -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException stop) {
                struck.countDown();
                throw stop;
            }
        });
        make(1);
        offer(1);
        await().until(() -> running.getCount() == 0);

        clock.advance(Duration.ofMillis(2_990));
        assertThat(struck.getCount()).isEqualTo(1);
        clock.advance(Duration.ofMillis(60));

        await().until(() -> struck.getCount() == 0);
    }

    @Test
    void anAbandonedThreadsSlotGoesToANewOne() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        handlers.handle(JobType.of(TYPE, Integer.class).timeout(Duration.ofSeconds(1)), (n, context) -> {
            ran.incrementAndGet();
            while (n == 0 && release.getCount() > 0) {
                try {
                    release.await();
                } catch (InterruptedException ignored) {
                    // the point of it
                }
            }
        });
        make(1);
        offer(1);
        await().until(() -> ran.get() == 1);

        clock.advance(Duration.ofSeconds(1).plusMillis(100));
        clock.advance(Duration.ofSeconds(1));

        assertThat(runners.abandoned()).isEqualTo(1);
        offer(2); // not before: jobs that wait for longer than a second are handed back
        await().until(() -> ran.get() == 3);
        release.countDown();
        await().until(() -> runners.abandoned() == 0);
    }

    @Test
    void releasingClaimsWhatNobodyRuns() {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        handle((n, context) -> {
            ran.incrementAndGet();
            go.await();
        });
        make(2);
        offer(20);
        await().until(() -> ran.get() == 2);

        runners.release(hold);

        assertThat(runners.ready()).isZero();
        go.countDown();
        await().until(() -> runners.running() == 0);
        assertThat(ran).hasValue(2);
    }
}
