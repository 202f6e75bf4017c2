package io.penstock.memory.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.trend.FloorTrend;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeakDetectorTest {
    private static final long MAX = 1L << 30;

    private final LeakDetector detector = new LeakDetector(
            new FloorTrend(Clock.system(), MAX, 0.75, FloorTrend.LEAST_WINDOW), MAX, 1); // watches every handle

    private long collections;

    private record Context(byte[] payload, JobToken token) {}

    @AfterEach
    void close() {
        detector.close();
    }

    private void collect(int times) {
        for (int i = 0; i < times; i++) {
            System.gc();
            detector.onCollection(new GcEvent("old", "test", true, false, 2_000, 1_000, 1, ++collections));
        }
    }

    private Context run(String type) {
        Context context = new Context(new byte[1_000], detector.watch(type));
        context.token().payload(context.payload(), 1_000);
        detector.finished(context.token());
        return context;
    }

    @Test
    void namesTheTypeThatKeepsItsJobsAndNoOther() {
        List<Context> kept = new ArrayList<>();
        Deque<Context> cache = new ArrayDeque<>();
        for (int round = 0; round < 45; round++) {
            for (int job = 0; job < 20; job++) {
                run("clean");
                cache.addLast(run("cached"));
                if (cache.size() > 60) {
                    cache.removeFirst();
                }
                Context leaking = run("leaking");
                if (job % 4 == 0) {
                    kept.add(leaking);
                }
            }
            collect(1);
        }
        LeakReport report = detector.report();

        assertThat(report.markings()).isPositive();
        assertThat(report.jobs())
                .filteredOn(RetainedJobs::named)
                .extracting(RetainedJobs::jobType)
                .containsExactly("leaking");
        assertThat(report.jobs()).extracting(RetainedJobs::jobType).doesNotContain("clean");
        assertThat(report.evidence()).anyMatch(line -> line.startsWith("job type leaking keeps its jobs"));
        assertThat(kept).isNotEmpty();
    }

    @Test
    void takesTheVerdictBackWhenTheJobsAreLetGo() {
        List<Context> kept = new ArrayList<>();
        for (int round = 0; round < 40; round++) {
            kept.add(run("hoarding"));
            collect(1);
        }
        assertThat(detector.report().jobs()).extracting(RetainedJobs::named).contains(true);
        assertThat(kept).hasSize(40);

        kept.clear();
        collect(2);
        assertThat(detector.report().jobs()).isEmpty();
    }

    @Test
    void saysNothingBeforeTheOldGenerationWasMarked() {
        List<Context> kept = new ArrayList<>();
        for (int job = 0; job < 50; job++) {
            kept.add(run("held"));
        }
        collect(10); // no canary is old yet

        LeakReport report = detector.report();
        assertThat(report.jobs()).isEmpty();
        assertThat(report.verdict()).isEqualTo(LeakVerdict.NONE);
        assertThat(report.evidence()).anyMatch(line -> line.startsWith("no verdict on retained jobs yet"));
        assertThat(kept).hasSize(50);
    }

    @Test
    void namesATypeThatKeepsItsPayloadsOnly() {
        List<byte[]> kept = new ArrayList<>();
        for (int round = 0; round < 40; round++) {
            for (int job = 0; job < 3; job++) {
                run("clean");
                kept.add(run("greedy").payload());
            }
            collect(1);
        }

        assertThat(detector.report().jobs())
                .filteredOn(RetainedJobs::named)
                .extracting(RetainedJobs::jobType)
                .containsExactly("greedy");
        assertThat(kept).hasSize(120);
    }

    @Test
    void saysNothingOfPayloadsThatAreHandedOutTwice() {
        byte[] constant = new byte[100];
        for (int round = 0; round < 40; round++) {
            JobToken token = detector.watch("constant");
            token.payload(constant, 100);
            detector.finished(token);
            collect(1);
        }

        assertThat(detector.report().jobs()).filteredOn(RetainedJobs::named).isEmpty();
        assertThat(constant).hasSize(100);
    }

    @Test
    void keepsNoPayloadAlive() {
        List<WeakReference<byte[]>> payloads = new ArrayList<>();
        for (int job = 0; job < 1_000; job++) {
            Context context = run("watched");
            payloads.add(new WeakReference<>(context.payload()));
        }
        await().untilAsserted(() -> {
            System.gc();
            assertThat(payloads).allMatch(payload -> payload.refersTo(null));
        });
        detector.report();
    }

    @Test
    void countsWhatIsOpenOfEachKindAndType() {
        detector.opened("lease");
        detector.opened("lease");
        detector.closed("lease");
        detector.watch("mail.send");

        List<OpenCount> open = detector.report().open();
        assertThat(open).extracting(OpenCount::kind).containsExactly("job mail.send", "lease");
        assertThat(open).extracting(OpenCount::open).containsExactly(1L, 1L);
    }

    @Test
    void findsHandlesThatWereCollectedWithoutBeingClosed() {
        for (int i = 0; i < 10; i++) {
            detector.opened("connection", new byte[100]);
        }
        await().untilAsserted(() -> {
            System.gc();
            detector.tick();
            assertThat(detector.report().open().get(0).lostHandles()).isEqualTo(10);
        });
        assertThat(detector.report().open().get(0).open()).isZero();
        assertThat(detector.report().evidence()).anyMatch(line -> line.contains("without having been closed"));
    }

    @Test
    void losesNoHandleThatIsClosedAndCountsItOnce() {
        byte[] owner = new byte[100];
        Subscription handle = detector.opened("subscription", owner);
        handle.close();
        handle.close();
        System.gc();
        detector.tick();

        assertThat(detector.report().open().get(0)).isEqualTo(new OpenCount("subscription", 1, 1, 0, false));
        assertThat(owner).hasSize(100);
    }

    @Test
    void boundsItsKindsAndTypes() {
        for (int i = 0; i < 2_000; i++) {
            detector.opened("kind" + i);
            detector.watch("type" + i);
        }
        assertThat(detector.report().open()).hasSizeLessThanOrEqualTo(OpenCounters.MOST + 1);
        assertThat(detector.report().open()).extracting(OpenCount::kind).contains(OpenCounter.OTHERS);
        assertThat(detector.report().open().stream().mapToLong(OpenCount::open).sum())
                .isEqualTo(4_000);
    }

    @Test
    void countsExactlyUnderManyThreads() throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                all.add(threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < 20_000; i++) {
                        run("busy");
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(detector.report().open()).containsExactly(new OpenCount("job busy", 80_000, 80_000, 0, false));
    }

    @Test
    void comparesHistograms() {
        detector.histogram(Map.of("[B", new long[] {10, 1_000}, "A", new long[] {5, 50}));
        List<ClassGrowth> grown = detector.histogram(
                Map.of("[B", new long[] {12, MAX / 10}, "A", new long[] {1, 10}, "B", new long[] {1, 16}));

        assertThat(grown).containsExactly(new ClassGrowth("[B", 2, MAX / 10 - 1_000), new ClassGrowth("B", 1, 16));
        assertThat(detector.report().evidence()).anyMatch(line -> line.startsWith("class [B: 2 more live instances"));

        detector.forgetEvidence();
        assertThat(detector.report().classes()).isEmpty();
    }
}
