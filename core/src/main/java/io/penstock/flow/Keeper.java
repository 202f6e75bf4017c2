package io.penstock.flow;

import io.penstock.queue.FlowStore;
import io.penstock.queue.FlowStore.Act;
import io.penstock.queue.FlowStore.Done;
import io.penstock.queue.FlowStore.End;
import io.penstock.queue.FlowStore.Step;
import io.penstock.queue.Queue;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/**
 * Moves flows on: brings what jobs tell to the flows they belong to, and does in other queues what flows want.
 *
 * <p>Jobs tell of their end in the same step in which they end, into a list of their queue. A relay reads the list, has each
 * flow hear of its part, and trims the list when all have. It begins at once when a job of a flow ends in this process, and
 * once a second for all queues that this process serves, so whoever dies in the middle is followed by whoever lives. Each
 * step may be done twice and counts once, by its number or by the state of the node, so no relay has to be alone.
 *
 * <p>Threads: safe; works on threads of the connection. Bound: one relay a queue and one pursuit a flow at a time, {@value
 * #MOST_ENDS} ends a step; one timer task that looks at {@value #A_TICK} queues a second.
 */
final class Keeper implements AutoCloseable {
    /** Ends read in one go: 16 KiB each at most, some 100 bytes mostly. */
    private static final int MOST_ENDS = 200;

    private static final int MOST_FLOWS = 20;
    private static final int A_TICK = 100;
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final Function<String, Queue> queues;
    private final Map<String, Line> served = new ConcurrentHashMap<>();
    private final Map<FlowId, AtomicBoolean> pursued = new ConcurrentHashMap<>();
    private final Outage outage;
    private final Task task;
    private String lastLooked = ""; // of the timer's thread
    private volatile boolean closed;

    Keeper(Timer timer, Function<String, Queue> queues) {
        this.queues = queues;
        this.outage = new Outage(LoggerFactory.getLogger(Keeper.class), timer.clock(), "flows");
        this.task = timer.every("flows", PERIOD, this::tick);
    }

    /** Looks after the flows of a queue from now on. */
    void serve(Queue queue) {
        Line line = served.computeIfAbsent(queue.name(), name -> new Line(queue));
        queue.store().onFlowEnd(() -> line.look(0));
    }

    void leave(String queue) {
        served.remove(queue);
    }

    /** Looks at the next hundred queues in the order of their names. */
    private void tick() {
        List<String> names = served.keySet().stream().sorted().toList();
        int from = 0;
        while (names.size() > A_TICK && from < names.size() && names.get(from).compareTo(lastLooked) <= 0) {
            from++;
        }
        List<String> slice = names.subList(from, Math.min(names.size(), from + A_TICK));
        lastLooked = slice.isEmpty() || from + A_TICK >= names.size() ? "" : slice.get(slice.size() - 1);
        for (String name : slice) {
            Line line = served.get(name);
            if (line != null) {
                line.look(MOST_FLOWS);
                line.sweep();
            }
        }
    }

    /** Brings on what the jobs of a queue have told until now; done when their flows have heard it. */
    CompletionStage<Void> flush(String queue) {
        FlowStore store = queues.apply(queue).flows();
        return store.ends(MOST_ENDS, 0)
                .thenCompose(ends -> hear(queue, store, ends)
                        .thenCompose(left -> left > 0 ? flush(queue) : CompletableFuture.completedFuture(null)));
    }

    /** Answers how many ends were left when these were forgotten. */
    private CompletionStage<Long> hear(String queue, FlowStore store, FlowStore.Ends ends) {
        Map<FlowId, List<End>> byFlow = new LinkedHashMap<>();
        ends.ends()
                .forEach(end -> byFlow.computeIfAbsent(FlowId.of(end.place()), any -> new ArrayList<>())
                        .add(end));
        List<CompletableFuture<Void>> heard = new ArrayList<>();
        byFlow.forEach((id, told) -> heard.add(store(id)
                .advance(id.key(), "", "", List.of(), queue, told)
                .thenAccept(step -> pursue(id, step))
                .toCompletableFuture()));
        return CompletableFuture.allOf(heard.toArray(CompletableFuture[]::new))
                .thenCompose(
                        all -> ends.next().isEmpty() ? CompletableFuture.completedFuture(0L) : store.trim(ends.next()));
    }

    private FlowStore store(FlowId id) {
        return queues.apply(id.queue()).flows();
    }

