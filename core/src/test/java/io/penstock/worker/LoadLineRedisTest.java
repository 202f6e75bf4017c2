package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Enqueued;
import io.penstock.job.Enqueued.Reason;
import io.penstock.job.Enqueued.Refused;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.memory.admission.LoadLine;
import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.memory.admission.Pressure;
import io.penstock.memory.gc.GcFeed;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker under a load line, with a real Redis. */
@ExtendWith(EmbeddedRedisExtension.class)
class LoadLineRedisTest {
    private static final long HEAP = Runtime.getRuntime().maxMemory();

    private final GcFeed feed = new GcFeed(Clock.system());
    private Rig rig;
    private LoadLine line;

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new Rig(server);
        line = LoadLine.open(LoadLineConfig.DEFAULT, feed, rig.timer);
    }

    @AfterEach
    void close() {
        rig.close();
        line.close();
        feed.close();
    }

    private Worker start(int concurrency) {
        Worker worker = rig.worker(config -> config.concurrency(concurrency)).admission(Admission.by(line));
        worker.start();
        return worker;
    }

    @Test
    void noMoreRunAtOnceThanFitAndAllAreDone() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        rig.handlers.handle(rig.type("t"), (n, context) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            new CountDownLatch(1).await(20, java.util.concurrent.TimeUnit.MILLISECONDS);
            running.decrementAndGet();
        });
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            jobs.add(rig.enqueue(rig.type("t"), 1, options -> options.memory(HEAP / 4)));
        }

        Worker worker = start(20);

        await().until(() -> worker.stats().completed() == jobs.size());
        assertThat(most.get()).isBetween(1, 3);
        assertThat(line.stats().running()).isZero();
        assertThat(line.stats().runningBytes()).isZero();
        await().until(() -> line.stats().handBytes() == 0);
    }

    @Test
    void stoppingHandsBackWhatWaitsForRoom() {
        CountDownLatch go = new CountDownLatch(1);
        rig.handlers.handle(rig.type("t"), (n, context) -> go.await());
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            jobs.add(rig.enqueue(rig.type("t"), 1, options -> options.memory(HEAP / 2)));
        }
        Worker worker = start(5);
        await().until(() -> line.stats().waiting() > 0);

        Thread stop = rig.threads.start("stop", worker::close);
        await().until(() -> line.stats().waiting() == 0);
        go.countDown();

        await().until(() -> !stop.isAlive());
        assertThat(rig.queue.counts().waiting()).isEqualTo(4);
        assertThat(jobs.stream().mapToInt(id -> rig.job(id).attempt()).max()).hasValue(1);
    }

    @Test
    void anOutOfMemoryErrorBesideOthersIsNotCharged() {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(rig.type("slow"), (n, context) -> go.await());
        rig.handlers.handle(rig.type("hungry"), (n, context) -> {
            if (runs.incrementAndGet() == 1) {
                throw new OutOfMemoryError("planned by the test");
            }
        });
        start(4);
        rig.enqueue(rig.type("slow"));
        await().until(() -> line.stats().running() == 1);

        JobId hungry = rig.enqueue(rig.type("hungry").spec(1, options -> options.maxAttempts(1)));

        rig.awaitState(hungry, JobState.COMPLETED);
        assertThat(line.stats().outOfMemory()).isEqualTo(1);
        assertThat(line.stats().throttle()).isLessThan(0.5);
        go.countDown();
    }

    @Test
    void anOutOfMemoryErrorAloneIsCharged() {
        rig.handlers.handle(rig.type("hungry"), (n, context) -> {
            throw new OutOfMemoryError("planned by the test");
        });
        start(4);

        JobId hungry = rig.enqueue(rig.type("hungry").spec(1, options -> options.maxAttempts(1)));

        rig.awaitState(hungry, JobState.FAILED);
    }

    @Test
    void aJobLargerThanTheHeapIsPutOffAndNotRun() {
        AtomicInteger runs = new AtomicInteger();
        rig.handlers.handle(rig.type("t"), (n, context) -> runs.incrementAndGet());
        start(4);

        JobId job = rig.enqueue(rig.type("t"), 1, options -> options.memory(HEAP + 1));

        rig.awaitState(job, JobState.DELAYED);
        assertThat(runs).hasValue(0);
    }

    @Test
    void producersAreToldWhyAndWhenToComeAgain() {
        rig.store.guard(() -> new Pressure(0.91, 0.85, Duration.ofSeconds(2)));

        Enqueued answer = rig.queue.enqueue(rig.type("t").spec(1, options -> options.memory(40 << 20)));

        assertThat(answer).isInstanceOfSatisfying(Refused.class, no -> {
            assertThat(no.reason()).isEqualTo(Reason.MEMORY_PRESSURE);
            assertThat(no.retryAfter()).isEqualTo(Duration.ofSeconds(2));
            assertThat(no.message())
                    .isEqualTo("queue \"" + rig.name
                            + "\": not added, heap 91 % is over the load line 85 % (job needs 40 MiB);"
                            + " retry after 2 s or raise memory.load-line");
        });
        assertThat(rig.queue.counts().pending()).isZero();
    }

    @Test
    void producersThatWaitAreHeldBackAndOthersAreNot() {
        AtomicInteger asked = new AtomicInteger();
        rig.store.pace(() -> {
            asked.incrementAndGet();
            return 30_000_000;
        });
        long start = System.nanoTime();

        rig.queue.enqueue(rig.type("t").spec(1));

        assertThat(System.nanoTime() - start).isGreaterThan(25_000_000);
        rig.queue.enqueueAsync(rig.type("t").spec(2)).toCompletableFuture().join();
        assertThat(asked).as("the second one was not held back").hasValue(1);
        rig.queue.enqueueAll(IntStream.range(0, 10).mapToObj(n -> rig.type("t").spec(n)));
        assertThat(asked).as("a batch is, once").hasValue(2);
    }
}
