package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Enqueued;
import io.penstock.job.Enqueued.Duplicate;
import io.penstock.job.Enqueued.Reason;
import io.penstock.job.Enqueued.Refused;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.Priority;
import io.penstock.job.Retention;
import io.penstock.job.Unique;
import io.penstock.queue.QueueSettings.Keep;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class QueueRedisTest {
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

    private void limits(long jobs, long bytes) {
        QueueSettings d = QueueSettings.DEFAULT;
        rig.queue.configure(new QueueSettings(jobs, bytes, d.maxPayloadBytes(), d.completed(), d.failed(), d.aging()));
    }

    private void keeps(Keep keep) {
        QueueSettings d = QueueSettings.DEFAULT;
        rig.queue.configure(new QueueSettings(0, 0, d.maxPayloadBytes(), keep, keep, d.aging()));
    }

    private List<JobSpec> specs(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> rig.spec(Integer.toString(i), o -> o))
                .toList();
    }

    @Test
    void refusesWhatIsOverTheLimitInJobsAndTakesTheRestOfTheBatch() {
        limits(5, 0);

        EnqueueSummary summary = rig.queue.enqueueAll(specs(8).stream());

        assertThat(summary.accepted()).isEqualTo(5);
        assertThat(summary.refused()).isPositive();
        assertThat(summary.firstRefusal())
                .isEqualTo(new Refused(
                        Reason.QUEUE_FULL,
                        Duration.ofSeconds(1),
                        "queue \"" + rig.name + "\": not added, it holds its limit of 5 jobs; retry after 1 s, add"
                                + " workers, or raise maxJobs"));
        assertThat(rig.queue.counts().waiting()).isEqualTo(5);
    }

    @Test
    void refusesWhatIsOverTheLimitInBytes() {
        limits(0, 200);
        rig.enqueue("1".repeat(100), o -> o);

        assertThat(rig.enqueue("1".repeat(100), o -> o))
                .isEqualTo(new Refused(
                        Reason.QUEUE_BYTES,
                        Duration.ofSeconds(1),
                        "queue \"" + rig.name
                                + "\": not added, 100 bytes do not fit under its limit of 200 bytes; retry"
                                + " after 1 s, add workers, or raise maxBytes"));
        assertThat(rig.enqueue("1".repeat(20), o -> o)).isInstanceOf(Enqueued.Accepted.class);
    }

    @Test
    void aJobInHandCountsAgainstTheLimit() {
        limits(1, 0);
        rig.add();
        Lease lease = rig.join();
        LeasedJob job = rig.take(lease, 1).get(0);

        assertThat(rig.enqueue("2", o -> o)).isInstanceOf(Refused.class);
        rig.finish(lease, rig.completed(job));
        assertThat(rig.enqueue("2", o -> o)).isInstanceOf(Enqueued.Accepted.class);
    }

    @Test
    void refusesWhileItRunsDry() {
        rig.add();
        rig.queue.drain();

        assertThat(rig.enqueue("2", o -> o))
                .isEqualTo(new Refused(
                        Reason.DRAINING,
                        Duration.ZERO,
                        "queue \"" + rig.name
                                + "\": not added, an operator lets it run dry; use another queue or resume" + " it"));
        assertThat(rig.taken(rig.join(), 9)).containsExactly("1");
    }

    @Test
    void twoHundredCallersAtOnceGetIdsOfTheirOwn() throws InterruptedException {
        Set<JobId> ids = ConcurrentHashMap.newKeySet();
        CountDownLatch ready = new CountDownLatch(200);
        List<Thread> callers = IntStream.range(0, 200)
                .mapToObj(i -> new Thread(() -> {
                    ready.countDown();
                    for (int n = 0; n < 20; n++) {
                        ids.add(rig.add());
                    }
                }))
                .toList();
        callers.forEach(Thread::start);
        for (Thread caller : callers) {
            caller.join(30_000);
        }

        assertThat(ids).hasSize(4_000);
        assertThat(rig.queue.counts().waiting()).isEqualTo(4_000);
    }

    @Test
    void aBlockThatRedisGivesOutTwiceLosesNoJob() {
        JobId first = rig.add();
        rig.command("SET", rig.store.keys().blocks, "0"); // as after a failover to a replica that had not seen it
        Queue other = new Queue(new QueueStore(rig.redis, rig.clock, rig.name));

        Enqueued second = other.enqueue(rig.spec("2", o -> o));
        JobId third = rig.add();

        assertThat(rig.queue.counts().waiting()).isEqualTo(3);
        assertThat(List.of(first, ((Enqueued.Accepted) second).id(), third)).doesNotHaveDuplicates();
        Lease lease = rig.join();
        List<String> all = new ArrayList<>(rig.taken(lease, 9)); // a take may stop at a block it has not met before
        all.addAll(rig.taken(lease, 9));
        assertThat(all).containsExactlyInAnyOrder("1", "2", "1");
    }

    @Test
    void aDelayedJobIsNeverEarlyByTheClockOfRedis() {
        long before = redisMillis();
        JobId id = rig.add(o -> o.in(Duration.ofMillis(120)));
        Lease lease = rig.join();
        while (rig.job(id).state() == JobState.DELAYED) {
            rig.await(rig.store.promote(10));
        }

        assertThat(redisMillis() - before).isGreaterThanOrEqualTo(120);
        assertThat(rig.take(lease, 1)).hasSize(1);
    }

    private long redisMillis() {
        List<Object> time = rig.await(rig.redis.command("TIME", new Call(16)));
        return Long.parseLong(Redis.text(time.get(0))) * 1_000 + Long.parseLong(Redis.text(time.get(1))) / 1_000;
    }

    @Test
    void theMostUrgentLineGoesFirst() {
        for (Priority priority : List.of(Priority.LOW, Priority.NORMAL, Priority.CRITICAL, Priority.HIGH)) {
            rig.enqueue("\"" + priority.wire() + "\"", o -> o.priority(priority));
        }

        assertThat(rig.taken(rig.join(), 9)).containsExactly("\"critical\"", "\"high\"", "\"normal\"", "\"low\"");
    }

    @Test
    void anAgedJobGoesBeforeAFreshOneOfAMoreUrgentLine() {
        rig.enqueue("\"old\"", o -> o.priority(Priority.LOW));
        rig.clock.advance(QueueSettings.AGING.multipliedBy(3).plusMillis(1));
        rig.enqueue("\"fresh\"", o -> o.priority(Priority.CRITICAL));

        assertThat(rig.taken(rig.join(), 1)).containsExactly("\"old\"");
    }

    @Test
    void dropsASecondJobWhileTheFirstHasNotEnded() {
        JobId first = rig.add(o -> o.unique(Unique.whilePending("k")));
        assertThat(rig.enqueue("2", o -> o.unique(Unique.whilePending("k")))).isEqualTo(new Duplicate(first, false));
        Lease lease = rig.join();
        LeasedJob job = rig.take(lease, 1).get(0);
        assertThat(rig.enqueue("2", o -> o.unique(Unique.whilePending("k")))).isEqualTo(new Duplicate(first, false));
        rig.finish(lease, rig.completed(job));

        assertThat(rig.add(o -> o.unique(Unique.whilePending("k")))).isNotEqualTo(first);
    }

    @Test
    void throttlesPastCompletionAndUntilCancelled() {
        Unique hourly = Unique.throttle("k", Duration.ofHours(1));
        JobId first = rig.add(o -> o.unique(hourly));
        Lease lease = rig.join();
        rig.finish(lease, rig.completed(rig.take(lease, 1).get(0)));
        assertThat(rig.enqueue("2", o -> o.unique(hourly))).isEqualTo(new Duplicate(first, false));

        Unique other = Unique.throttle("l", Duration.ofHours(1));
        rig.queue.cancel(rig.add(o -> o.unique(other)));
        assertThat(rig.enqueue("2", o -> o.unique(other))).isInstanceOf(Enqueued.Accepted.class);
    }

    @Test
    void keepsTheLastPayloadOfAJobThatHasNotStarted() {
        JobId first = rig.add(o -> o.unique(Unique.keepLast("k")));
        assertThat(rig.enqueue("2", o -> o.unique(Unique.keepLast("k")))).isEqualTo(new Duplicate(first, true));
        Lease lease = rig.join();
        assertThat(rig.taken(lease, 9)).containsExactly("2");

        assertThat(rig.add(o -> o.unique(Unique.keepLast("k")))).isNotEqualTo(first);
    }

    @Test
    void debounceStartsItsDelayAnew() {
        Unique quiet = Unique.debounce("k", Duration.ofHours(1));
        JobId first = rig.add(o -> o.unique(quiet));
        rig.queue.promote(first);
        assertThat(rig.enqueue("2", o -> o.unique(quiet))).isEqualTo(new Duplicate(first, true));

        assertThat(rig.job(first).state()).isEqualTo(JobState.DELAYED);
        assertThat(rig.taken(rig.join(), 9)).isEmpty();
    }

    @Test
    void aDeadLetterStartsANewLife() {
        JobId id = rig.die();
        assertThat(rig.job(id).state()).isEqualTo(JobState.FAILED);
        assertThat(rig.job(id).error().message()).isEqualTo("it broke");
        assertThat(rig.job(id).attempt()).isEqualTo(1);

        assertThat(rig.queue.retry(id).result()).isEqualTo(Change.Result.DONE);
        assertThat(rig.job(id).state()).isEqualTo(JobState.WAITING);
        assertThat(rig.take(rig.join(), 1).get(0).attempt()).isEqualTo(1);
        assertThat(rig.queue.attempts(id)).hasSize(1);
    }

    @Test
    void aDeadLetterWhoseKeyIsTakenStaysOne() {
        JobId first = rig.add(o -> o.unique(Unique.whilePending("k")));
        Lease lease = rig.join();
        rig.finish(lease, rig.failed(rig.take(lease, 1).get(0)));
        rig.add(o -> o.unique(Unique.whilePending("k")));

        assertThat(rig.queue.retry(first))
                .isEqualTo(new Change(
                        Change.Result.CONFLICT,
                        JobState.FAILED,
                        "another job holds its unique key now; cancel that one first"));
    }

    @Test
    void editsWhatHasNotStarted() {
        JobId id = rig.add();
        rig.add(o -> o.priority(Priority.HIGH));
        rig.queue.edit(id, new JobEdit("\"new\"".getBytes(UTF_8), Priority.CRITICAL, null));
        assertThat(rig.job(id).options().priority()).isEqualTo(Priority.CRITICAL);
        assertThat(rig.queue.list(JobState.WAITING, null, 10).jobs()).hasSize(2);
        rig.queue.edit(id, new JobEdit(null, null, Duration.ofDays(1)));
        assertThat(rig.job(id).state()).isEqualTo(JobState.DELAYED);
        rig.queue.edit(id, new JobEdit(null, null, Duration.ZERO));

        Lease lease = rig.join();
        assertThat(rig.taken(lease, 1)).containsExactly("\"new\"");
        assertThat(rig.queue
                        .edit(id, new JobEdit("2".getBytes(UTF_8), null, null))
                        .result())
                .isEqualTo(Change.Result.CONFLICT);
    }

    @Test
    void cancelsWhatWaitsAndAsksWhatRuns() {
        JobId waits = rig.add();
        assertThat(rig.queue.cancel(waits).state()).isEqualTo(JobState.CANCELLED);
        assertThat(rig.job(waits).deliveries()).isZero();

        JobId runs = rig.add();
        Lease lease = rig.join();
        LeasedJob job = rig.take(lease, 5).get(0);
        assertThat(rig.queue.cancel(runs).result()).isEqualTo(Change.Result.ASKED);
        assertThat(rig.await(rig.store.extend(lease, Duration.ofHours(1), new byte[0]))
                        .cancelRequested())
                .containsExactly(runs.serial());
        rig.finish(lease, Ending.cancelled(job, rig.clock.millis(), rig.clock.millis(), null));
        assertThat(rig.job(runs).state()).isEqualTo(JobState.CANCELLED);
        assertThat(rig.queue.cancel(runs).result()).isEqualTo(Change.Result.CONFLICT);
    }

    @Test
    void purgesALineOfNothingButGhosts() {
        JobId id = rig.add();
        rig.queue.edit(id, new JobEdit(null, Priority.HIGH, null));
        rig.queue.edit(id, new JobEdit(null, null, Duration.ofDays(1)));

        assertThat(rig.queue.purge(JobState.WAITING)).isZero();
        assertThat(rig.queue.purge(JobState.DELAYED)).isEqualTo(1);
        assertThat(rig.queue.get(id)).isEmpty();
    }

    @Test
    void movingAJobBackAndForthLeavesOnePlaceInTheLine() {
        JobId id = rig.add();
        for (int i = 0; i < 10; i++) {
            rig.queue.edit(id, new JobEdit(null, null, Duration.ofDays(1)));
            rig.queue.promote(id);
        }

        assertThat(KeyDump.of(rig.store).lines.get(Priority.NORMAL.level())).containsExactly(id.serial());
        assertThat(rig.queue.list(JobState.WAITING, null, 10).jobs()).hasSize(1);
    }

    @Test
    void purgesAllOfAState() {
        rig.queue.enqueueAll(specs(700).stream());
        assertThat(rig.queue.purge(JobState.WAITING)).isEqualTo(700);
        for (int i = 0; i < 3; i++) {
            rig.die();
        }
        assertThat(rig.queue.purge(JobState.FAILED)).isEqualTo(3);
        assertThatThrownBy(() -> rig.queue.purge(JobState.ACTIVE)).hasMessageContaining("cancel them instead");
    }

    @Test
    void keepsCompletedJobsByCount() {
        keeps(new Keep(Duration.ofHours(1), 10, 1 << 20));
        complete(30, 1);
        prune();

        assertThat(rig.queue.counts().completed()).isEqualTo(10);
    }

    @Test
    void keepsCompletedJobsByAge() {
        keeps(new Keep(Duration.ofHours(1), 1_000, 1 << 20));
        complete(5, 1);
        rig.clock.advance(Duration.ofMinutes(59));
        complete(5, 1);
        rig.clock.advance(Duration.ofMinutes(2));
        prune();

        assertThat(rig.queue.counts().completed()).isEqualTo(5);
    }

    @Test
    void keepsCompletedJobsByBytes() {
        keeps(new Keep(Duration.ofHours(1), 1_000, 2_000));
        complete(60, 1);
        prune();

        assertThat(rig.queue.stats().keptBytes()).isBetween(1_900L, 2_100L); // a run more than the budget may stay
    }

    @Test
    void keepsNothingWhenToldSo() {
        keeps(new Keep(Duration.ZERO, 0, 0));
        complete(20, 20);

        assertThat(rig.queue.counts().completed()).isZero();
        assertThat(rig.queue.stats().completedTotal()).isEqualTo(20);
    }

    @Test
    void aJobsOwnRetentionGoesBeforeTheAgeOfTheQueue() {
        keeps(new Keep(Duration.ofHours(1), 100, 1 << 20));
        Lease lease = rig.join();
        List<JobId> ids = new ArrayList<>();
        for (int hours : List.of(0, 2)) {
            ids.add(rig.add(o -> o.retain(new Retention(Duration.ofHours(hours), Duration.ofHours(hours)))));
            rig.finish(lease, rig.completed(rig.take(lease, 1).get(0)));
        }
        assertThat(rig.queue.get(ids.get(0))).isEmpty();
        rig.clock.advance(Duration.ofMinutes(90));
        prune();
        assertThat(rig.queue.get(ids.get(1))).isPresent();
        rig.clock.advance(Duration.ofMinutes(31));
        prune();
        assertThat(rig.queue.get(ids.get(1))).isEmpty();
    }

    private JobId dead(Lease lease, int ownHours) {
        Duration own = Duration.ofHours(ownHours);
        JobId id = rig.add(o -> ownHours == 0 ? o : o.retain(new Retention(own, own)));
        rig.finish(lease, rig.failed(rig.take(lease, 1).get(0)));
        return id;
    }

    @Test
    void keepsADeadLetterAsLongAsItAskedForAndTheOthersAsLongAsTheQueueSays() {
        keeps(new Keep(Duration.ofHours(2), 1_000, 1 << 20));
        Lease lease = rig.join();
        for (int i = 0; i < 120; i++) {
            dead(lease, 10);
        }
        JobId plain = dead(lease, 0);
        for (int i = 0; i < 30; i++) {
            dead(lease, 10);
        }
        JobId brief = dead(lease, 1);
        rig.clock.advance(Duration.ofMinutes(61));
        prune();
        prune();
        assertThat(rig.queue.get(brief)).isEmpty();
        assertThat(rig.queue.get(plain)).isPresent();
        rig.clock.advance(Duration.ofMinutes(60));
        prune();
        prune();
        assertThat(rig.queue.get(plain)).isEmpty();
        assertThat(rig.queue.counts().failed()).isEqualTo(150);
        rig.clock.advance(Duration.ofHours(9));
        prune();
        assertThat(rig.queue.counts().failed()).isZero();
    }

    @Test
    void dropsAllDeadLettersThatAreOverTheBudgetAtOnce() {
        Lease lease = rig.join();
        for (int i = 0; i < 250; i++) {
            dead(lease, 10);
        }
        keeps(new Keep(Duration.ofHours(2), 20, 1 << 20));

        assertThat(rig.await(rig.store.prune(QueueStore.MAX_PRUNE))).isEqualTo(230);
        keeps(new Keep(Duration.ofHours(2), 1_000, 1_000));
        prune();
        assertThat(rig.queue.stats().keptBytes()).isBetween(700L, 1_000L);
    }

    @Test
    void dropsCompletedJobsWithARetentionOfTheirOwnWhenTheBudgetsAskForIt() {
        Lease lease = rig.join();
        for (int i = 0; i < 30; i++) {
            int hours = 100 - i;
            rig.add(o -> o.retain(new Retention(Duration.ofHours(hours), Duration.ZERO)));
            rig.finish(lease, rig.completed(rig.take(lease, 1).get(0)));
        }
        keeps(new Keep(Duration.ofHours(1), 10, 1 << 20));
        prune();
        assertThat(rig.queue.counts().completed()).isEqualTo(10);
        keeps(new Keep(Duration.ofHours(1), 10, 300));
        prune();
        assertThat(rig.queue.stats().keptBytes()).isBetween(100L, 300L);
    }

    private void complete(int jobs, int atOnce) {
        Lease lease = rig.join();
        for (int i = 0; i < jobs; i += atOnce) {
            rig.queue.enqueueAll(specs(atOnce).stream());
            rig.finish(
                    lease, rig.take(lease, atOnce).stream().map(rig::completed).toArray(Ending[]::new));
        }
    }

    private void prune() {
        while (rig.await(rig.store.prune(100)) > 0) {}
    }

    @Test
    void cursorsLeadThroughAllPagesWhileJobsCome() {
        rig.queue.enqueueAll(specs(50).stream());
        List<JobId> seen = new ArrayList<>();
        String cursor = null;
        do {
            JobPage page = rig.queue.list(JobState.WAITING, cursor, 7);
            page.jobs().forEach(job -> seen.add(job.id()));
            cursor = page.next();
            if (seen.size() < 50) {
                rig.take(rig.join(), 2); // the head goes while we read
                rig.add(o -> o.priority(Priority.LOW));
            }
        } while (cursor != null);

        assertThat(seen).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(50);
        assertThatThrownBy(() -> rig.queue.list(JobState.WAITING, "not a cursor", 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is none of ours");
    }

    @Test
    void aJobReportedTwiceEndsOnce() {
        rig.add();
        rig.add();
        Lease lease = rig.join();
        List<LeasedJob> jobs = rig.take(lease, 2);
        rig.finish(lease, rig.completed(jobs.get(0)));

        QueueReplies.Finished again =
                rig.finish(lease, rig.completed(jobs.get(0)), rig.completed(jobs.get(1)), rig.completed(jobs.get(1)));

        assertThat(again.applied()).isEqualTo(1);
        assertThat(again.refused()).containsExactly(jobs.get(0).id().serial());
        assertThat(rig.queue.stats().completedTotal()).isEqualTo(2);
        assertThat(rig.queue.stats().bytes()).isZero();
    }

    @Test
    void aJobThatSomebodyElseHoldsNowIsNotEndedByItsFormerWorker() {
        rig.add();
        Lease former = rig.join();
        LeasedJob job = rig.take(former, 1).get(0);
        rig.finish(former, Ending.released(job));
        Lease now = rig.join();
        LeasedJob same = rig.take(now, 1).get(0);

        assertThat(rig.finish(former, rig.completed(job)).refused()).hasSize(1);
        assertThat(rig.job(same.id()).state()).isEqualTo(JobState.ACTIVE);
        assertThat(rig.finish(now, rig.completed(same)).applied()).isEqualTo(1);
    }

    @Test
    void stepsOfARunThatDiedAreFoundByTheNext() {
        rig.add();
        Lease dies = rig.join();
        rig.await(rig.store.saveStep(rig.take(dies, 1).get(0), "render", "\"page\"".getBytes(UTF_8)));
        rig.expire(dies);
        assertThat(rig.reclaimAll()).isEqualTo(1);

        LeasedJob again = rig.take(rig.join(), 1).get(0);
        assertThat(rig.await(rig.store.steps(again))).containsOnlyKeys("render");
    }

    @Test
    void allThatDiedAreReclaimedInOneGoAndForgotten() {
        for (int i = 0; i < 5; i++) {
            rig.add();
            Lease dies = rig.join();
            rig.take(dies, 1);
            rig.queue.quiet(dies.number(), true);
            rig.expire(dies);
        }

        assertThat(rig.reclaimAll()).isEqualTo(5);
        KeyDump left = KeyDump.of(rig.store);
        assertThat(left.dead).isEmpty();
        assertThat(left.incarnations).isEmpty();
        assertThat(left.quiet).isEmpty();
    }

    @Test
    void goesOnWhenRedisForgetsItsScripts() throws Exception {
        // a server of its own: what others had under way came late, and a job's last words were lost
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start();
                QueueRig own = new QueueRig(server)) {
            own.add();
            own.await(own.redis.command("SCRIPT", new Call(32).arg("FLUSH")));
            own.add();
            Lease lease = own.join();
            own.await(own.redis.command("SCRIPT", new Call(32).arg("FLUSH")));

            assertThat(own.taken(lease, 9)).hasSize(2);
        }
    }

    @Test
    void anUnreadableRecordStopsNobody() {
        JobId bad = rig.add();
        JobId good = rig.add();
        rig.command("HSET", rig.store.keys().recordsOf(bad), bad.serial(), "garbage");

        assertThat(rig.queue.list(JobState.WAITING, null, 10).jobs()).hasSize(2);
        assertThat(rig.job(bad).type()).isEqualTo("unreadable-record");
        FsckReport report = rig.queue.fsck(1_000);
        assertThat(report.quarantined()).isEqualTo(1);
        assertThat(rig.job(bad).state()).isEqualTo(JobState.FAILED);
        assertThat(rig.job(bad).error().type()).isEqualTo("unreadable-record");
        assertThat(rig.take(rig.join(), 9).get(0).id()).isEqualTo(good);
        rig.queue.fsck(1_000);
        assertThat(rig.queue.fsck(1_000).clean()).isTrue();
    }

    @Test
    void runsAKeepLastJobThatFailsNotAgainOnceANewerOneHasItsKey() {
        JobId old = rig.add(o -> o.unique(Unique.keepLast("k")));
        Lease lease = rig.join();
        LeasedJob running = rig.take(lease, 1).get(0);
        JobId newer = rig.add(o -> o.unique(Unique.keepLast("k")));

        rig.finish(
                lease,
                Ending.retried(running, 1, 2, Duration.ZERO, new io.penstock.job.JobError("boom", "it broke", null)));

        assertThat(rig.job(old).state()).isEqualTo(JobState.CANCELLED);
        assertThat(rig.job(old).error().type()).isEqualTo("superseded");
        assertThat(rig.queue.counts().waiting()).isEqualTo(1);
        assertThat(rig.take(lease, 9)).extracting(LeasedJob::id).containsExactly(newer);
    }

    @Test
    void givesAKeepLastJobItsKeyBackWhenTheNewerOneIsDone() {
        rig.add(o -> o.unique(Unique.keepLast("k")));
        Lease lease = rig.join();
        LeasedJob running = rig.take(lease, 1).get(0);
        rig.add(o -> o.unique(Unique.keepLast("k")));
        rig.finish(lease, rig.completed(rig.take(lease, 1).get(0)));

        rig.finish(lease, Ending.released(running));

        assertThat(rig.enqueue("2", o -> o.unique(Unique.keepLast("k")))).isEqualTo(new Duplicate(running.id(), true));
    }

    @Test
    void countsAFailedAttemptOnlyWhenItsHolderReportsIt() {
        rig.add();
        Lease dead = rig.join();
        LeasedJob job = rig.take(dead, 1).get(0);
        rig.expire(dead);
        rig.reclaimAll();
        Lease alive = rig.join();
        rig.take(alive, 1);
        LeasedJob notHis = new LeasedJob(job.id(), alive, job.stored(), 0);
        rig.command("HSET", rig.store.keys().active, job.id().serial(), "somebody else");

        rig.finish(alive, rig.failed(notHis));

        assertThat(rig.queue.stats().retriedTotal()).isZero();
        rig.command("HSET", rig.store.keys().active, job.id().serial(), alive.number());
    }

    @Test
    void keepsLogLinesOnceThoughTheyAreSentAgain() {
        JobId id = rig.add();
        LeasedJob job = rig.take(rig.join(), 1).get(0);
        rig.await(rig.store.log(job, "one\n".getBytes(UTF_8)));
        Call again = new Call(256)
                .key(rig.store.keys().leases)
                .key(rig.store.keys().active)
                .key(rig.store.keys().extras(id.serial()));
        again.arg(job.lease().token()).arg(job.lease().number()).arg(id.serial());
        again.arg("l").arg("one\n").arg("append").arg(65_536).arg(1);

        assertThat(rig.await(rig.redis.eval(Scripts.NOTE, again))).containsExactly(1L);
        rig.await(rig.store.log(job, "two\n".getBytes(UTF_8)));

        assertThat(rig.queue.logs(id)).containsExactly("one", "two");
    }

    @Test
    void changesSettingsOnlyIfTheyAreStillWhatTheCallerSaw() {
        QueueSettings seen = rig.queue.settings();
        QueueSettings mine =
                new QueueSettings(5, 0, seen.maxPayloadBytes(), seen.completed(), seen.failed(), seen.aging());
        assertThat(rig.queue.configure(seen, mine)).isTrue();
        assertThat(rig.queue.configure(seen, seen)).as("somebody was faster").isFalse();
        assertThat(rig.queue.settings()).isEqualTo(mine);
        assertThat(rig.queue.configure(mine, seen)).isTrue();
        assertThat(rig.queue.settings()).isEqualTo(seen);
    }

    @Test
    void listsAgainTheQueuesWhoseNamesWereLost() {
        rig.add();
        rig.command("DEL", QueueKeys.QUEUES);

        assertThat(Queue.recover(rig.redis)).contains(rig.name);
        assertThat(Queue.names(rig.redis)).contains(rig.name);
    }
}
