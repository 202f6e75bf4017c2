package io.penstock.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.queue.Ending;
import io.penstock.queue.FsckReport;
import io.penstock.queue.Lease;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.QueueStore;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Flows and batches that lost keys, ends or fields go on once fsck has been there. */
final class FlowFsckRedisTest {
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

    /** Runs what waits, by a worker whose process brings no ends on. */
    private int run(String queue, int most) {
        Redis redis = rig.penstock.redis();
        QueueStore store = new QueueStore(redis, Clock.system(), queue);
        Lease lease = redis.await(store.join(Duration.ofMinutes(5)));
        int ran = 0;
        List<LeasedJob> jobs;
        do {
            jobs = redis.await(store.take(lease, most - ran, 1 << 20)); // a short one does not mean that it was all
            redis.await(store.finish(
                    lease,
                    jobs.stream().map(job -> Ending.completed(job, 1, 2, null)).toList()));
            ran += jobs.size();
        } while (ran < most && !jobs.isEmpty());
        redis.await(store.leave(lease, 0));
        return ran;
    }

    private FsckReport fsck(String queue, boolean repair) {
        return rig.penstock.queue(queue).fsck(100_000, repair);
    }

    private String key(String queue, String rest) {
        return "pk:{" + queue + "}:" + rest;
    }

    @Test
    void tellsEndsAgainThatWereLost() {
        FlowId id = rig.flows().submit(rig.diamond());
        assertThat(run(rig.here, 5) + run(rig.there, 5)).isEqualTo(2);
        assertThat(fsck(rig.here, false).flows()).isZero(); // they wait to be heard
        rig.command("DEL", key(rig.here, "h"));
        rig.command("DEL", key(rig.there, "h"));

        assertThat(fsck(rig.here, false).flows()).isEqualTo(2);
        assertThat(fsck(rig.here, true).flows()).isEqualTo(2);
        assertThat(fsck(rig.here, true).clean()).isTrue();

        rig.start();
        rig.awaitState(id, "completed");
        assertThat(rig.ran).containsExactly("c", "d");
    }

