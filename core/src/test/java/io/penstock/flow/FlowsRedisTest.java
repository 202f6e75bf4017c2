package io.penstock.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.queue.Change;
import io.penstock.queue.FlowPlace;
import io.penstock.queue.FlowStore;
import io.penstock.queue.JobEdit;
import io.penstock.runtime.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Flows on a real Redis, over two queues. */
final class FlowsRedisTest {
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

    @Test
    void tellsListenersOfEachStateOfFlowsAndBatches() {
        List<String> told = new CopyOnWriteArrayList<>();
        FlowId[] ids = new FlowId[2];
        Subscription listening =
                rig.penstock.events().onFlow(rig.here, event -> told.add(event.flow() + " " + event.state()));
        rig.awaitListening(rig.here);
        rig.start();
        ids[0] = rig.flows().submit(rig.diamond());
        rig.awaitState(ids[0], "completed");
        ids[1] = rig.flows().open(BatchPlan.named("told", rig.here));
        rig.flows().add(ids[1], rig.spec(rig.here, "n"));
        rig.flows().seal(ids[1]);
        rig.awaitBatch(ids[1], "completed");
        await().until(() -> told.contains(ids[1] + " completed"));
        listening.close();
        assertThat(told).contains(ids[0] + " running", ids[0] + " completed", ids[1] + " open");
        assertThat(told.stream().filter(line -> line.endsWith(" completed"))).hasSize(2);
    }

    @Test
    void runsAChainInOrderAndHandsResultsOn() {
        rig.start();
        FlowId id = rig.flows()
                .submit(Flow.chain("chain", rig.spec(rig.here, "x"), rig.spec(rig.here, "y"), rig.spec(rig.here, "z")));
        FlowView done = rig.awaitState(id, "completed");
        assertThat(rig.ran).containsExactly("x", "y", "z");
        assertThat(done.left()).isZero();
        assertThat(done.completed()).isEqualTo(3);
        assertThat(rig.children.get("x")).isEmpty();
        assertThat(rig.children.get("z")).singleElement().satisfies(child -> {
            assertThat(child.name()).isEqualTo("2");
            assertThat(child.state()).isEqualTo(JobState.COMPLETED);
            assertThat(new String(child.result(), UTF_8)).isEqualTo("\"r-y\"");
        });
        rig.assertQuiet();
    }

    @Test
    void crossesQueues() {
        rig.start();
        FlowId id = rig.flows().submit(rig.diamond());
        FlowView done = rig.awaitState(id, "completed");
        assertThat(rig.ran).hasSize(4).endsWith("c", "d");
        assertThat(rig.children.get("c"))
                .extracting(child -> child.id().queue())
                .containsExactlyInAnyOrder(rig.here, rig.there);
        assertThat(FlowRig.node(done, "c").needs()).containsExactlyInAnyOrder("a", "b");
        assertThat(rig.flows().of(FlowRig.node(done, "b").id())).contains(id);
        rig.assertQuiet();
    }

    @Test
    void blocksWhatWaitsForOthers() {
        FlowId id = rig.flows().submit(rig.diamond());
        FlowView flow = rig.flows().get(id).orElseThrow();
        JobId c = FlowRig.node(flow, "c").id();
        await().until(() -> rig.penstock.queue(rig.there).counts().waiting() == 1);
        assertThat(rig.penstock.queue(rig.here).counts().blocked()).isEqualTo(1);
        assertThat(rig.penstock.queue(rig.here).counts().waiting()).isEqualTo(1);
        assertThat(rig.job(c).state()).isEqualTo(JobState.BLOCKED);
        assertThat(rig.penstock.queue(rig.here).list(JobState.BLOCKED, null, 10).jobs())
                .extracting(job -> job.id())
                .containsExactly(c);
        Change promoted = rig.penstock.queue(rig.here).promote(c);
        assertThat(promoted.result()).isEqualTo(Change.Result.CONFLICT);
        assertThat(promoted.message()).contains("waits for other jobs of its flow");
        assertThat(rig.penstock
                        .queue(rig.here)
                        .edit(c, new JobEdit("\"c2\"".getBytes(UTF_8), null, null))
                        .ok())
                .isTrue();
        assertThat(rig.job(c).state()).isEqualTo(JobState.BLOCKED);
        assertThat(rig.penstock.queue(rig.here).fsck(10_000).clean()).isTrue();
        rig.start();
        rig.awaitState(id, "completed");
        assertThat(rig.ran).contains("c2").doesNotContain("c");
        assertThat(rig.penstock.queue(rig.here).fsck(10_000).mended()).isZero();
    }

