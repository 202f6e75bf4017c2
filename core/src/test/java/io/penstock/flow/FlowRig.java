package io.penstock.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.queue.Child;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.worker.JobContext;
import io.penstock.worker.WorkerConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Two queues of their own with a worker, whose handler notes what it ran and does what the payload says. */
final class FlowRig implements AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    final String here = "a" + NAMES.incrementAndGet();
    final String there = "b" + NAMES.incrementAndGet();
    final Penstock penstock;
    final List<String> ran = new CopyOnWriteArrayList<>();
    final Map<String, List<Child>> children = new ConcurrentHashMap<>();
    final Set<String> failing = ConcurrentHashMap.newKeySet();
    final Set<String> held = ConcurrentHashMap.newKeySet();

    FlowRig(EmbeddedRedis server) {
        this(server.uri());
    }

    FlowRig(String uri) {
        penstock = Penstock.connect(PenstockConfig.of(uri));
        for (String queue : List.of(here, there)) {
            penstock.handle(JobType.of("node." + queue, String.class).queue(queue), this::run);
        }
    }

    /** Until whoever subscribed to events of this queue before hears them. */
    void awaitListening(String queue) {
        AtomicBoolean begun = new AtomicBoolean();
        penstock.redis().subscriber().subscribe("pk:{" + queue + "}:events", message -> {}, () -> begun.set(true));
        await().untilTrue(begun);
    }

    /** a and b (elsewhere) before c, which is before d (elsewhere). */
    Flow diamond() {
        return Flow.named("diamond")
                .job("a", spec(here, "a"))
                .job("b", spec(there, "b"))
                .job("c", spec(here, "c"))
                .job("d", spec(there, "d"))
                .needs("c", "a", "b")
                .needs("d", "c");
    }

    FlowRig start() {
        penstock.work(WorkerConfig.named("w").concurrency(8), List.of(here, there));
        return this;
    }

    private void run(String name, JobContext ctx) throws InterruptedException {
        children.put(name, ctx.children());
        while (held.contains(name)) {
            synchronized (this) {
                wait(20);
            }
            if (ctx.stopping()) {
                return;
            }
        }
        ran.add(name);
        if (failing.contains(name)) {
            throw new IllegalStateException(name + " fails");
        }
        ctx.result("r-" + name);
    }

    JobSpec spec(String queue, String name, UnaryOperator<JobOptions> change) {
        JobOptions options = change.apply(JobOptions.NONE.maxAttempts(1));
        return new JobSpec(queue, "node." + queue, ("\"" + name + "\"").getBytes(UTF_8), options);
    }

    JobSpec spec(String queue, String name) {
        return spec(queue, name, o -> o);
    }

    Flows flows() {
        return penstock.flows();
    }

    FlowView awaitState(FlowId id, String state) {
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> flows().state(id).map(FlowView::state).orElse("gone"), state::equals);
        return flows().get(id).orElseThrow();
    }

    BatchView awaitBatch(FlowId id, String state) {
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> flows().batch(id).map(BatchView::state).orElse("gone"), state::equals);
        return flows().batch(id).orElseThrow();
    }

    static JobState state(FlowView flow, String name) {
        return node(flow, name).state();
    }

    static FlowView.Node node(FlowView flow, String name) {
        return flow.nodes().stream()
                .filter(node -> node.name().equals(name) && node.undoes() == null)
                .findFirst()
                .orElseThrow();
    }

    Job job(JobId id) {
        return penstock.job(id).orElseThrow();
    }

    List<Object> command(String name, String key, String... args) {
        Call call = new Call(128).key(Redis.utf8(key));
        for (String arg : args) {
            call.arg(arg);
        }
        return penstock.redis().await(penstock.redis().command(name, call));
    }

    /** What flows may leave behind when they have ended: nothing blocked, nothing untold. */
    void assertQuiet() {
        await().until(() -> {
            for (String queue : List.of(here, there)) {
                boolean quiet = penstock.queue(queue).counts().blocked() == 0
                        && (Long) command("EXISTS", "pk:{" + queue + "}:B").get(0) == 0
                        && (Long) command("LLEN", "pk:{" + queue + "}:h").get(0) == 0
                        && (Long) command("EXISTS", "pk:{" + queue + "}:ht").get(0) == 0;
                if (!quiet) {
                    return false;
                }
            }
            return true;
        });
    }

    @Override
    public void close() {
        held.clear();
        penstock.close();
    }
}
