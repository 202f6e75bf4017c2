package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Priority;
import io.penstock.job.Unique;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FsckRedisTest {
    private QueueRig rig;

    @BeforeAll
    void open(EmbeddedRedis server) {
        rig = new QueueRig(server);
    }

    @AfterAll
    void close() {
        rig.close();
    }

    @BeforeEach
    void renew() {
        rig.renew();
    }

    @AfterEach
    void leavesNothingUnsound() {
        rig.assertSound();
    }

    private void lose(byte[] key) {
        rig.command("DEL", key);
    }

    @Test
    void findsNothingWhereAllIsWell() {
        rig.add();
        rig.add(o -> o.in(Duration.ofDays(1)).unique(Unique.whilePending("k")));
        rig.die();

        FsckReport report = rig.queue.fsck(1_000);

        assertThat(report.clean()).as("%s", report).isTrue();
        assertThat(report.looked()).isEqualTo(3);
    }

    @Test
    void remembersTheGateWhereOnlyADelayedJobWillPassIt() {
        JobId id = rig.add(o -> o.group("a").in(Duration.ofDays(1)));
        lose(rig.store.keys().settings);

        assertThat(rig.queue.fsck(1_000).clean()).isFalse();
        rig.queue.promote(id);

        assertThat(rig.take(rig.join(), 1)).extracting(LeasedJob::id).containsExactly(id);
    }

    @Test
    void putsJobsBackThatStandInNoLine() {
        rig.add();
        rig.add(o -> o.priority(Priority.HIGH));
        JobId later = rig.add(o -> o.at(Instant.parse("2100-01-01T00:00:00Z")));
        lose(rig.store.keys().lines[1]);
        lose(rig.store.keys().lines[2]);
        lose(rig.store.keys().delayed);

        assertThat(rig.queue.fsck(1_000).restored()).isEqualTo(3);
        assertThat(rig.job(later).state()).isEqualTo(JobState.DELAYED);
        assertThat(rig.take(rig.join(), 9)).hasSize(2);
    }

    @Test
    void doesNotLookAtLinesThatAreLongerThanItsBudgetAndSaysSo() {
        for (int i = 0; i < 150; i++) {
            rig.add();
        }

        FsckReport report = rig.queue.fsck(100);

        assertThat(report.unchecked()).anyMatch(text -> text.startsWith("lines: 150 entries, more than 100"));
        assertThat(report.mended()).isZero();
        assertThat(rig.queue.counts().waiting()).isEqualTo(150);
    }

    @Test
    void goesOnWithTheRecordsWhereTheLastCallStopped() {
        for (int i = 0; i < 50; i++) {
            JobId id = rig.add();
            rig.command("SET", rig.store.keys().extras("zz" + id.serial()), "x");
        }
        long looked = 0;
        FsckReport report;
        do {
            report = rig.queue.fsck(100);
            looked += report.looked();
        } while (!report.clean() && looked < 10_000);

        assertThat(report.clean()).isTrue();
    }

    @Test
    void dropsEntriesWhoseJobIsGone() {
        JobId waits = rig.add();
        JobId later = rig.add(o -> o.in(Duration.ofDays(1)).unique(Unique.whilePending("k")));
        lose(rig.store.keys().recordsOf(waits));
        lose(rig.store.keys().recordsOf(later));

        FsckReport report = rig.queue.fsck(1_000);

        assertThat(report.keys()).isEqualTo(1);
        assertThat(rig.queue.counts().pending()).isZero();
        assertThat(rig.queue.get(later)).isEmpty();
        assertThat(rig.queue.stats().bytes()).isZero();
    }

    @Test
    void handsOnWhatIsHeldByAWorkerWithoutALease() {
        rig.add();
        Lease lease = rig.join();
        rig.take(lease, 1);
        lose(rig.store.keys().leases);

        assertThat(rig.queue.fsck(1_000).orphaned()).isEqualTo(1);
        assertThat(rig.reclaimAll()).isEqualTo(1);
        assertThat(rig.take(rig.join(), 1)).hasSize(1);
    }

    @Test
    void numbersAreNotGivenOutTwiceAfterTheirCounterWasLost() {
        rig.add();
        Lease first = rig.join();
        rig.take(first, 1);
        lose(rig.store.keys().counters);
        rig.queue.fsck(1_000);

        assertThat(rig.join().number()).isNotEqualTo(first.number());
        assertThat(rig.queue.counts().active()).isEqualTo(1);
    }

    @Test
    void indexesEndedJobsAnew() {
        JobId dead = rig.die();
        JobId done = rig.add();
        Lease lease = rig.join();
        rig.finish(lease, rig.completed(rig.take(lease, 1).get(0)));
        lose(rig.store.keys().failed);
        lose(rig.store.keys().completed);

        assertThat(rig.queue.fsck(1_000).indexed()).isEqualTo(2);
        assertThat(rig.queue.list(JobState.FAILED, null, 9).jobs())
                .singleElement()
                .matches(job -> job.id().equals(dead));
        assertThat(rig.queue.list(JobState.COMPLETED, null, 9).jobs())
                .singleElement()
                .matches(job -> job.id().equals(done));
    }

    @Test
    void harmsNothingWhileProducersWorkersAndOperatorsGoOn() throws InterruptedException {
        rig.queue.configure(new QueueSettings(
                0,
                0,
                1 << 18,
                new QueueSettings.Keep(Duration.ofHours(1), 100, 1 << 20),
                QueueSettings.KEEP_FAILED,
                QueueSettings.AGING));
        Map<String, Integer> runs = new ConcurrentHashMap<>();
        Map<String, String> added = new ConcurrentHashMap<>();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> broken = new AtomicReference<>();
        List<Thread> crew = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            crew.add(new Thread(() -> guarded(broken, () -> produce(added, stop))));
            crew.add(new Thread(() -> guarded(broken, () -> work(runs, stop))));
        }
        crew.forEach(Thread::start);
        long mended = 0;
        for (int i = 0; i < 25; i++) {
            FsckReport report = rig.queue.fsck(20_000);
            mended += report.mended();
            assertThat(report.restored() + report.dropped() + report.indexed() + report.orphaned())
                    .as("%s", report)
                    .isZero();
        }
        stop.set(true);
        for (Thread thread : crew) {
            thread.join(20_000);
        }
        work(runs, stop);

        assertThat(broken.get()).isNull();
        assertThat(mended).isZero();
        assertThat(runs.values()).allMatch(times -> times == 1);
        assertThat(runs.keySet()).isEqualTo(added.keySet());
        assertThat(runs).hasSizeGreaterThan(500);
    }

    private static void guarded(AtomicReference<Throwable> broken, Runnable work) {
        try {
            work.run();
        } catch (Throwable e) {
            broken.compareAndSet(null, e);
        }
    }

    private void produce(Map<String, String> added, AtomicBoolean stop) {
        Random random = new Random(added.hashCode());
        while (!stop.get()) {
            JobId id = rig.add(o -> o.priority(Priority.ofLevel(random.nextInt(4))));
            added.put(id.serial(), "");
            if (random.nextInt(5) == 0) {
                rig.queue.edit(id, new JobEdit(null, Priority.ofLevel(random.nextInt(4)), null));
            }
            if (rig.queue.counts().waiting() > 500) {
                Thread.onSpinWait();
            }
        }
    }

    private void work(Map<String, Integer> runs, AtomicBoolean stop) {
        Lease lease = rig.join();
        for (boolean more = true; more || !stop.get(); ) {
            List<LeasedJob> jobs = rig.take(lease, 20);
            more = !jobs.isEmpty();
            jobs.forEach(job -> runs.merge(job.id().serial(), 1, Integer::sum));
            rig.finish(lease, jobs.stream().map(rig::completed).toArray(Ending[]::new));
            rig.await(rig.store.prune(100));
        }
    }

    @Test
    void tellsWhatItWouldMendAndChangesNothing() {
        rig.add();
        JobId unique = rig.add(o -> o.priority(Priority.HIGH).unique(Unique.whilePending("k")));
        JobId gone = rig.add();
        rig.take(rig.join(), 1);
        lose(rig.store.keys().lines[1]);
        rig.command("HDEL", rig.store.keys().recordsOf(gone), gone.serial());
        rig.command("DEL", rig.store.keys().unique(Unique.whilePending("k")));
        rig.command("HSET", rig.store.keys().counters, "waiting", "99");
        KeyDump before = KeyDump.of(rig.store);

        FsckReport told = rig.queue.fsck(1_000, false);

        assertThat(KeyDump.of(rig.store)).usingRecursiveComparison().isEqualTo(before);
        assertThat(told.clean()).isFalse();
        FsckReport mended = rig.queue.fsck(1_000, true);
        assertThat(mended.restored()).isEqualTo(told.restored());
        assertThat(mended.dropped()).isEqualTo(told.dropped());
        assertThat(mended.keys()).isEqualTo(told.keys());
        assertThat(rig.queue.fsck(1_000, false).mended()).isZero();
        assertThat(rig.job(unique).state()).isNotNull();
    }
}
