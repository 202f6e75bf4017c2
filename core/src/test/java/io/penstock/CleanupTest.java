package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.job.RetryPolicy;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueSettings;
import io.penstock.schedule.CleanupReport;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A clean-up forgets what nobody prunes, and says so. */
class CleanupTest {
    private static final int JOBS = 300;

    private static JobType<Integer> type(String queue) {
        return JobType.of("half", Integer.class).queue(queue).retry(RetryPolicy.never());
    }

    /** Half of the jobs complete, half are dead letters; nobody serves the queue afterwards. */
    private static void end(EmbeddedRedis server, String queue) {
        try (Penstock penstock = Penstock.connect(server.uri())) {
            penstock.handle(type(queue), (number, context) -> {
                if (number % 2 == 0) {
                    throw new IllegalStateException("even");
                }
            });
            penstock.start();
            for (int i = 0; i < JOBS; i++) {
                penstock.enqueue(type(queue), i);
            }
            await().until(() -> penstock.queue(queue).counts().pending() == 0);
        }
    }

    @Test
    void forgetsInQueuesThatNobodyServesAndTellsWhatThatFreed() {
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start()) {
            end(server, "left");
            look(server);
        }
    }

    private static void look(EmbeddedRedis server) {
        try (Penstock penstock = Penstock.connect(server.uri())) {
            Queue queue = penstock.queue("left");
            long kept = queue.stats().keptBytes();
            assertThat(queue.counts().failed()).isEqualTo(JOBS / 2);
            QueueSettings set = queue.settings();
            QueueSettings.Keep second = new QueueSettings.Keep(Duration.ofSeconds(1), 1_000, 1 << 20);
            queue.configure(new QueueSettings(
                    set.maxJobs(), set.maxBytes(), set.maxPayloadBytes(), second, second, set.aging()));

            await().atMost(Duration.ofSeconds(20)).until(() -> {
                penstock.cleanup().runNow();
                return queue.counts().completed() + queue.counts().failed() == 0;
            });
            await().until(() -> !penstock.cleanup().busy());

            long removed = penstock.cleanup().reports().stream()
                    .mapToLong(CleanupReport::removed)
                    .sum();
            long freed = penstock.cleanup().reports().stream()
                    .mapToLong(CleanupReport::freedBytes)
                    .sum();
            assertThat(removed).isEqualTo(JOBS);
            assertThat(freed).isEqualTo(kept);
            assertThat(penstock.cleanup().reports()).allMatch(CleanupReport::success);
        }
    }

    @Test
    void doesTheChoresOfTheProgramTooAndTellsOfThoseThatFail() {
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock = Penstock.connect(server.uri())) {
            penstock.cleanup().contribute("rows", () -> 7);
            penstock.cleanup().contribute("files", () -> {
                throw new IllegalStateException("disk is away");
            });
            assertThat(penstock.cleanup().runNow()).isTrue();
            await().until(() -> !penstock.cleanup().reports().isEmpty());

            CleanupReport report = penstock.cleanup().reports().get(0);
            assertThat(report.removed()).isEqualTo(7);
            assertThat(report.success()).isFalse();
            assertThat(report.steps())
                    .extracting(CleanupReport.Step::name, CleanupReport.Step::removed, CleanupReport.Step::error)
                    .containsExactly(tuple("files", 0L, "disk is away"), tuple("rows", 7L, null));
        }
    }
}
