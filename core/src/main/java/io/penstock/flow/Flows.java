package io.penstock.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.queue.EnqueueSummary;
import io.penstock.queue.FlowPlace;
import io.penstock.queue.FlowStore;
import io.penstock.queue.Queue;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Timer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Flows and batches: jobs that wait for one another.
 *
 * <p>A flow is added as a whole: all its jobs are added blocked, each to its queue, and then one step starts it. Whoever dies
 * before that step leaves nothing that ever runs, and what it leaves goes within a few minutes.
 *
 * <p>Threads: safe. Time: methods wait for Redis. Fails with {@link RedisException}.
 */
public final class Flows implements AutoCloseable {
    private static final FlowStore.Step GONE = new FlowStore.Step("gone", false, false, List.of());

    private final Redis redis;
    private final Function<String, Queue> queues;
    private final Keeper keeper;
    private final NewestFlows newest;
    private final Set<String> listed = ConcurrentHashMap.newKeySet();

    /** Flows over these queues; one timer task moves them on. */
    public Flows(Timer timer, Redis redis, Function<String, Queue> queues) {
        this.redis = redis;
        this.queues = queues;
        this.keeper = new Keeper(timer, queues);
        this.newest = new NewestFlows(redis);
    }

    /** Moves on what jobs of this queue belong to, from now on. */
    public void serve(Queue queue) {
        keeper.serve(queue);
    }

    /** Ends that. */
    public void leave(String queue) {
        keeper.leave(queue);
        listed.remove(queue);
    }

    /**
     * Adds a flow; all of its jobs or none. Some five round trips, and one more for each 500 jobs.
     *
     * @throws IllegalArgumentException if the plan cannot be carried out
     * @throws FlowRefusedException if a job was refused; nothing of the flow will run
     */
    public FlowId submit(Flow flow) {
        Weaver weaver = new Weaver(flow.sorted(), queues, FlowId.random(flow.home(), 'f'));
        FlowId id = weaver.id();
        list(id.queue());
        flow.specs().forEach(spec -> list(spec.queue()));
        begin(id, "flow", flow.name(), weaver.main(), weaver.total());
        return start(weaver, "flow \"" + flow.name() + "\"");
    }

    private void begin(FlowId id, String kind, String name, int main, int total) {
        List<String> fields = new ArrayList<>(List.of("y", kind, "name", name));
        fields.addAll(List.of("main", "" + main, "total", "" + total, "left", "" + main));
        await(store(id).weave(id.key(), true, fields, List.of()));
    }

    private FlowId start(Weaver weaver, String what) {
        FlowId id = weaver.id();
        try {
            weaver.add(what);
            for (Weaver.Part part : weaver.parts()) {
                if (!await(store(id).weave(id.key(), false, part.fields(), part.roots()))) {
                    throw new IllegalStateException(what + " was not started: it took longer to add than "
                            + FlowStore.BUILDING + "; none of its jobs will run; add a smaller one");
                }
            }
        } catch (RuntimeException notStarted) {
            weaver.takeBack();
            throw notStarted;
        }
        FlowStore.Step step = await(keeper.wish(id, "start", ""));
        if (step.state().equals("gone")) {
            throw new IllegalStateException(what + " was not started: it took longer to add than " + FlowStore.BUILDING
                    + "; none of its jobs will run; add a smaller one");
        }
        newest.add(id);
        return id;
    }

    /** Opens a batch, to which jobs can be added until it is sealed. */
    public FlowId open(BatchPlan plan) {
        Weaver weaver = Weaver.hooks(plan, queues);
        FlowId id = weaver.id();
        list(id.queue());
        weaver.queues().forEach(this::list);
        begin(id, "batch", plan.name(), 0, weaver.total());
        return start(weaver, "batch \"" + plan.name() + "\"");
    }

    /** Adds a job to an open batch; REFUSED tells why it was not. */
    public Enqueued add(FlowId batch, JobSpec spec) {
        check(spec);
        join(batch, spec.queue());
        return await(queues.apply(spec.queue()).enqueueAsync(spec, member(batch), false));
    }

    /** Adds jobs of one queue to an open batch; reads no further once one is refused. */
    public EnqueueSummary addAll(FlowId batch, String queue, Stream<JobSpec> specs) {
        join(batch, queue);
        return queues.apply(queue).enqueueAll(specs.peek(Flows::check), member(batch));
    }

    /** Adds jobs to an open batch and answers for each, in their order. */
    public List<Enqueued> addAll(FlowId batch, List<JobSpec> specs) {
        specs.forEach(Flows::check);
        specs.stream().map(JobSpec::queue).distinct().forEach(queue -> join(batch, queue));
        List<CompletionStage<Enqueued>> answers = specs.stream()
                .map(spec -> queues.apply(spec.queue()).enqueueAsync(spec, member(batch), false))
                .toList();
        return answers.stream().map(this::await).toList();
    }

    private static FlowPlace member(FlowId batch) {
        return new FlowPlace(batch.queue(), batch.key(), FlowPlace.MEMBER);
    }

    private static void check(JobSpec spec) {
        if (spec.options().keyed()) {
            throw new IllegalArgumentException("job of type \"" + spec.type()
                    + "\" has a unique key, so a batch could not" + " count it; it was not added; leave the key out");
        }
    }