    @Test
    void countsAnEndThatNobodyCanTellAsFailed() {
        FlowId id = rig.flows().submit(rig.diamond());
        JobId a = FlowRig.node(rig.flows().get(id).orElseThrow(), "a").id();
        assertThat(run(rig.here, 5)).isEqualTo(1);
        rig.command("DEL", key(rig.here, "h"));
        rig.penstock.queue(rig.here).purge(JobState.COMPLETED);
        assertThat(rig.penstock.job(a)).isEmpty();

        assertThat(fsck(rig.here, true).flows()).isEqualTo(1);

        rig.start();
        FlowView ended = rig.awaitState(id, "failed");
        assertThat(FlowRig.state(ended, "a")).isEqualTo(JobState.FAILED);
        assertThat(FlowRig.state(ended, "d")).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void blocksAJobAgainThatLostItsPlaceAndNeverRunsItEarly() {
        FlowId id = rig.flows().submit(rig.diamond());
        rig.command("DEL", key(rig.here, "B"));

        assertThat(fsck(rig.here, true).flows()).isEqualTo(1);

        assertThat(rig.penstock.queue(rig.here).counts().blocked()).isEqualTo(1);
        rig.start();
        rig.awaitState(id, "completed");
        assertThat(rig.ran).containsExactlyInAnyOrder("a", "b", "c", "d");
        assertThat(rig.ran.indexOf("c")).isEqualTo(2);
    }

    @Test
    void letsASealedBatchEndWhoseEndsWereLost() {
        FlowId id = rig.flows().open(BatchPlan.named("lossy", rig.here).onFailure(rig.spec(rig.here, "failure")));
        rig.flows().addAll(id, rig.there, IntStream.range(0, 9).mapToObj(i -> rig.spec(rig.there, "n" + i)));
        rig.flows().seal(id);
        rig.awaitBatch(id, "sealed");
        assertThat(run(rig.there, 4)).isEqualTo(4);
        rig.command("DEL", key(rig.there, "h"));
        assertThat(run(rig.there, 2)).isEqualTo(2);

        assertThat(fsck(rig.here, false).flows()).isEqualTo(4);
        assertThat(fsck(rig.here, true).flows()).isEqualTo(4);
        assertThat(fsck(rig.here, false).flows()).isZero();

        rig.start();
        BatchView ended = rig.awaitBatch(id, "failed");
        assertThat(ended.failed()).isEqualTo(4);
        assertThat(ended.completed()).isEqualTo(5);
        await().until(() -> rig.ran.contains("failure"));
    }

    @Test
    void putsAFailedOneInThePlaceOfANodeWhoseDescriptionIsLost() {
        FlowId id = rig.flows().submit(rig.diamond());
        String key = key(rig.here, "F:" + id.key());
        FlowView before = rig.flows().get(id).orElseThrow();
        int lost = before.nodes().stream().map(FlowView.Node::name).toList().indexOf("b");
        rig.command("HDEL", key, "g" + lost);
        assertThat(rig.flows().get(id).orElseThrow().nodes())
                .hasSize(before.nodes().size() - 1); // and does not fail

        assertThat(fsck(rig.here, false).flows()).isPositive();
        assertThat(fsck(rig.here, true).flows()).isPositive();

        rig.start();
        FlowView ended = rig.awaitState(id, "failed");
        assertThat(FlowRig.state(ended, "a")).isEqualTo(JobState.COMPLETED);
        assertThat(FlowRig.state(ended, "lost-" + lost)).isEqualTo(JobState.FAILED);
        assertThat(FlowRig.state(ended, "d")).isEqualTo(JobState.CANCELLED);
        assertThat(FlowRig.node(ended, "c").needs()).contains("lost-" + lost);
        assertThat(fsck(rig.here, false).mended()).isZero();
    }

    /** One thing after the other is lost of a flow that is under way; it ends all the same. */
    @Test
    void endsWhateverIsLostOfIt() {
        long seed = Long.getLong("flow.fsck.seed", System.nanoTime());
        Random random = new Random(seed);
        rig.start();
        for (int round = 0; round < Integer.getInteger("flow.fsck.rounds", 12); round++) {
            rig.ran.clear();
            rig.children.clear();
            String held = List.of("a", "b", "c", "d").get(random.nextInt(4));
            rig.held.add(held);
            FlowId id = rig.flows().submit(rig.diamond().onFailure("a", OnFailure.CONTINUE));
            await().until(() -> rig.children.containsKey(held));
            String lost = lose(random, id);
            String story = "seed " + seed + " round " + round + " held " + held + " lost " + lost;
            rig.held.clear();
            await().alias(story).until(() -> {
                fsck(rig.here, true);
                fsck(rig.there, true);
                return rig.flows().state(id).map(FlowView::state).orElse("gone").matches("completed|failed|cancelled");
            });
            assertThat(rig.ran).as(story).doesNotHaveDuplicates();
        }
        rig.assertQuiet();
        assertThat(fsck(rig.here, false).mended()).as("seed %d", seed).isZero();
        assertThat(fsck(rig.there, false).mended()).as("seed %d", seed).isZero();
    }

    private String lose(Random random, FlowId id) {
        String flow = key(rig.here, "F:" + id.key());
        int what = random.nextInt(8);
        if (what < 5) {
            List<String> fields = rig.command("HKEYS", flow).stream()
                    .map(Redis::text)
                    .filter(field -> !field.equals("name"))
                    .sorted()
                    .toList();
            String field = fields.get(random.nextInt(fields.size()));
            rig.command("HDEL", flow, field);
            return field;
        }
        String key = switch (what) {
            case 5 -> key(rig.here, "ht");
            case 6 -> key(rig.here, "hw:" + id.key());
            default -> key(rig.here, "ho:" + id.key());
        };
        rig.command("DEL", key);
        return key;
    }
}
