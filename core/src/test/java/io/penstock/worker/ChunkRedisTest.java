package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Backoff;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.job.RetryPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
@Timeout(60)
class ChunkRedisTest {
    private static final RetryPolicy QUICK = RetryPolicy.of(Backoff.fixed(Duration.ofMillis(20)), 3);

    private Rig rig;
    private final List<List<Integer>> calls = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new Rig(server);
    }

    @AfterEach
    void closeAndLeaveNoThread() {
        rig.close();
        assertThat(rig.threads.alive()).isZero();
    }

    private static List<Integer> payloads(Chunk<Integer> chunk) {
        return chunk.items().stream().map(Chunk.Item::payload).toList();
    }

    private void recorded(Chunk<Integer> chunk) {
        calls.add(payloads(chunk));
    }

    private List<JobId> enqueue(JobType<Integer> type, int many) {
        return IntStream.range(0, many).mapToObj(n -> rig.enqueue(type.spec(n))).toList();
    }

    private void handle(JobType<Integer> type, ChunkConfig how, Chunk.Handler<Integer> handler) {
        rig.handlers.handleChunk(type, how, handler);
    }

    private static ChunkConfig quick(int size) {
        return ChunkConfig.of(size).linger(Duration.ofMillis(100));
    }

    @Test
    void oneCallGetsUpToSoManyJobsAndEachCompletes() {
        JobType<Integer> type = rig.type("sum");
        handle(type, quick(10), this::recorded);
        List<JobId> ids = enqueue(type, 25);
        Worker worker = rig.start(1);

        ids.forEach(id -> rig.awaitState(id, JobState.COMPLETED));
        assertThat(calls).allSatisfy(call -> assertThat(call).hasSizeLessThanOrEqualTo(10));
        assertThat(calls.stream().flatMap(List::stream))
                .containsExactlyElementsOf(IntStream.range(0, 25).boxed().toList());
        assertThat(calls).hasSizeLessThanOrEqualTo(4);
        assertThat(worker.stats().completed()).isEqualTo(25);
        assertThat(worker.stats().bytesInHand()).isZero();
    }

    @Test
    void aSingleJobWaitsNoLongerThanTheLinger() {
        JobType<Integer> type = rig.type("lonely");
        handle(type, ChunkConfig.of(100).linger(Duration.ofMillis(200)), this::recorded);
        rig.start(2);
        long begun = rig.timer.clock().nanos();

        rig.awaitState(rig.enqueue(type), JobState.COMPLETED);

        assertThat(Duration.ofNanos(rig.timer.clock().nanos() - begun))
                .isBetween(Duration.ofMillis(195), Duration.ofMillis(1_500));
        assertThat(calls).hasSize(1);
    }

    @Test
    void bytesMakeAChunkEnough() {
        JobType<String> type = rig.type("heavy", String.class);
        List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
        rig.handlers.handleChunk(
                type,
                quick(100).bytes(4 << 10),
                chunk -> sizes.add(chunk.items().size()));
        for (int i = 0; i < 12; i++) {
            rig.enqueue(type.spec("x".repeat(1_000)));
        }
        rig.enqueue(type.spec("y".repeat(10_000)));
        rig.start(1);

        await().until(() -> rig.queue.counts().completed() == 13);
        assertThat(sizes).allSatisfy(size -> assertThat(size).isLessThanOrEqualTo(4));
        assertThat(sizes.stream().mapToInt(n -> n).sum()).isEqualTo(13);
    }

    @Test
    void aChunkByGroupHasOneGroupOnly() {
        JobType<Integer> type = rig.type("grouped");
        List<Set<String>> groups = Collections.synchronizedList(new ArrayList<>());
        handle(type, quick(20).byGroup(true), chunk -> {
            Set<String> met = ConcurrentHashMap.newKeySet();
            chunk.items().forEach(item -> met.add(String.valueOf(item.options().group())));
            groups.add(met);
        });
        for (int i = 0; i < 60; i++) {
            int n = i;
            rig.enqueue(type, n, o -> n % 3 == 0 ? o : o.group("g" + n % 3));
        }
        rig.start(2);

        await().until(() -> rig.queue.counts().completed() == 60);
        assertThat(groups).allSatisfy(met -> assertThat(met).hasSize(1));
        assertThat(groups.stream().flatMap(Set::stream)).contains("null", "g1", "g2");
    }

    @Test
    void eachJobEndsByItself() {
        JobType<Integer> type = rig.type("mixed").retry(QUICK);
        handle(type, quick(8), chunk -> {
            for (Chunk.Item<Integer> item : chunk.items()) {
                switch (item.payload() % 4) {
                    case 0 ->
                        assertThat(chunk.complete(item, Map.of("n", item.payload())))
                                .isTrue();
                    case 1 -> chunk.fail(item, new IOException("planned for one"));
                    case 2 -> chunk.complete(item);
                    default -> {} // completed because the call returns
                }
                chunk.complete(item); // comes too late for those that are decided, and changes nothing
            }
        });
        List<JobId> ids = enqueue(type, 8);
        rig.start(1);

        for (int n = 0; n < 8; n++) {
            Job job = rig.awaitState(ids.get(n), n % 4 == 1 ? JobState.FAILED : JobState.COMPLETED);
            assertThat(job.attempt()).isEqualTo(n % 4 == 1 ? 3 : 1);
            if (n % 4 == 0) {
                assertThat(job.result()).asString(StandardCharsets.UTF_8).isEqualTo("{\"n\":" + n + "}");
            }
        }
    }

    @Test
    void whatTheHandlerThrowsFailsOnlyWhatWasNotDecided() {
        JobType<Integer> type = rig.type("thrown").retry(RetryPolicy.never());
        handle(type, quick(4), chunk -> {
            chunk.complete(chunk.items().get(0));
            throw new IOException("planned for the rest");
        });
        List<JobId> ids = enqueue(type, 4);
        rig.start(1);

        rig.awaitState(ids.get(0), JobState.COMPLETED);
        for (JobId id : ids.subList(1, 4)) {
            assertThat(rig.awaitState(id, JobState.FAILED).error().message()).contains("planned for the rest");
        }
    }

    @Test
    void aJobThatIsDecidedIsReportedWhileTheCallGoesOn() {
        JobType<Integer> type = rig.type("early");
        CountDownLatch go = new CountDownLatch(1);
        handle(type, quick(2), chunk -> {
            chunk.complete(chunk.items().get(0), "done");
            go.await();
        });
        List<JobId> ids = enqueue(type, 2);
        rig.start(1);

        rig.awaitState(ids.get(0), JobState.COMPLETED);
        assertThat(rig.job(ids.get(1)).state()).isEqualTo(JobState.ACTIVE);
        go.countDown();
        rig.awaitState(ids.get(1), JobState.COMPLETED);
    }

    @Test
    void anUndecodableJobFailsAlone() {
        JobType<Integer> type = rig.type("garbled");
        handle(type, quick(3), this::recorded);
        JobId good = rig.enqueue(type.spec(1));
        JobId bad =
                rig.enqueue(new JobSpec(rig.name, "garbled", "\"x\"".getBytes(StandardCharsets.UTF_8), type.options()));
        JobId fine = rig.enqueue(type.spec(2));
        rig.start(1);

        rig.awaitState(good, JobState.COMPLETED);
        rig.awaitState(fine, JobState.COMPLETED);
        assertThat(rig.awaitState(bad, JobState.FAILED).error().type()).isEqualTo("undecodable");
    }

    @Test
    void otherTypesDoNotWaitForAChunk() {
        JobType<Integer> slow = rig.type("gathered");
        JobType<Integer> quick = rig.type("plain");
        handle(slow, ChunkConfig.of(1_000).linger(Duration.ofSeconds(8)), this::recorded);
        AtomicInteger ran = new AtomicInteger();
        rig.handlers.handle(quick, (n, context) -> ran.incrementAndGet());
        rig.start(1);
        rig.enqueue(slow);
        for (int i = 0; i < 50; i++) {
            rig.enqueue(slow);
            rig.enqueue(quick);
        }

        await().until(() -> ran.get() == 50);
        assertThat(calls).isEmpty();
        await().until(() -> rig.queue.counts().completed() == 101);
        assertThat(calls).hasSize(1);
    }

    @Test
    void aTimeoutEndsTheCallAndChargesWhatWasNotDecided() {
        JobType<Integer> type =
                rig.type("stuck").timeout(Duration.ofMillis(200)).retry(RetryPolicy.never());
        handle(type, quick(3), chunk -> {
            chunk.complete(chunk.items().get(0));
            new CountDownLatch(1).await();
        });
        List<JobId> ids = enqueue(type, 3);
        rig.start(1);

        rig.awaitState(ids.get(0), JobState.COMPLETED);
        for (JobId id : ids.subList(1, 3)) {
            assertThat(rig.awaitState(id, JobState.FAILED).error().type()).isEqualTo("timeout");
        }
    }

    @Test
    void cancellingOneJobLeavesTheOthersAlone() throws Exception {
        JobType<Integer> type = rig.type("cancel");
        CountDownLatch running = new CountDownLatch(1);
        handle(type, quick(3), chunk -> {
            running.countDown();
            Chunk.Item<Integer> second = chunk.items().get(1);
            await().until(second::cancelled);
            chunk.items().stream().filter(item -> item != second).forEach(chunk::complete);
        });
        List<JobId> ids = enqueue(type, 3);
        rig.start(1);
        assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();

        rig.queue.cancel(ids.get(1));

        rig.awaitState(ids.get(0), JobState.COMPLETED);
        rig.awaitState(ids.get(1), JobState.CANCELLED);
        rig.awaitState(ids.get(2), JobState.COMPLETED);
    }

    @Test
    void aJobThatIsCancelledWhileItIsGatheredDoesNotRun() {
        JobType<Integer> type = rig.type("gathering");
        handle(type, ChunkConfig.of(10).linger(Duration.ofSeconds(2)), this::recorded);
        List<JobId> ids = enqueue(type, 3);
        rig.start(1);
        ids.forEach(id -> rig.awaitState(id, JobState.ACTIVE));

        rig.queue.cancel(ids.get(1));

        rig.awaitState(ids.get(1), JobState.CANCELLED);
        rig.awaitState(ids.get(2), JobState.COMPLETED);
        assertThat(calls).containsExactly(List.of(0, 2));
    }

    @Test
    void aStopHandsBackWhatIsGatheredAndWhatIsInterrupted() throws Exception {
        JobType<Integer> type = rig.type("stopped");
        CountDownLatch running = new CountDownLatch(1);
        handle(type, ChunkConfig.of(2).linger(Duration.ofSeconds(10)), chunk -> {
            running.countDown();
            new CountDownLatch(1).await();
        });
        List<JobId> ids = enqueue(type, 3);
        Worker worker = rig.start(config -> config.concurrency(2).shutdownTimeout(Duration.ofMillis(100)));
        assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();
        await().until(() -> rig.queue.counts().active() == 3);

        worker.close();

        assertThat(rig.queue.counts().waiting()).isEqualTo(3);
        ids.forEach(id -> assertThat(rig.job(id).attempt()).isZero());
        assertThat(worker.stats().released()).isEqualTo(3);
    }

    @Test
    void aLostLeaseStopsTheCallAndEveryJobRunsAgain() {
        JobType<Integer> type = rig.type("lost");
        AtomicInteger stopped = new AtomicInteger();
        AtomicInteger begun = new AtomicInteger();
        handle(type, quick(5), chunk -> {
            if (begun.getAndIncrement() == 0) {
                try {
                    new CountDownLatch(1).await();
                } finally {
                    stopped.addAndGet(chunk.stopping() ? 1 : 0);
                }
            }
        });
        List<JobId> ids = enqueue(type, 5);
        rig.start(config -> config.concurrency(1).leaseLength(Duration.ofSeconds(1)));
        await().until(() -> begun.get() == 1);

        await().until(() -> {
            rig.expireLeases(); // and at once to others, before the worker renews it
            rig.redis.await(rig.store.reclaim(100));
            return stopped.get() == 1;
        });

        ids.forEach(id -> rig.awaitState(id, JobState.COMPLETED));
        assertThat(stopped).hasValue(1);
        ids.forEach(id -> assertThat(rig.job(id).attempt()).isEqualTo(1));
    }

    @Test
    void jobsThatWereInHandAtACrashRunAlone() {
        JobType<Integer> type = rig.type("crashed");
        handle(type, quick(10), this::recorded);
        List<JobId> ids = enqueue(type, 4);
        var lease = rig.redis.await(rig.store.join(Duration.ofHours(1)));
        rig.redis.await(rig.store.take(lease, 4, 1 << 20));
        rig.expireLeases();
        rig.redis.await(rig.store.reclaim(100));
        enqueue(type, 3);
        rig.start(2);

        ids.forEach(id -> rig.awaitState(id, JobState.COMPLETED));
        await().until(() -> rig.queue.counts().completed() == 7);
        assertThat(calls.stream().filter(call -> call.size() == 1).count()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void anAbandonedCallFreesItsSlotAndDecidesNothingAnyMore() {
        JobType<Integer> type = rig.type("deaf").timeout(Duration.ofMillis(100)).retry(RetryPolicy.never());
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch back = new CountDownLatch(1);
        AtomicInteger late = new AtomicInteger();
        handle(type, quick(2), chunk -> {
            if (chunk.items().size() < 2) {
                return;
            }
            while (go.getCount() > 0) {
                try {
                    go.await();
                } catch (InterruptedException ignored) {
                    // as a deaf handler does
                }
            }
            late.addAndGet(chunk.complete(chunk.items().get(0)) ? 1 : 0);
            back.countDown();
        });
        List<JobId> ids = enqueue(type, 2);
        Worker worker = rig.start(config -> config.concurrency(1).abandonAfter(Duration.ofMillis(200)));

        ids.forEach(id -> rig.awaitState(id, JobState.FAILED));
        assertThat(worker.stats().abandoned()).isEqualTo(1);
        JobId next = rig.enqueue(type);
        rig.awaitState(next, JobState.COMPLETED);
        go.countDown();
        await().until(() -> back.getCount() == 0 && worker.stats().abandoned() == 0);
        assertThat(late).hasValue(0);
        ids.forEach(id -> assertThat(rig.job(id).state()).isEqualTo(JobState.FAILED));
    }

    @Test
    void interceptorsSeeEachJobAndItsOwnEnd() {
        JobType<Integer> type = rig.type("seen").retry(RetryPolicy.never());
        Map<JobId, String> ends = new ConcurrentHashMap<>();
        rig.handlers.intercept(new Interceptor() {
            @Override
            public void before(JobContext context) {
                if (context.metadata().containsKey("refuse")) {
                    throw new IllegalStateException("refused by the interceptor");
                }
            }

            @Override
            public void after(JobContext context) {
                ends.put(context.id(), "after");
            }

            @Override
            public void error(JobContext context, Throwable error) {
                ends.put(context.id(), String.valueOf(error.getMessage()));
            }
        });
        handle(type, quick(3), chunk -> chunk.fail(chunk.items().get(0), new IOException("own fault")));
        JobId failing = rig.enqueue(type);
        JobId fine = rig.enqueue(type);
        JobId refused = rig.enqueue(type, 1, o -> o.metadata(Map.of("refuse", "me")));
        rig.start(1);

        rig.awaitState(failing, JobState.FAILED);
        rig.awaitState(fine, JobState.COMPLETED);
        assertThat(rig.awaitState(refused, JobState.FAILED).error().message()).contains("refused by the interceptor");
        assertThat(ends)
                .containsEntry(failing, "own fault")
                .containsEntry(fine, "after")
                .doesNotContainKey(refused);
    }

    @Test
    void tensOfThousandsOfJobsRunOnceEachWithRetriesAndTwoWorkers() {
        int many = 20_000;
        JobType<Integer> type = rig.type("many").retry(QUICK);
        Map<Integer, Integer> runs = new ConcurrentHashMap<>();
        handle(type, ChunkConfig.of(100).linger(Duration.ofMillis(20)), chunk -> {
            for (Chunk.Item<Integer> item : chunk.items()) {
                runs.merge(item.payload(), 1, Integer::sum);
                if (item.payload() % 10 == 0 && item.attempt() == 1) {
                    chunk.fail(item, new IOException("planned by the test"));
                }
            }
        });
        Worker first = rig.start(3);
        Worker second = rig.start(3);

        rig.queue.enqueueAll(IntStream.range(0, many).mapToObj(type::spec));

        await().until(() -> rig.queue.counts().completed() == many);
        for (int n = 0; n < many; n++) {
            assertThat(runs.get(n)).isEqualTo(n % 10 == 0 ? 2 : 1);
        }
        assertThat(first.stats().bytesInHand() + second.stats().bytesInHand()).isZero();
        assertThat(first.stats().ready() + second.stats().ready()).isZero();
    }

    @Test
    void refusesWhatIsOutOfRange() {
        assertThatThrownBy(() -> ChunkConfig.of(0)).hasMessageContaining("chunk.size 0");
        assertThatThrownBy(() -> ChunkConfig.of(5).linger(Duration.ofMinutes(1)))
                .hasMessageContaining("chunk.linger");
        assertThatThrownBy(() -> ChunkConfig.of(5).bytes(1)).hasMessageContaining("chunk.bytes 1");
    }
}
