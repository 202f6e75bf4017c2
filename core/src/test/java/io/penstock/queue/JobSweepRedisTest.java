package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.queue.JobSweep.Action;
import io.penstock.queue.JobSweep.Head;
import io.penstock.queue.JobSweep.Page;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
class JobSweepRedisTest {
    private QueueRig rig;
    private JobSweep sweep;

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new QueueRig(server);
        sweep = new JobSweep(rig.store);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Page page(JobState state, @Nullable String cursor, int limit) {
        return rig.await(sweep.page(state, cursor, limit));
    }

    @Test
    void missesNoneThoughAllEndedInOneMillisecond() {
        for (int i = 0; i < 60; i++) {
            JobId id = rig.add();
            rig.queue.cancel(id); // the clock stands still
        }
        Set<JobId> seen = new HashSet<>();
        String cursor = null;
        do {
            Page page = page(JobState.CANCELLED, cursor, 7);
            int gone = 0;
            for (Head head : page.heads()) {
                boolean first = seen.add(head.job().id());
                if (first && seen.size() % 3 != 0) { // two of three go, one stays
                    assertThat(rig.await(sweep.act(head.job().id(), Action.DELETE))
                                    .ok())
                            .isTrue();
                    gone++;
                }
            }
            cursor = JobSweep.behind(JobState.CANCELLED, page, gone);
        } while (cursor != null);
        assertThat(seen).hasSize(60);
        assertThat(rig.await(sweep.counts()).cancelled()).isEqualTo(20);
    }

    @Test
    void readsWhatHeadersSayAndNoPayload() {
        JobId grouped = rig.add(o -> o.group("acme").in(Duration.ofHours(1)));
        Page page = page(JobState.DELAYED, null, 10);
        assertThat(page.looked()).isEqualTo(1);
        assertThat(page.next()).isNull();
        Head head = page.heads().get(0);
        assertThat(head.job().id()).isEqualTo(grouped);
        assertThat(head.job().options().group()).isEqualTo("acme");
        assertThat(head.job().payload()).isEmpty();
        assertThat(head.flow()).isNull();
        assertThat(rig.await(sweep.act(grouped, Action.PROMOTE)).ok()).isTrue();
        assertThat(rig.await(sweep.act(grouped, Action.CANCEL)).ok()).isTrue();
        assertThat(page(JobState.DELAYED, null, 10).heads()).isEmpty();
        assertThat(page(JobState.CANCELLED, null, 10).heads().get(0).job().error())
                .isNotNull();
        assertThat(rig.await(sweep.act(grouped, Action.RETRY)).ok()).isTrue();
        assertThat(rig.await(sweep.heads(List.of(grouped, new JobId(rig.name, "vvvvv")))))
                .hasSize(1);
        assertThat(rig.await(sweep.whole(List.of(grouped))).get(0).state()).isEqualTo(JobState.WAITING);
    }

    @Test
    void readsMoreThanOneAnswerHolds() {
        String large = "\"" + "x".repeat(200_000) + "\"";
        for (int i = 0; i < 45; i++) { // 9 MB, two looks and a bit
            rig.enqueue(large, o -> o);
        }
        assertThat(page(JobState.WAITING, null, 500).heads()).hasSize(45);
    }

    @Test
    void findsTheHoldersOfAKey() {
        JobId held = rig.add(o -> o.unique(Unique.whilePending("order 7")));
        assertThat(rig.await(sweep.holders("order 7"))).containsExactly(held);
        assertThat(rig.await(sweep.holders("order 8"))).isEmpty();
    }
}
