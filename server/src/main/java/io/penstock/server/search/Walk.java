package io.penstock.server.search;

import io.penstock.job.JobState;
import io.penstock.queue.JobSweep;
import io.penstock.queue.QueueCounts;
import io.penstock.server.engine.Engine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Goes through queue after queue and state after state, a page at a time; states without jobs, as the counters say, cost nothing.
 *
 * <p>Threads: one. Time: each step waits for Redis; the counters of {@value #AHEAD} queues are asked for at once.
 */
public final class Walk {
    private static final int AHEAD = 100;

    private final Engine engine;
    private final List<String> queues;
    private final List<JobState> states;
    private final Map<String, QueueCounts> counts = new HashMap<>();
    private int queue;
    private int state;
    private @Nullable String inner;

    /** Goes through the queues that the filter and the scope leave, in the order of their names. */
    public Walk(Engine engine, JobFilter filter, Scope scope) {
        this.engine = engine;
        this.queues = queues(engine, filter, scope);
        this.states = filter.order();
        settle();
    }

    /** Returns the queues that a filter and a scope leave. */
    static List<String> queues(Engine engine, JobFilter filter, Scope scope) {
        return engine.queues().stream()
                .filter(name -> filter.in(name) && scope.has(name))
                .toList();
    }

    /** Tells whether nothing is left. */
    public boolean over() {
        return states.isEmpty() || queue >= queues.size();
    }

    /** Returns the queue it stands in; only while it is not over. */
    public String queue() {
        return queues.get(queue);
    }

    /** Returns the state it stands in; only while it is not over. */
    public JobState state() {
        return states.get(state);
    }

    /** Returns where it stands inside that state, null = at its begin. */
    public @Nullable String inner() {
        return inner;
    }

    /** Goes on from a place; false = there is no such queue or state any more. */
    public boolean from(String queueThen, JobState stateThen, @Nullable String innerThen) {
        queue = queues.indexOf(queueThen);
        state = states.indexOf(stateThen);
        inner = innerThen;
        if (queue < 0 || state < 0) {
            queue = queues.size();
            return false;
        }
        return true;
    }

    /**
     * Reads the page it stands at.
     *
     * @throws IllegalArgumentException if the place was none
     */
    public JobSweep.Page page(int limit) {
        return engine.await(sweep().page(state(), inner, limit));
    }

    /** Returns what reads and changes the queue it stands in. */
    public JobSweep sweep() {
        return sweep(queue());
    }

    private JobSweep sweep(String name) {
        return new JobSweep(engine.store(name));
    }

    /** Goes behind a page of which so many jobs have left their state. */
    public void step(JobSweep.Page page, int gone) {
        inner = JobSweep.behind(state(), page, gone);
        if (inner == null) {
            state++;
            settle();
        }
    }

    /** Begins the state again that it stands in. */
    public void again() {
        inner = null;
    }

    /** Returns how many jobs there are to look at. */
    public long total() {
        long total = 0;
        for (int i = 0; i < queues.size(); i++) {
            QueueCounts count = counts(i);
            for (JobState each : states) {
                total += Math.max(0, count.of(each));
            }
        }
        return total;
    }

    /** Goes on to the next state that has jobs. */
    private void settle() {
        while (!over()) {
            if (state == states.size()) {
                state = 0;
                queue++;
            } else if (counts(queue).of(state()) > 0) {
                return;
            } else {
                state++;
            }
        }
    }

    private QueueCounts counts(int at) {
        if (!counts.containsKey(queues.get(at))) {
            List<String> next = queues.subList(at, Math.min(queues.size(), at + AHEAD));
            List<CompletionStage<QueueCounts>> asked = new ArrayList<>();
            next.forEach(name -> asked.add(sweep(name).counts()));
            engine.await(CompletableFuture.allOf(
                    asked.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new)));
            for (int i = 0; i < next.size(); i++) {
                counts.put(next.get(i), asked.get(i).toCompletableFuture().join());
            }
        }
        return counts.getOrDefault(queues.get(at), new QueueCounts(0, 0, 0, 0, 0, 0, 0));
    }
}
