package io.penstock.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobState;
import io.penstock.testing.FaultProxy;
import io.penstock.worker.WorkerConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random graphs with random failures and policies, over two queues and two processes, beside a reference that says how each
 * job must end; then all of them run again.
 */
final class FlowModelTest {
    private static final int FLOWS = Integer.getInteger("flow.model.flows", 150);
    private static final OnFailure[] POLICIES = {OnFailure.FAIL, OnFailure.IGNORE, OnFailure.CONTINUE};

    /** One random flow, and how it must end. */
    private static final class Case {
        final Flow flow;
        final Map<String, JobState> ends = new HashMap<>();
        boolean fails;
        FlowId id;

        Case(Random random, FlowRig rig, int number) {
            flow = Flow.named("flow" + number);
            int jobs = 1 + random.nextInt(14);
            List<Boolean> dead = new ArrayList<>();
            for (int i = 0; i < jobs; i++) {
                String name = number + "." + i;
                flow.job(name, rig.spec(random.nextBoolean() ? rig.here : rig.there, name));
                boolean blockedForGood = false;
                for (int child = 0; child < i; child++) {
                    if (random.nextInt(4) == 0) {
                        flow.needs(name, number + "." + child);
                        blockedForGood |= dead.get(child);
                    }
                }
                OnFailure policy = POLICIES[random.nextInt(POLICIES.length)];
                flow.onFailure(name, policy);
                boolean fail = random.nextInt(5) == 0;
                if (fail) {
                    rig.failing.add(name);
                }
                JobState end = blockedForGood ? JobState.CANCELLED : fail ? JobState.FAILED : JobState.COMPLETED;
                ends.put(name, end);
                dead.add(end != JobState.COMPLETED && policy == OnFailure.FAIL);
                fails |= dead.get(i);
            }
        }
    }

    @Test
    void endsEachJobAsTheReferenceSays() throws IOException {
        long seed = Long.getLong("flow.model.seed", System.nanoTime());
        Random random = new Random(seed);
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .unixSocket(false)
                        .persistence(false)
                        .start();
                FaultProxy proxy = new FaultProxy(server.uri());
                FlowRig rig = new FlowRig(server);
                FlowRig other = new FlowRig(proxy.uri())) {
            rig.start();
            // A second process relays the same queues and loses answers: whatever both do, or do again, counts once.
            other.penstock.serve(rig.here);
            other.penstock.serve(rig.there);
            rig.penstock.work(WorkerConfig.named("w2").concurrency(4), List.of(rig.here, rig.there));
            List<Case> cases = new ArrayList<>();
            for (int i = 0; i < FLOWS; i++) {
                Case next = new Case(random, rig, i);
                if (i % 10 == 5) {
                    proxy.loseReplies("EVALSHA", 1 + random.nextInt(3));
                }
                next.id = submit(next, random.nextBoolean() ? rig : other, rig);
                cases.add(next);
            }
            for (Case each : cases) {
                FlowView ended = rig.awaitState(each.id, each.fails ? "failed" : "completed");
                for (FlowView.Node node : ended.nodes()) {
                    assertThat(node.state())
                            .as("seed %d, %s of %s", seed, node.name(), each.id)
                            .isEqualTo(each.ends.get(node.name()));
                }
                assertThat(ended.left()).as("seed %d", seed).isZero();
            }
            rig.assertQuiet();
            rig.failing.clear();
            cases.stream()
                    .filter(each -> each.fails)
                    .forEach(each -> rig.flows().retry(each.id));
            for (Case each : cases) {
                FlowView ended = rig.awaitState(each.id, "completed");
                if (each.fails) {
                    assertThat(ended.completed()).as("seed %d, %s", seed, ended).isEqualTo(ended.jobs());
                }
            }
            rig.assertQuiet();
            assertThat(rig.penstock.queue(rig.here).fsck(100_000).mended())
                    .as("seed %d", seed)
                    .isZero();
        }
    }

    /** A flow whose adding cannot be followed to its end is not started, and may be added anew. */
    private static FlowId submit(Case next, FlowRig first, FlowRig second) {
        try {
            return first.flows().submit(next.flow);
        } catch (FlowRefusedException unknown) {
            return second.flows().submit(next.flow);
        }
    }
}