    @Test
    void failsWhatNeedsAFailedJobAndResumesItWhenThatIsRetried() {
        rig.failing.add("a");
        rig.start();
        FlowId id = rig.flows().submit(rig.diamond());
        FlowView failed = rig.awaitState(id, "failed");
        assertThat(FlowRig.state(failed, "a")).isEqualTo(JobState.FAILED);
        assertThat(FlowRig.state(failed, "b")).isEqualTo(JobState.COMPLETED);
        assertThat(FlowRig.state(failed, "c")).isEqualTo(JobState.CANCELLED);
        assertThat(FlowRig.state(failed, "d")).isEqualTo(JobState.CANCELLED);
        rig.assertQuiet();
        await().until(() -> rig.job(FlowRig.node(failed, "d").id()).state() == JobState.CANCELLED);
        assertThat(rig.job(FlowRig.node(failed, "d").id()).error().message()).contains("a job that it needs failed");
        rig.failing.clear();
        assertThat(rig.flows().retry(id)).isEqualTo("running");
        FlowView done = rig.awaitState(id, "completed");
        assertThat(rig.ran).endsWith("a", "c", "d");
        assertThat(done.failed() + done.cancelled()).isZero();
        rig.assertQuiet();
    }

    @Test
    void resumesAlsoWhenTheJobItselfIsRetried() {
        rig.failing.add("a");
        rig.start();
        FlowId id = rig.flows().submit(rig.diamond());
        FlowView failed = rig.awaitState(id, "failed");
        rig.assertQuiet();
        rig.failing.clear();
        assertThat(rig.penstock
                        .queue(rig.here)
                        .retry(FlowRig.node(failed, "a").id())
                        .ok())
                .isTrue();
        rig.awaitState(id, "completed");
        rig.assertQuiet();
    }

    @Test
    void ignoresOrTellsAFailureAsTheJobSays() {
        rig.failing.addAll(List.of("a", "b"));
        rig.start();
        FlowId id = rig.flows()
                .submit(rig.diamond().onFailure("a", OnFailure.IGNORE).onFailure("b", OnFailure.CONTINUE));
        FlowView done = rig.awaitState(id, "completed");
        assertThat(done.failed()).isEqualTo(2);
        assertThat(rig.ran).endsWith("c", "d");
        assertThat(rig.children.get("c"))
                .filteredOn(child -> child.name().equals("b"))
                .singleElement()
                .satisfies(child -> assertThat(child.error().message()).isEqualTo("b fails"));
        rig.assertQuiet();
    }

    @Test
    void undoesWhatCompletedInReverse() {
        rig.failing.add("d");
        rig.start();
        Flow saga = rig.diamond().onFailure("d", OnFailure.COMPENSATE);
        for (String name : List.of("a", "b", "c", "d")) {
            saga.undo(name, rig.spec(name.equals("b") ? rig.here : rig.there, "undo-" + name));
        }
        FlowId id = rig.flows().submit(saga);
        FlowView failed = rig.awaitState(id, "failed");
        assertThat(rig.ran.subList(4, rig.ran.size()))
                .hasSize(3)
                .startsWith("undo-c")
                .doesNotContain("undo-d");
        int a = rig.ran.indexOf("a") - rig.ran.indexOf("b");
        assertThat(Integer.signum(rig.ran.indexOf("undo-b") - rig.ran.indexOf("undo-a")))
                .isEqualTo(Integer.signum(a));
        assertThat(failed.nodes()).filteredOn(node -> node.undoes() != null).hasSize(4);
        rig.assertQuiet();
    }

    @Test
    void cancelsAFlowAndRunsItAgain() {
        rig.held.add("a");
        rig.start();
        FlowId id = rig.flows().submit(rig.diamond());
        await().until(() -> rig.ran.contains("b") && rig.children.containsKey("a"));
        rig.flows().cancel(id);
        FlowView cancelled = rig.awaitState(id, "cancelled");
        assertThat(FlowRig.state(cancelled, "a")).isEqualTo(JobState.CANCELLED);
        assertThat(FlowRig.state(cancelled, "d")).isEqualTo(JobState.CANCELLED);
        rig.assertQuiet();
        rig.held.clear();
        rig.flows().retry(id);
        rig.awaitState(id, "completed");
        assertThat(rig.ran).endsWith("a", "c", "d");
        rig.assertQuiet();
    }