    private void join(FlowId batch, String queue) {
        list(queue);
        String state = await(store(batch).advance(batch.key(), "join", queue, List.of(), "", List.of()))
                .state();
        if (!state.equals("open")) {
            throw new IllegalStateException("batch " + batch + " is " + state
                    + ", not open; no job was added; add jobs before it is sealed, or open another one");
        }
    }

    /**
     * Says that no job will be added any more: the batch ends when all of its jobs have. Call it when the adds have been
     * answered; one that is under way meanwhile may be counted after the end.
     *
     * @return the state, {@code gone} if there is no such batch
     */
    public String seal(FlowId batch) {
        return await(keeper.wish(batch, "seal", "")).state();
    }

    /** Cancels what has not ended of a flow or batch; answers its state, {@code gone} if there is none. */
    public String cancel(FlowId id) {
        return await(keeper.wish(id, "cancel", "")).state();
    }

    /** Returns the queues in which a batch has or had jobs; a round trip. */
    public List<String> queues(FlowId batch) {
        return await(store(batch).sources(batch.key()));
    }

    /** Cancels one job of a flow and, as its {@link OnFailure} says, what needs it. */
    public String cancel(FlowId flow, String job) {
        return atNode(flow, job, "cancel");
    }

    /** Starts the failed and cancelled jobs of a flow anew, each when those it needs have completed. */
    public String retry(FlowId flow) {
        return flow.batch() ? "gone" : await(keeper.wish(flow, "retry", "")).state();
    }

    /** Starts one failed or cancelled job of a flow anew, and what was cancelled because of it. */
    public String retry(FlowId flow, String job) {
        return atNode(flow, job, "retry");
    }

    private String atNode(FlowId flow, String job, String wish) {
        FlowView seen = get(flow).orElse(null);
        if (seen == null) {
            return GONE.state();
        }
        for (int i = 0; i < seen.jobs(); i++) {
            if (seen.nodes().get(i).name().equals(job)) {
                return await(keeper.wish(flow, wish, Integer.toString(i))).state();
            }
        }
        throw new IllegalArgumentException("flow " + flow + " has no job called \"" + job + "\"; nothing was done");
    }

    /** Reads a flow with all its nodes: a round trip for each 500. */
    public Optional<FlowView> get(FlowId flow) {
        return state(flow).map(head -> new FlowReader(store(flow), flow).whole(head, this::await));
    }

    /** Reads the state and the counts of a flow: the same cost for any size. */
    public Optional<FlowView> state(FlowId flow) {
        Map<String, byte[]> found = await(store(flow).read(flow.key(), FlowReader.HEAD));
        return flow.batch() || unknown(found) ? Optional.empty() : Optional.of(FlowReader.head(flow, found));
    }

    /** Reads a batch. */
    public Optional<BatchView> batch(FlowId batch) {
        Map<String, byte[]> found = await(store(batch).read(batch.key(), FlowReader.HEAD));
        return !batch.batch() || unknown(found) ? Optional.empty() : Optional.of(FlowReader.batch(batch, found));
    }

    /**
     * Reads the flows and batches that were begun last, the newest first; of all there have been, the newest
     * {@value NewestFlows#MOST}. Three round trips for any number.
     *
     * @param after the last id of the page before; null = from the newest on
     * @param count how many at most, 1 to 500
     */
    public FlowPage newest(@Nullable FlowId after, int count) {
        List<String> ids = await(newest.read(after == null ? null : after.toString(), count));
        Map<FlowId, CompletionStage<Map<String, byte[]>>> heads = new LinkedHashMap<>();
        for (String id : ids) {
            FlowId flow = FlowId.parse(id);
            heads.put(flow, store(flow).read(flow.key(), FlowReader.HEAD));
        }
        List<FlowPage.Line> lines = new ArrayList<>();
        heads.forEach((id, head) -> {
            Map<String, byte[]> found = await(head);
            if (unknown(found)) {
                newest.remove(id.toString()); // ended long ago, or its queue was deleted
            } else {
                lines.add(
                        id.batch()
                                ? FlowPage.Line.of(FlowReader.batch(id, found))
                                : FlowPage.Line.of(FlowReader.head(id, found)));
            }
        });
        return new FlowPage(
                lines,
                ids.size() < count || lines.isEmpty()
                        ? null
                        : lines.get(lines.size() - 1).id().toString());
    }

    /** One that is still being built is nobody's yet. */
    private static boolean unknown(Map<String, byte[]> found) {
        byte[] state = found.get("s");
        return state == null || new String(state, UTF_8).equals("building");
    }

    /** Returns the flow or batch that a job belongs to. */
    public Optional<FlowId> of(JobId job) {
        return queues.apply(job.queue()).flow(job).map(FlowId::of);
    }

    private FlowStore store(FlowId id) {
        return queues.apply(id.queue()).flows();
    }

    private void list(String queue) {
        if (!listed.contains(queue)) {
            queues.apply(queue).create();
            listed.add(queue);
        }
    }

    private <T> T await(CompletionStage<T> stage) {
        return redis.await(stage);
    }

    /** Stops moving flows on from here; other processes go on. */
    @Override
    public void close() {
        keeper.close();
    }
}
