package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.Enqueued.Reason;
import io.penstock.job.Enqueued.Refused;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Redis at its maxmemory refuses producers and lets everybody else empty it. */
final class QueueFullRedisTest {
    private static final String LARGE = "1".repeat(8_000);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesProducersAndLetsAllOthersGoOn(boolean bundled) {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .preferBundled(bundled)
                        .persistence(false)
                        .start();
                QueueRig rig = new QueueRig(server)) {
            Lease dies = rig.await(rig.store.join(Duration.ofMillis(1))); // it has run out by the time of the reclaim
            Lease lives = rig.join();
            List<JobId> ids = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                int n = i;
                ids.add(((Enqueued.Accepted) rig.enqueue(
                                LARGE,
                                o -> n % 10 == 0
                                        ? o.in(Duration.ofDays(1))
                                        : n % 10 == 1 ? o.unique(Unique.whilePending("k" + n)) : o))
                        .id());
            }
            List<LeasedJob> lost = rig.take(dies, 20);
            List<LeasedJob> held = rig.take(lives, 20);
            rig.command("CONFIG", Redis.utf8("SET"), "maxmemory", "3mb");

            Enqueued answer = rig.enqueue(LARGE, o -> o);
            assertThat(answer).isInstanceOf(Refused.class);
            assertThat(((Refused) answer).reason()).isEqualTo(Reason.REDIS_FULL);
            Enqueued unique = rig.enqueue(LARGE, o -> o.unique(Unique.keepLast("k" + 11)));
            assertThat(((Refused) unique).reason()).isEqualTo(Reason.REDIS_FULL);
            assertThat(rig.queue.counts().pending()).isEqualTo(300);

            LeasedJob stranger = lost.get(0);
            assertThat(rig.finish(lives, rig.completed(stranger)).refused()).hasSize(1);
            assertThat(rig.finish(lives, rig.failed(held.get(0)), rig.completed(held.get(1)))
                            .applied())
                    .isEqualTo(2);
            assertThat(rig.await(rig.store.extend(lives, Duration.ofHours(1), new byte[100]))
                            .held())
                    .isTrue();
            assertThat(rig.reclaimAll()).isEqualTo(20);
            assertThat(rig.queue.cancel(ids.get(299)).state()).isEqualTo(JobState.CANCELLED);
            assertThat(rig.queue.remove(ids.get(298)).ok()).isTrue();
            assertThat(rig.queue.promote(ids.get(290)).ok()).isTrue();
            assertThat(rig.queue.purge(JobState.DELAYED)).isEqualTo(29);
            rig.assertSound();

            Lease late = rig.join();
            List<LeasedJob> jobs = held.subList(2, held.size());
            rig.finish(lives, jobs.stream().map(rig::completed).toArray(Ending[]::new));
            jobs = rig.take(late, 50);
            while (!jobs.isEmpty()) {
                rig.finish(late, jobs.stream().map(rig::completed).toArray(Ending[]::new));
                jobs = rig.take(late, 50);
            }
            for (JobState state : List.of(JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)) {
                rig.queue.purge(state);
            }

            rig.assertSound();
            assertThat(KeyDump.of(rig.store).records).isEmpty();
            assertThat(rig.queue.stats().bytes()).isZero();
            assertThat(rig.enqueue("1", o -> o)).isInstanceOf(Enqueued.Accepted.class);
        }
    }
}
