package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ImporterRedisTest {
    private static final Instant MADE = Instant.parse("2024-02-29T12:34:56.789Z");
    private static final JobError WHY = new JobError("TypeError", "no such customer", "at line 1");

    private static EmbeddedRedis redis;
    private static QueueRig rig;

    @BeforeAll
    static void start() {
        redis = EmbeddedRedis.builder().persistence(false).start();
        rig = new QueueRig(redis);
    }

    @AfterAll
    static void stop() {
        rig.close();
        redis.close();
    }

    @BeforeEach
    void renew() {
        rig.renew();
    }

    private static ImportedJob job(
            String origin, int attempts, @Nullable JobError error, UnaryOperator<JobOptions> change) {
        return new ImportedJob(rig.spec("{\"n\":1}", change), origin, Duration.ofDays(1), attempts, MADE, error);
    }

    private static Enqueued add(ImportedJob job) {
        return rig.redis.await(rig.queue.importAsync(job));
    }

    private static JobId id(Enqueued answer) {
        return ((Enqueued.Accepted) answer).id();
    }

    private static Job get(JobId id) {
        return rig.queue.get(id).orElseThrow();
    }

    @Test
    void keepsTheAttemptsAndTheAgeOfAWaitingJob() {
        JobId id = id(add(job("a", 2, null, o -> o.maxAttempts(5))));
        Job job = get(id);
        assertThat(job.state()).isEqualTo(JobState.WAITING);
        assertThat(job.attempt()).isEqualTo(2);
        assertThat(job.maxAttempts()).isEqualTo(5);
        assertThat(job.createdAt()).isEqualTo(MADE);
        assertThat(job.options().unique()).isNull();
        assertThat(rig.take(rig.join(), 1))
                .singleElement()
                .satisfies(taken -> assertThat(taken.attempt()).isEqualTo(3));
    }

    @Test
    void keepsTheInstantOfADelayedJob() {
        Instant due = Instant.parse("2999-01-01T00:00:00Z");
        Job job = get(id(add(job("a", 1, null, o -> o.at(due)))));
        assertThat(job.state()).isEqualTo(JobState.DELAYED);
        assertThat(job.runAt()).isEqualTo(due);
        assertThat(job.attempt()).isEqualTo(1);
    }

    @Test
    void bringsADeadLetterWhoseTimeBeginsNow() {
        JobId id = id(add(job("a", 3, WHY, o -> o.maxAttempts(3))));
        Job job = get(id);
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).isEqualTo(WHY);
        assertThat(job.attempt()).isEqualTo(3);
        assertThat(job.createdAt()).isEqualTo(MADE);
        assertThat(job.finishedAt()).isEqualTo(Instant.ofEpochMilli(rig.clock.millis()));
        assertThat(rig.queue.counts().failed()).isEqualTo(1);
        assertThat(rig.queue.counts().delayed()).isZero();
        assertThat(rig.queue.stats().failedTotal()).as("failures of this queue").isZero();
        assertThat(rig.queue.fsck(1_000, false).clean()).isTrue();
        assertThat(rig.queue.retry(id).ok()).isTrue();
        assertThat(get(id).attempt()).isZero();
        assertThat(rig.take(rig.join(), 1)).hasSize(1);
    }

    @Test
    void importsEachOriginOnceWhateverBecameOfTheJob() {
        JobId id = id(add(job("a", 0, null, o -> o)));
        assertThat(add(job("a", 0, null, o -> o))).isEqualTo(new Enqueued.Duplicate(id, false));
        rig.queue.remove(id);
        assertThat(add(job("a", 0, null, o -> o))).isEqualTo(new Enqueued.Duplicate(id, false));
        JobId dead = id(add(job("b", 1, WHY, o -> o)));
        assertThat(add(job("b", 1, WHY, o -> o))).isEqualTo(new Enqueued.Duplicate(dead, false));
        rig.queue.retry(dead);
        add(job("b", 1, WHY, o -> o));
        assertThat(get(dead).state()).as("it is a job of ours now").isEqualTo(JobState.WAITING);
    }

    @Test
    void endsTheBurialOfADeadLetterThatWasLeftParked() {
        JobId id = id(add(job("a", 1, null, o -> o.at(Importer.PARKED)))); // as if the importer had died in between
        assertThat(get(id).state()).isEqualTo(JobState.DELAYED);
        assertThat(add(job("a", 1, WHY, o -> o))).isEqualTo(new Enqueued.Duplicate(id, false));
        assertThat(get(id).state()).isEqualTo(JobState.FAILED);
        assertThat(rig.queue.fsck(1_000, false).clean()).isTrue();
    }

    @Test
    void importsManyOfAllKindsAtOnce() {
        List<CompletionStage<Enqueued>> answers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            JobError error = i % 3 == 0 ? WHY : null;
            UnaryOperator<JobOptions> change = i % 3 == 1
                    ? o -> o.at(Instant.parse("2999-01-01T00:00:00Z"))
                    : o -> o.metadata(Map.of("import.error", "two\nlines\tand a tab"));
            answers.add(rig.queue.importAsync(job("o" + i % 900, i % 2, error, change)));
        }
        answers.forEach(answer -> assertThat(rig.redis.await(answer)).isNotInstanceOf(Enqueued.Refused.class));
        assertThat(rig.queue.counts().failed()).isEqualTo(300);
        assertThat(rig.queue.counts().delayed()).isEqualTo(300);
        assertThat(rig.queue.counts().waiting()).isEqualTo(300);
        assertThat(rig.queue.fsck(10_000, false).clean()).isTrue();
    }

    @Test
    void refusesWhatIsOutOfBounds() {
        assertThatIllegalArgumentException().isThrownBy(() -> job("", 0, null, o -> o));
        assertThatIllegalArgumentException().isThrownBy(() -> job("x".repeat(201), 0, null, o -> o));
        assertThatIllegalArgumentException().isThrownBy(() -> job("a", -1, null, o -> o));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> job("a", 0, null, o -> o.unique(Unique.whilePending("k"))))
                .withMessageContaining("origin");
    }
}
