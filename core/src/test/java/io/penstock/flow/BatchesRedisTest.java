package io.penstock.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches on a real Redis, over two queues. */
final class BatchesRedisTest {
    private static EmbeddedRedis server;
    private FlowRig rig;

    @BeforeAll
    static void startServer() {
        server = EmbeddedRedis.builder().persistence(false).start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() {
        rig = new FlowRig(server);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private BatchPlan plan() {
        return BatchPlan.named("import", rig.here)
                .onComplete(rig.spec(rig.here, "complete"))
                .onSuccess(rig.spec(rig.there, "success"))
                .onFailure(rig.spec(rig.here, "failure"));
    }

    private JobId add(FlowId batch, String queue, String name) {
        return ((Enqueued.Accepted) rig.flows().add(batch, rig.spec(queue, name))).id();
    }

    @Test
    void runsItsCallbacksWhenAllHaveEndedAndNotBefore() {
        rig.start();
        FlowId id = rig.flows().open(plan());
        add(id, rig.here, "x");
        add(id, rig.there, "y");
        await().until(() -> rig.flows().batch(id).orElseThrow().completed() == 2);
        assertThat(rig.flows().batch(id).orElseThrow().state()).isEqualTo("open");
        rig.flows().addAll(id, rig.there, IntStream.range(0, 500).mapToObj(i -> rig.spec(rig.there, "n" + i)));
        rig.flows().seal(id);
        BatchView done = rig.awaitBatch(id, "completed");
        assertThat(done.added()).isEqualTo(502);
        assertThat(done.completed()).isEqualTo(502);
        assertThat(done.pending()).isZero();
        await().until(() -> rig.ran.containsAll(List.of("complete", "success")));
        rig.assertQuiet();
        assertThat(rig.ran).hasSize(504).doesNotContain("failure");
        assertThatThrownBy(() -> add(id, rig.here, "late")).hasMessageContaining("not open");
    }

    @Test
    void tellsOfFailuresAndEndsAgainWhenTheyAreRetried() {
        rig.failing.add("x");
        rig.start();
        FlowId id = rig.flows().open(plan());
        JobId x = add(id, rig.here, "x");
        add(id, rig.there, "y");
        rig.flows().seal(id);
        BatchView failed = rig.awaitBatch(id, "failed");
        assertThat(failed.failed()).isEqualTo(1);
        await().until(() -> rig.ran.containsAll(List.of("complete", "failure")));
        rig.failing.clear();
        rig.penstock.queue(rig.here).retry(x);
        BatchView done = rig.awaitBatch(id, "completed");
        assertThat(done.completed()).isEqualTo(2);
        rig.assertQuiet();
        assertThat(rig.ran).doesNotContain("success");
    }

    @Test
    void endsAtOnceWithoutJobs() {
        rig.start();
        FlowId id = rig.flows().open(BatchPlan.named("empty", rig.here).onSuccess(rig.spec(rig.here, "success")));
        rig.flows().seal(id);
        rig.awaitBatch(id, "completed");
        await().until(() -> rig.ran.contains("success"));
        rig.assertQuiet();
    }

    @Test
    void cancelsItsJobsAndNoOthers() {
        rig.penstock.serve(rig.here);
        rig.penstock.serve(rig.there);
        FlowId id = rig.flows().open(plan());
        rig.flows().addAll(id, rig.there, IntStream.range(0, 1_200).mapToObj(i -> rig.spec(rig.there, "n" + i)));
        add(id, rig.here, "x");
        rig.penstock.enqueue(rig.spec(rig.there, "stranger"));
        rig.flows().cancel(id);
        BatchView cancelled = rig.awaitBatch(id, "cancelled");
        assertThat(cancelled.cancelled()).isEqualTo(1_201);
        assertThat(rig.penstock.queue(rig.there).counts().waiting()).isEqualTo(1);
        rig.start();
        await().until(() -> rig.ran.containsAll(List.of("stranger", "complete", "failure")));
        rig.assertQuiet();
        assertThat(rig.ran).hasSize(3);
    }

    @Test
    void costsTheSameMemoryForAnyNumberOfJobs() {
        FlowId id = rig.flows().open(BatchPlan.named("big", rig.here));
        rig.penstock.serve(rig.there);
        rig.flows().addAll(id, rig.there, IntStream.range(0, 20_000).mapToObj(i -> rig.spec(rig.there, "n")));
        await().until(() -> rig.flows().batch(id).orElseThrow().added() == 20_000);
        assertThat((Long) rig.command("HLEN", "pk:{" + rig.here + "}:F:" + id.key())
                        .get(0))
                .isLessThan(25);
        assertThat((Long) rig.command("EXISTS", "pk:{" + rig.there + "}:h").get(0))
                .isZero();
    }
}