    @Test
    void cancelsOneJobAndWhatNeedsIt() {
        rig.held.add("a");
        rig.start();
        Flow flow = rig.diamond().job("e", rig.spec(rig.here, "e")).needs("e", "b");
        FlowId id = rig.flows().submit(flow);
        rig.flows().cancel(id, "c");
        await().until(() -> FlowRig.state(rig.flows().get(id).orElseThrow(), "d") == JobState.CANCELLED);
        rig.held.clear();
        FlowView ended = rig.awaitState(id, "failed");
        assertThat(FlowRig.state(ended, "a")).isEqualTo(JobState.COMPLETED);
        assertThat(FlowRig.state(ended, "e")).isEqualTo(JobState.COMPLETED);
        rig.flows().retry(id, "c");
        rig.awaitState(id, "completed");
        rig.assertQuiet();
    }

    @Test
    void hearsOfABlockedJobThatSomebodyCancelsOrDeletes() {
        FlowId id = rig.flows().submit(rig.diamond());
        FlowView flow = rig.flows().get(id).orElseThrow();
        rig.penstock.serve(rig.here);
        assertThat(rig.penstock
                        .queue(rig.here)
                        .cancel(FlowRig.node(flow, "c").id())
                        .ok())
                .isTrue();
        assertThat(rig.penstock.queue(rig.here).purge(JobState.WAITING)).isEqualTo(1);
        rig.start();
        FlowView ended = rig.awaitState(id, "failed");
        assertThat(FlowRig.state(ended, "a")).isEqualTo(JobState.CANCELLED);
        assertThat(FlowRig.state(ended, "b")).isEqualTo(JobState.COMPLETED);
        assertThat(FlowRig.state(ended, "d")).isEqualTo(JobState.CANCELLED);
        rig.assertQuiet();
    }

    @Test
    void keepsDelaysFromTheMomentAJobIsLetGo() {
        rig.start();
        FlowId id = rig.flows()
                .submit(Flow.named("late")
                        .job("a", rig.spec(rig.here, "a"))
                        .job("b", rig.spec(rig.here, "b", o -> o.in(Duration.ofMillis(300))))
                        .job("c", rig.spec(rig.there, "c", o -> o.in(Duration.ofMillis(300))))
                        .needs("b", "a")
                        .needs("c", "a"));
        JobId b = FlowRig.node(rig.flows().get(id).orElseThrow(), "b").id();
        await().until(() -> rig.ran.contains("a"));
        await().until(() -> rig.job(b).state() == JobState.DELAYED);
        rig.awaitState(id, "completed");
    }

    @Test
    void leavesNothingWhenAJobIsRefused() {
        rig.penstock.serve(rig.there);
        rig.penstock.queue(rig.there).drain();
        assertThatThrownBy(() -> rig.flows().submit(rig.diamond()))
                .isInstanceOfSatisfying(
                        FlowRefusedException.class,
                        refused -> assertThat(refused.why().reason()).isEqualTo(Enqueued.Reason.DRAINING));
        await().until(() -> rig.penstock.queue(rig.here).counts().pending() == 0);
        assertThat((Long) rig.command("EXISTS", "pk:{" + rig.here + "}:B").get(0))
                .isZero();
    }

    @Test
    void sweepsAwayWhatADeadProducerLeft() {
        FlowStore store = rig.penstock.queue(rig.here).flows();
        FlowId id = FlowId.random(rig.here, 'f');
        assertThat(rig.penstock.redis().await(store.weave(id.key(), true, List.of("y", "flow"), List.of())))
                .isTrue();
        for (String queue : List.of(rig.here, rig.there)) {
            rig.penstock
                    .redis()
                    .await(rig.penstock
                            .queue(queue)
                            .enqueueAsync(rig.spec(queue, "x"), new FlowPlace(rig.here, id.key(), 0), true));
        }
        sweep();
        assertThat(rig.penstock.queue(rig.there).counts().blocked()).isEqualTo(1); // its flow is still being built
        assertThat((Long) rig.command("PTTL", "pk:{" + rig.here + "}:F:" + id.key())
                        .get(0))
                .isBetween(1L, FlowStore.BUILDING.toMillis());
        rig.command("DEL", "pk:{" + rig.here + "}:F:" + id.key()); // as time does
        sweep();
        for (String queue : List.of(rig.here, rig.there)) {
            assertThat(rig.penstock.queue(queue).counts().pending()).isZero();
        }
        assertThat(rig.penstock
                        .redis()
                        .await(store.advance(id.key(), "start", "", List.of(), "", List.of()))
                        .state())
                .isEqualTo("gone");
        rig.start();
        rig.assertQuiet();
    }

