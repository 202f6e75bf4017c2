package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Awaited;
import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.redis.Call;
import io.penstock.runtime.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
@Timeout(30)
class WaitersRedisTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private QueueRig rig;
    private QueueEvents events;
    private Waiters waiters;
    private Lease lease;

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new QueueRig(server);
        events = new QueueEvents(rig.redis, rig.timer);
        waiters = new Waiters(rig.redis, events, name -> rig.queue, rig.timer);
        lease = rig.join();
    }

    @AfterEach
    void close() {
        waiters.close();
        events.close();
        rig.close();
    }

    private CompletableFuture<Awaited> wait(JobId id, Duration timeout) {
        return waiters.awaitAsync(id, timeout).toCompletableFuture();
    }

    private LeasedJob takeOne() {
        return rig.take(lease, 1).get(0);
    }

    private void complete(String result) {
        long now = rig.clock.millis();
        rig.finish(lease, Ending.completed(takeOne(), now, now, result.getBytes(StandardCharsets.UTF_8)));
    }

    /** Lets the waiters hear: they have looked at the job and the events come. */
    private void settled(JobId id) {
        await().until(() -> waiters.hears(id));
    }

    @Test
    void tellsOfAJobThatHasEndedBefore() throws Exception {
        JobId id = rig.add();
        complete("42");

        Awaited found = waiters.await(id, LONG);

        assertThat(found).isInstanceOf(Awaited.Ended.class);
        assertThat(((Awaited.Ended) found).job().result())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("42");
        assertThat(waiters.size()).isZero();
    }

    @Test
    void tellsOfTheEndAndItsResultWhenItComes() throws Exception {
        JobId id = rig.add();
        CompletableFuture<Awaited> answer = wait(id, LONG);
        settled(id);
        complete("{\"n\":1}");

        Awaited.Ended ended = (Awaited.Ended) answer.get(2, TimeUnit.SECONDS); // long before the look of every 5 s
        assertThat(ended.job().state()).isEqualTo(JobState.COMPLETED);
        assertThat(ended.job().result()).asString(StandardCharsets.UTF_8).isEqualTo("{\"n\":1}");
    }

    @Test
    void tellsOfFailureCancellationAndDeletion() throws Exception {
        JobId failing = rig.add();
        CompletableFuture<Awaited> failed = wait(failing, LONG);
        settled(failing);
        rig.finish(lease, rig.failed(takeOne()));
        JobId cancelling = rig.add();
        CompletableFuture<Awaited> cancelled = wait(cancelling, LONG);
        settled(cancelling);
        rig.queue.cancel(cancelling);
        JobId deleting = rig.add();
        CompletableFuture<Awaited> deleted = wait(deleting, LONG);
        settled(deleting);
        rig.queue.remove(deleting);

        assertThat(((Awaited.Ended) failed.get(2, TimeUnit.SECONDS))
                        .job()
                        .error()
                        .type())
                .isEqualTo("boom");
        assertThat(((Awaited.Ended) cancelled.get(2, TimeUnit.SECONDS)).job().state())
                .isEqualTo(JobState.CANCELLED);
        assertThat(deleted.get(2, TimeUnit.SECONDS)).isEqualTo(new Awaited.Gone(deleting, null));
    }

    @Test
    void tellsHowAJobEndedThatIsNotKept() throws Exception {
        QueueSettings s = rig.queue.settings();
        QueueSettings.Keep none = new QueueSettings.Keep(Duration.ZERO, 0, 0);
        rig.queue.configure(
                new QueueSettings(s.maxJobs(), s.maxBytes(), s.maxPayloadBytes(), none, s.failed(), s.aging()));
        rig.queue.settings();
        JobId id = rig.add();
        CompletableFuture<Awaited> answer = wait(id, LONG);
        settled(id);
        complete("1");

        assertThat(answer.get(2, TimeUnit.SECONDS)).isEqualTo(new Awaited.Gone(id, JobState.COMPLETED));
    }

    @Test
    void tellsWhenTheTimeIsOverAndWhereTheJobIsThen() throws Exception {
        JobId id = rig.add();
        CompletableFuture<Awaited> answer = wait(id, Duration.ofMillis(300));
        settled(id);
        takeOne();

        Awaited.Pending pending = (Awaited.Pending) answer.get(5, TimeUnit.SECONDS);
        assertThat(pending.job().state()).isEqualTo(JobState.ACTIVE);
        assertThat(((Awaited.Pending) waiters.await(id, Duration.ZERO)).job().state())
                .isEqualTo(JobState.ACTIVE);
        assertThat(waiters.size()).isZero();
    }

    @Test
    void ofAJobThatNeverWasThereIsNothingToWaitFor() throws Exception {
        JobId id = new JobId(rig.name, "1vv00");
        assertThat(waiters.await(id, LONG)).isEqualTo(new Awaited.Gone(id, null));
    }

    @Test
    void missesNothingWhenTheSubscriptionBreaks() throws Exception {
        JobId id = rig.add();
        CompletableFuture<Awaited> answer = wait(id, LONG);
        settled(id);
        rig.redis.await(
                rig.redis.command("CLIENT", new Call(64).arg("KILL").arg("TYPE").arg("pubsub")));
        complete("1");

        assertThat(answer.get(4, TimeUnit.SECONDS)).isInstanceOf(Awaited.Ended.class);
    }

    @Test
    void findsTheEndByItselfWhenNoEventComes() throws Exception {
        JobId id = rig.add();
        CompletableFuture<Awaited> answer = wait(id, LONG);
        settled(id);
        rig.command("DEL", rig.store.keys().watched); // as after a failover: nothing is published now
        complete("1");

        assertThat(answer.get(8, TimeUnit.SECONDS)).isInstanceOf(Awaited.Ended.class);
    }

    @Test
    void losesNoWakeUpHoweverTheEndAndTheCallMeet() throws Exception {
        for (int round = 0; round < 20; round++) {
            List<CompletableFuture<Awaited>> answers = new ArrayList<>();
            List<JobId> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ids.add(rig.add());
            }
            Thread caller = rig.threads.start("caller", () -> ids.forEach(id -> answers.add(wait(id, LONG))));
            for (int i = 0; i < ids.size(); i++) {
                complete("1");
            }
            caller.join();
            for (CompletableFuture<Awaited> answer : answers) {
                assertThat(answer.get(3, TimeUnit.SECONDS)).isInstanceOf(Awaited.Ended.class);
            }
            if (round % 5 == 4) { // begin with a new subscription
                waiters.close();
                waiters = new Waiters(rig.redis, events, name -> rig.queue, rig.timer);
            }
        }
        assertThat(waiters.size()).isZero();
    }

    @Test
    void hearsThroughASubscriptionThatAWorkerOfThisProcessHasAlready() throws Exception {
        Subscription worker = events.onCancel(rig.name, serial -> {});
        JobId id = rig.add();
        CompletableFuture<Awaited> answer = wait(id, LONG);
        settled(id);
        complete("1");

        assertThat(answer.get(2, TimeUnit.SECONDS)).isInstanceOf(Awaited.Ended.class);
        worker.close();
    }

    @Test
    void manyCallersOfOneJobAreAllTold() throws Exception {
        JobId id = rig.add();
        List<CompletableFuture<Awaited>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(wait(id, LONG));
        }
        complete("1");
        for (CompletableFuture<Awaited> answer : answers) {
            assertThat(answer.get(3, TimeUnit.SECONDS)).isInstanceOf(Awaited.Ended.class);
        }
    }

    @Test
    void refusesMoreCallersThanItsBound() {
        JobId id = rig.add();
        List<CompletableFuture<Awaited>> answers = new ArrayList<>();
        for (int i = 0; i < Waiters.MOST; i++) {
            answers.add(wait(id, LONG));
        }
        assertThatThrownBy(() -> wait(id, LONG)).hasMessageContaining("4096 callers wait");
        assertThatThrownBy(() -> wait(id, Duration.ofDays(2))).hasMessageContaining("outside");

        waiters.close();
        assertThat(answers)
                .allSatisfy(
                        answer -> assertThat(answer).isCompletedWithValueMatching(a -> a instanceof Awaited.Pending));
    }

    @Test
    void forgetsCallersThatWereInterrupted() throws Exception {
        JobId id = ((Enqueued.Accepted) rig.enqueue("1", o -> o)).id();
        Thread caller = rig.threads.start("caller", () -> {
            try {
                waiters.await(id, LONG);
            } catch (InterruptedException planned) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> waiters.size() == 1);
        caller.interrupt();
        caller.join();

        await().until(() -> waiters.size() == 0);
    }
}
