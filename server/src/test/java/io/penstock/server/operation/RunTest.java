package io.penstock.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobState;
import io.penstock.queue.JobSweep.Action;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.engine.Engine;
import io.penstock.server.search.JobFilter;
import io.penstock.server.search.Scope;
import io.penstock.server.search.Search;
import io.penstock.server.search.SearchText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class RunTest {
    private static Penstock penstock;
    private static Engine engine;

    private final String mine = Rig.queue();
    private final String theirs = Rig.queue();

    @BeforeAll
    static void connect(EmbeddedRedis redis) {
        penstock = Penstock.connect(redis.uri());
        engine = new Engine(penstock);
    }

    @AfterAll
    static void close() {
        penstock.close();
    }

    private static Plan plan(Action action, @Nullable JobFilter filter, int ids, String... scope) {
        Instant now = Instant.ofEpochMilli(engine.clock().millis());
        return new Plan("op-test", action, filter, ids, new Scope(List.of(scope)), "me", now);
    }

    private static Tally run(Plan plan, String... ids) {
        Tally tally = new Tally();
        Run run = new Run(engine, plan, tally, List.of(ids));
        while (!tally.state.over()) {
            run.step();
        }
        return tally;
    }

    private static String waiting(Rig rig, String queue) {
        rig.send("POST", "/api/v1/queues/" + queue + ":pause", null);
        await().until(() -> engine.exists(queue)); // another process made it
        return rig.enqueue(queue, "{\"type\":\"x.y\"}");
    }

    @Test
    void touchesTheQueuesOfItsCallerOnly(Rig rig) {
        String one = waiting(rig, mine);
        String other = waiting(rig, theirs);
        Tally named = run(plan(Action.CANCEL, null, 2, mine), other, one);
        assertThat(named.done).isEqualTo(1);
        assertThat(named.failures).singleElement().satisfies(left -> {
            assertThat(left.id()).isEqualTo(other);
            assertThat(left.reason()).contains("in a queue that you may touch");
        });
        assertThat(rig.job(other).path("state").asText()).isEqualTo("waiting");
        String more = waiting(rig, mine);
        Tally filtered = run(plan(Action.CANCEL, JobFilter.ANY.in(Set.of(JobState.WAITING)), 0, mine + "*"));
        assertThat(filtered.done).isEqualTo(1);
        assertThat(rig.job(more).path("state").asText()).isEqualTo("cancelled");
        assertThat(rig.job(other).path("state").asText()).isEqualTo("waiting");
        JobFilter both = SearchText.read("type:x.y", Map.of("queue", theirs));
        assertThat(new Search(engine, both, new Scope(List.of(mine)))
                        .page(null, 10)
                        .jobs())
                .isEmpty();
        assertThat(new Search(engine, both, Scope.ALL).page(null, 10).jobs()).hasSize(1);
        JobFilter id = SearchText.read("id:" + other, Map.of());
        assertThat(new Search(engine, id, new Scope(List.of(mine)))
                        .page(null, 10)
                        .jobs())
                .isEmpty();
    }

    @Test
    void doesAStepAgainWithoutDoingItTwice(Rig rig) {
        for (int i = 0; i < 3; i++) {
            rig.enqueue(mine, "{\"type\":\"demo.fail\",\"maxAttempts\":1}");
        }
        await().until(() ->
                rig.get("/api/v1/queues/" + mine).json().at("/counts/failed").asInt() == 3);
        rig.send("POST", "/api/v1/queues/" + mine + ":pause", null);
        Plan plan = plan(Action.RETRY, JobFilter.ANY.of(mine).in(Set.of(JobState.FAILED)), 0);
        Tally first = run(plan);
        assertThat(first.done).isEqualTo(3);
        Tally again = run(plan); // as a server does that took it up from another one
        assertThat(again.done).isZero();
        assertThat(again.failed).isZero();
        assertThat(rig.get("/api/v1/queues/" + mine)
                        .json()
                        .at("/counts/waiting")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    void reachesAllJobsOfGroupsWhoseLinesMoveMeanwhile(Rig rig) {
        rig.send("POST", "/api/v1/queues/" + mine + ":pause", null);
        StringBuilder jobs = new StringBuilder();
        for (int i = 0; i < 1_100; i++) {
            jobs.append("{\"queue\":\"" + mine + "\",\"type\":\"x.y\",\"group\":\"g" + i % 7 + "\"}\n");
        }
        rig.send("POST", "/api/v1/jobs:batch", jobs.toString(), "Content-Type", "application/x-ndjson");
        Tally tally = run(plan(Action.CANCEL, JobFilter.ANY.of(mine).in(Set.of(JobState.WAITING)), 0));
        assertThat(tally.done).isEqualTo(1_100);
        assertThat(rig.get("/api/v1/queues/" + mine)
                        .json()
                        .at("/counts/waiting")
                        .asInt())
                .isZero();
    }

    @Test
    void leavesAloneWhatCameLater(Rig rig) {
        String old = waiting(rig, mine);
        Instant made = Instant.parse(rig.job(old).path("createdAt").asText());
        JobFilter older = JobFilter.ANY.of(mine).in(Set.of(JobState.WAITING)).until(made.minus(Duration.ofMillis(1)));
        assertThat(run(plan(Action.CANCEL, older, 0)).matched).isZero();
        assertThat(rig.job(old).path("state").asText()).isEqualTo("waiting");
    }

    @Test
    void writesDownAllThatItNeedsToGoOn() {
        JobFilter filter = SearchText.read(
                        "queue:mail-* state:failed,cancelled type:a.* group:g error:\"x \\\" y\" key:k one \"two three\"",
                        Map.of())
                .until(Instant.parse("2030-01-31T12:00:00.123Z"));
        Plan plan = plan(Action.DELETE, filter, 0, "a", "b-*");
        assertThat(Plan.decode(plan.encode())).isEqualTo(plan);
        Tally tally = new Tally();
        tally.state = Tally.State.RUNNING;
        tally.startedAt = Instant.parse("2030-01-31T12:00:00Z");
        tally.total = 1_000_000;
        tally.looked = 333_333;
        tally.queue = "mail-eu";
        tally.in = JobState.FAILED;
        tally.inner = "17:3";
        for (int i = 0; i < 150; i++) {
            tally.fail("mail-eu-" + i, "because \"" + "x".repeat(300) + "\n");
        }
        tally.skip("mail-eu-1", "gone");
        assertThat(Tally.decode(tally.encode())).usingRecursiveComparison().isEqualTo(tally);
        assertThat(tally.failures).hasSize(Tally.MOST_FAILURES);
        assertThat(tally.failed).isEqualTo(150);
        assertThat(tally.share()).isEqualTo(0.3333);
        assertThat(tally.encode()).hasSizeLessThan(32 << 10);
    }
}