    private void sweep() {
        for (String queue : List.of(rig.here, rig.there)) {
            rig.penstock.redis().await(new Orphans(rig.penstock::queue, rig.penstock.queue(queue)).sweep("0", 100));
        }
    }

    /** The sweep looks at the job first and at its flow later: what was blocked then may have run meanwhile. */
    @Test
    void keepsAJobThatHasRunSinceItWasSeenBlocked() {
        rig.start();
        FlowId id = rig.flows().submit(rig.diamond());
        await().until(() -> rig.flows().state(id).orElseThrow().state().equals("completed"));
        List<JobId> jobs = rig.flows().get(id).orElseThrow().nodes().stream()
                .map(node -> node.id())
                .toList();

        for (JobId job : jobs) {
            FlowStore.Act late = new FlowStore.Act("", 'D', job.queue(), job.serial(), "");
            rig.penstock.redis().await(rig.penstock.queue(job.queue()).flows().act(List.of(late)));
        }

        assertThat(jobs)
                .allSatisfy(
                        job -> assertThat(rig.penstock.job(job)).map(Job::state).contains(JobState.COMPLETED));
    }

    @Test
    void countsAnEndOnceHoweverOftenItIsTold() {
        FlowId id = rig.flows().submit(rig.diamond());
        FlowStore store = rig.penstock.queue(rig.here).flows();
        FlowPlace a = new FlowPlace(rig.here, id.key(), 0);
        FlowView flow = rig.flows().get(id).orElseThrow();
        String serial = flow.nodes().get(0).id().serial();
        FlowStore.End end = new FlowStore.End("5", "completed", serial, a, new byte[0]);
        for (int i = 0; i < 3; i++) {
            rig.penstock.redis().await(store.advance(id.key(), "", "", List.of(), rig.here, List.of(end)));
        }
        assertThat(rig.flows().state(id).orElseThrow().left()).isEqualTo(3);
    }

    @Test
    void movesOnWhatADeadRelayLeft() {
        FlowId id = rig.flows().submit(rig.diamond());
        FlowStore store = rig.penstock.queue(rig.here).flows();
        FlowView flow = rig.flows().get(id).orElseThrow();
        FlowRig other = new FlowRig(server);
        try {
            // Heard, but what follows from it was not done, and the ends were not trimmed.
            for (int i = 0; i < 2; i++) {
                FlowPlace place = new FlowPlace(rig.here, id.key(), i);
                FlowStore.End end = new FlowStore.End(
                        "" + i, "completed", flow.nodes().get(i).id().serial(), place, new byte[0]);
                other.penstock
                        .redis()
                        .await(store.advance(
                                id.key(),
                                "",
                                "",
                                List.of(),
                                flow.nodes().get(i).id().queue(),
                                List.of(end)));
            }
        } finally {
            other.close();
        }
        rig.start();
        await().until(() -> rig.ran.contains("d"));
        rig.awaitState(id, "completed");
        rig.assertQuiet();
    }

    @Test
    void runsAWideAndAHugeFlow() {
        rig.start();
        Flow wide = Flow.named("wide").job("first", rig.spec(rig.here, "first"));
        wide.job("last", rig.spec(rig.there, "last"));
        for (int i = 0; i < 3_000; i++) {
            wide.job("n" + i, rig.spec(i % 2 == 0 ? rig.here : rig.there, "n" + i))
                    .needs("n" + i, "first");
            wide.needs("last", "n" + i);
        }
        FlowId id = rig.flows().submit(wide);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> rig.flows().state(id).orElseThrow().state().equals("completed"));
        assertThat(rig.ran).hasSize(3_002).startsWith("first").endsWith("last");
        assertThat(rig.children.get("last")).hasSize(3_000);
        rig.assertQuiet();
    }
}
