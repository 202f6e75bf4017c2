package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.queue.QueueReplies.Waited;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Signals in every order that a sender and a worker can meet, forced one by one. */
@ExtendWith(EmbeddedRedisExtension.class)
class SignalRedisTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private QueueRig rig;
    private Lease lease;

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new QueueRig(server);
        lease = rig.join();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private LeasedJob takeOne() {
        return rig.take(lease, 1).get(0);
    }

    private Waited look(LeasedJob job, Duration wait) {
        return rig.await(rig.store.awaitSignal(job, "approved", wait));
    }

    private void finishWaiting(LeasedJob job, Duration left) {
        long now = rig.clock.millis();
        rig.finish(lease, new Ending(job, Ending.Kind.SNOOZED, now, now, left, null, null, "approved"));
    }

    /** As a worker does: looks, and ends the run to wait. */
    private void waitFor(JobId id) {
        LeasedJob job = takeOne();
        assertThat(job.id()).isEqualTo(id);
        assertThat(look(job, HOUR).leftMillis()).isPositive();
        finishWaiting(job, HOUR);
    }

    private Change send(JobId id, Object value) {
        return rig.queue.signal(id, "approved", value);
    }

    private JobState state(JobId id) {
        return rig.job(id).state();
    }

    private String got() {
        Waited found = look(takeOne(), HOUR);
        assertThat(found.value()).isNotNull();
        return new String(found.value(), UTF_8);
    }

    @Test
    void aSignalBeforeTheJobRunsIsThereWhenItAsks() {
        JobId id = rig.add();
        assertThat(send(id, "yes").state()).isEqualTo(JobState.WAITING);

        assertThat(got()).isEqualTo("\"yes\"");
        rig.assertSound();
    }

    @Test
    void aSignalDuringTheRunAndBeforeTheLookIsThereWhenItAsks() {
        JobId id = rig.add();
        LeasedJob job = takeOne();
        assertThat(send(id, 1).state()).isEqualTo(JobState.ACTIVE);

        assertThat(look(job, HOUR).value()).isEqualTo("1".getBytes(UTF_8));
    }

    @Test
    void aSignalBetweenTheLookAndTheEndOfTheRunMakesTheJobReadyAtOnce() {
        JobId id = rig.add();
        LeasedJob job = takeOne();
        assertThat(look(job, HOUR).value()).isNull();
        send(id, 2);
        finishWaiting(job, HOUR);

        assertThat(state(id)).isEqualTo(JobState.WAITING);
        assertThat(got()).isEqualTo("2");
        rig.assertSound();
    }

    @Test
    void aSignalAfterTheEndOfTheRunMakesTheJobReadyAtOnce() {
        JobId id = rig.add();
        waitFor(id);
        assertThat(state(id)).isEqualTo(JobState.DELAYED);

        assertThat(send(id, 3).state()).isEqualTo(JobState.WAITING);
        rig.assertSound();
        assertThat(got()).isEqualTo("3");
    }

    @Test
    void aSignalThatComesTwiceDoesNothingTwiceAndTheFirstOneStays() {
        JobId id = rig.add();
        waitFor(id);

        assertThat(send(id, "a").ok()).isTrue();
        assertThat(send(id, "a").ok()).isTrue();
        Change other = send(id, "b");

        assertThat(other.result()).isEqualTo(Change.Result.CONFLICT);
        assertThat(other.message()).contains("the first one stays");
        assertThat(rig.queue.counts().waiting()).isEqualTo(1);
        assertThat(got()).isEqualTo("\"a\"");
        rig.assertSound();
    }

    @Test
    void aSignalAfterTheTimeIsOverStillCountsUntilTheJobWasToldSo() {
        JobId id = rig.add();
        LeasedJob job = takeOne();
        look(job, Duration.ofMillis(1));
        rig.finish(lease, snoozed(job, Duration.ZERO));
        send(id, 4);

        assertThat(got()).isEqualTo("4");
    }

    @Test
    void aJobThatWasToldOfTheEndIsToldTheSameFromThenOnAndTheSenderLearnsIt() {
        JobId id = rig.add();
        LeasedJob job = takeOne();
        look(job, Duration.ofMillis(1));
        assertThat(org.awaitility.Awaitility.await().until(() -> look(job, HOUR), w -> w.leftMillis() == 0))
                .satisfies(over -> assertThat(over.value()).isNull());

        Change late = send(id, 5);

        assertThat(late.result()).isEqualTo(Change.Result.CONFLICT);
        assertThat(late.message()).contains("went on without it");
        assertThat(look(job, HOUR).value()).isNull();
    }

    @Test
    void aRetryByHandWaitsAnew() {
        JobId id = rig.add();
        LeasedJob job = takeOne();
        look(job, Duration.ofMillis(1));
        org.awaitility.Awaitility.await().until(() -> look(job, HOUR).leftMillis() == 0);
        rig.finish(lease, rig.failed(job));

        assertThat(rig.queue.retry(id).ok()).isTrue();
        waitFor(id);

        assertThat(send(id, 6).ok()).isTrue();
        assertThat(got()).isEqualTo("6");
        rig.assertSound();
    }

    @Test
    void aJobThatIsDelayedForAnotherReasonIsNotMadeReady() {
        JobId later = rig.add(o -> o.in(HOUR));
        assertThat(send(later, 1).state()).isEqualTo(JobState.DELAYED);

        JobId snoozed = rig.add();
        LeasedJob job = takeOne();
        look(job, HOUR);
        rig.finish(lease, snoozed(job, HOUR)); // it chose to sleep instead
        assertThat(send(snoozed, 1).state()).isEqualTo(JobState.DELAYED);

        JobId retried = rig.add();
        waitFor(retried);
        rig.queue.promote(retried);
        LeasedJob again = takeOne();
        long now = rig.clock.millis();
        rig.finish(
                lease, Ending.retried(again, now, now, HOUR, new io.penstock.job.JobError("boom", "it broke", null)));
        assertThat(send(retried, 1).state()).isEqualTo(JobState.DELAYED);

        JobId moved = rig.add();
        waitFor(moved);
        rig.queue.edit(moved, new JobEdit(null, null, Duration.ofHours(2)));
        assertThat(send(moved, 1).state()).isEqualTo(JobState.DELAYED);
        rig.assertSound();
    }

    @Test
    void aJobThatWaitsKeepsWaitingWhenOnlyItsPayloadWasEdited() {
        JobId id = rig.add();
        waitFor(id);
        rig.queue.edit(id, new JobEdit("7".getBytes(UTF_8), null, null));

        assertThat(send(id, 1).state()).isEqualTo(JobState.WAITING);
        rig.assertSound();
    }

    @Test
    void aSignalForAJobThatGoesBackIsKept() {
        JobId id = rig.add();
        LeasedJob job = takeOne();
        send(id, 8);
        rig.finish(lease, Ending.released(job));

        assertThat(got()).isEqualTo("8");
    }

    @Test
    void aSignalForAJobWhoseWorkerDiesIsKept() {
        JobId id = rig.add();
        takeOne();
        send(id, 9);
        rig.expire(lease);
        rig.reclaimAll();
        lease = rig.join();

        assertThat(got()).isEqualTo("9");
        rig.finish(lease);
        rig.assertSound();
    }

    @Test
    void aNewerJobOfTheKeyGoesBeforeOneThatWaits() {
        JobId first = rig.add(o -> o.unique(Unique.keepLast("k")));
        LeasedJob job = takeOne();
        look(job, HOUR);
        rig.add(o -> o.unique(Unique.keepLast("k")));
        finishWaiting(job, HOUR);

        assertThat(state(first)).isEqualTo(JobState.CANCELLED);
        assertThat(send(first, 1).message()).contains("it has ended");
        rig.assertSound();
    }

    @Test
    void whoeverHasEndedOrNeverWasIsNotTold() {
        JobId dead = rig.die();
        assertThat(send(dead, 1).result()).isEqualTo(Change.Result.CONFLICT);
        assertThat(send(new JobId(rig.name, "1vv00"), 1).result()).isEqualTo(Change.Result.NOT_FOUND);
    }

    @Test
    void signalsAreBoundedInNumberAndBytes() {
        JobId id = rig.add();
        assertThatThrownBy(() -> rig.queue.signal(id, "large", "x".repeat(JobSignals.MOST_VALUE_BYTES)))
                .hasMessageContaining("more than 16384");
        assertThatThrownBy(() -> rig.queue.signal(id, "a=b", 1)).hasMessageContaining("is not legal");
        for (int i = 0; i < JobSignals.MOST; i++) {
            assertThat(rig.queue.signal(id, "s" + i, i).ok()).isTrue();
        }
        assertThat(rig.queue.signal(id, "more", 1).message()).contains("32 signals");

        JobId heavy = rig.add();
        String value = "x".repeat(JobSignals.MOST_VALUE_BYTES - 2);
        for (int i = 0; i < 3; i++) {
            assertThat(rig.queue.signal(heavy, "s" + i, value).ok()).isTrue();
        }
        assertThat(rig.queue.signal(heavy, "s4", value).ok()).isFalse();
        rig.assertSound();
    }

    @Test
    void whatNobodyAskedForGoesByItselfAndWhatWasAskedForStays() {
        JobId id = rig.add();
        LeasedJob job = takeOne();
        send(id, 1);
        byte[] extras = rig.store.keys().extras(id.serial());
        assertThat((Long) rig.command("TTL", extras).get(0)).isBetween(29L * 86_400, 30L * 86_400);

        rig.await(rig.store.awaitSignal(job, "another", HOUR));
        assertThat(rig.command("TTL", extras)).containsExactly(-1L);

        JobId second = rig.add();
        LeasedJob stepping = takeOne();
        send(second, 1);
        rig.await(rig.store.saveStep(stepping, "part", "1".getBytes(UTF_8)));
        assertThat(rig.command("TTL", rig.store.keys().extras(second.serial()))).containsExactly(-1L);
    }

    @Test
    void waitsAreBoundedAndRefusedInWords() {
        rig.add();
        LeasedJob job = takeOne();
        for (int i = 0; i < 48; i++) {
            rig.await(rig.store.sleep(job, UUID.randomUUID() + "-" + "n".repeat(27), HOUR));
        }
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 48; i++) {
                        rig.await(rig.store.sleep(job, UUID.randomUUID() + "-" + "n".repeat(27), HOUR));
                    }
                })
                .hasMessageContaining("let it wait for fewer");
    }

    @Test
    void fsckLeavesSignalsAndWaitsAlone() {
        JobId id = rig.add();
        waitFor(id);
        rig.queue.signal(id, "other", 1);

        FsckReport report = rig.queue.fsck(10_000);

        assertThat(List.of(report.dropped(), report.restored(), report.indexed(), report.quarantined()))
                .containsOnly(0L);
        assertThat(send(id, 1).state()).isEqualTo(JobState.WAITING);
        rig.assertSound();
    }

    @Test
    void senderAndWorkerAtTheSameTimeNeverLeaveAJobThatWaitsForWhatIsThere() {
        int many = 300;
        for (int i = 0; i < many; i++) {
            JobId id = rig.add();
            LeasedJob job = takeOne();
            look(job, HOUR);
            long now = rig.clock.millis();
            Ending end = new Ending(job, Ending.Kind.SNOOZED, now, now, HOUR, null, null, "approved");
            CompletionStage<?> first;
            CompletionStage<?> second;
            if (i % 2 == 0) { // both are on their way at once, in either order
                first = rig.store.finish(lease, List.of(end));
                second = rig.store.signals().send(id.serial(), "approved", i);
            } else {
                first = rig.store.signals().send(id.serial(), "approved", i);
                second = rig.store.finish(lease, List.of(end));
            }
            rig.await(first);
            rig.await(second);
            assertThat(state(id)).isEqualTo(JobState.WAITING);
            LeasedJob again = takeOne();
            assertThat(look(again, HOUR).value()).isNotNull();
            rig.finish(lease, rig.completed(again));
        }
        rig.assertSound();
    }

    private Ending snoozed(LeasedJob job, Duration wait) {
        long now = rig.clock.millis();
        return Ending.snoozed(job, now, now, wait);
    }

    @Test
    void aJobOfAnyPriorityComesBackInItsOwnLine() {
        for (io.penstock.job.Priority priority : io.penstock.job.Priority.values()) {
            JobId id = rig.add((JobOptions o) -> o.priority(priority));
            waitFor(id);
            send(id, 1);
            assertThat(takeOne().id()).isEqualTo(id);
        }
        rig.assertSound();
    }
}