    /** Does what is left of a step, and of those that it leads to, in the background. */
    void pursue(FlowId id, Step step) {
        if (step.acts().isEmpty() && !step.more() && !step.state().equals("sealing") && !step.cancelsAll()) {
            return;
        }
        AtomicBoolean mine = new AtomicBoolean();
        AtomicBoolean other = pursued.putIfAbsent(id, mine);
        if (other != null) {
            other.set(true); // whoever is at it looks once more
            return;
        }
        go(id, step).whenComplete((last, error) -> {
            pursued.remove(id);
            if (error != null) {
                failed(error);
            } else if (mine.get() && !closed) {
                wish(id, "", "");
            }
        });
    }

    /** Says what an operator or producer wants of a flow, and does what follows from it. */
    CompletionStage<Step> wish(FlowId id, String wish, String node) {
        return store(id).advance(id.key(), wish, node, List.of(), "", List.of()).thenApply(step -> {
            pursue(id, step);
            return step;
        });
    }

    private CompletionStage<Step> go(FlowId id, Step step) {
        if (closed) {
            return CompletableFuture.completedFuture(step);
        }
        if (!step.acts().isEmpty()) {
            return acted(step.acts()).thenCompose(done -> advance(id, "", done));
        }
        if (step.more()) {
            return advance(id, "", List.of());
        }
        if (step.cancelsAll()) {
            return new BatchCancel(queues, id).run().thenCompose(all -> advance(id, "close", List.of()));
        }
        if (step.state().equals("sealing")) {
            return store(id)
                    .sources(id.key())
                    .thenCompose(sources -> CompletableFuture.allOf(sources.stream()
                            .map(source -> flush(source).toCompletableFuture())
                            .toArray(CompletableFuture[]::new)))
                    .thenCompose(all -> advance(id, "close", List.of()));
        }
        return CompletableFuture.completedFuture(step);
    }

    private CompletionStage<Step> advance(FlowId id, String wish, List<Done> done) {
        return store(id).advance(id.key(), wish, "", done, "", List.of()).thenCompose(next -> go(id, next));
    }

    private CompletionStage<List<Done>> acted(List<Act> acts) {
        Map<String, List<Act>> byQueue = new LinkedHashMap<>();
        acts.forEach(act ->
                byQueue.computeIfAbsent(act.queue(), any -> new ArrayList<>()).add(act));
        List<CompletableFuture<List<Done>>> all = new ArrayList<>();
        byQueue.forEach(
                (queue, mine) -> all.add(queues.apply(queue).flows().act(mine).toCompletableFuture()));
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApply(unused ->
                        all.stream().flatMap(done -> done.join().stream()).toList());
    }

    private void failed(Throwable error) {
        if (!closed) {
            outage.failed(error); // the timer comes back to it
        }
    }

    /** One queue whose jobs' ends are relayed from here. */
    private final class Line {
        /** Between two looks for blocked jobs whose flow is gone. */
        private static final int SWEEP_EVERY = 10;

        private static final int SWEEP_COUNT = 200;

        private final Queue queue;
        private boolean running; // guarded by this
        private boolean again; // guarded by this
        private int flowsWanted; // guarded by this
        private int ticks; // of the timer's thread
        private final AtomicBoolean sweeping = new AtomicBoolean();

        Line(Queue queue) {
            this.queue = queue;
        }

        /** @param flows with work left to look for, too */
        void look(int flows) {
            synchronized (this) {
                flowsWanted = Math.max(flowsWanted, flows);
                if (running) {
                    again = true;
                    return;
                }
                running = true;
            }
            round();
        }

        private void round() {
            int flows;
            synchronized (this) {
                again = false;
                flows = flowsWanted;
                flowsWanted = 0;
            }
            FlowStore store = queue.flows();
            try {
                store.ends(MOST_ENDS, flows)
                        .thenCompose(ends -> {
                            ends.flows().forEach(key -> wish(new FlowId(queue.name(), key), "", ""));
                            return hear(queue.name(), store, ends);
                        })
                        .whenComplete(this::over);
            } catch (RuntimeException refused) {
                over(null, refused);
            }
        }

        private void over(
                @org.jspecify.annotations.Nullable Long left, @org.jspecify.annotations.Nullable Throwable error) {
            if (error != null) {
                failed(error);
            } else {
                outage.worked();
            }
            boolean more;
            synchronized (this) {
                more = !closed && error == null && (again || left != null && left > 0);
                running = more;
            }
            if (more) {
                round();
            }
        }

        void sweep() {
            if (++ticks % SWEEP_EVERY == 0 && sweeping.compareAndSet(false, true)) {
                new Orphans(queues, queue).sweep("0", SWEEP_COUNT).whenComplete((done, error) -> sweeping.set(false));
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        task.close();
    }
}
