package io.penstock.flow;

import io.penstock.queue.FlowPlace;
import io.penstock.queue.FlowStore;
import io.penstock.queue.FlowStore.Act;
import io.penstock.queue.Queue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Removes blocked jobs that nothing will ever let go: their producer died before the flow was started, the flow was deleted,
 * or it has long given them up.
 */
final class Orphans {
    /** States of a node whose job should not be blocked any more. */
    private static final String ENDED = "cfkd";

    private final Function<String, Queue> queues;
    private final Queue queue;

    Orphans(Function<String, Queue> queues, Queue queue) {
        this.queues = queues;
        this.queue = queue;
    }

    /** Walks over all blocked jobs of the queue, so many at a time; done when it is through. */
    CompletionStage<Void> sweep(String cursor, int count) {
        FlowStore store = queue.flows();
        return store.blocked(cursor, count)
                .thenCompose(page -> orphans(page.jobs())
                        .thenCompose(store::act)
                        .thenCompose(done -> page.cursor().equals("0")
                                ? CompletableFuture.completedFuture(null)
                                : sweep(page.cursor(), count)));
    }

    private CompletionStage<List<Act>> orphans(Map<String, FlowPlace> jobs) {
        Map<FlowId, List<Map.Entry<String, FlowPlace>>> byFlow = new HashMap<>();
        jobs.entrySet()
                .forEach(job -> byFlow.computeIfAbsent(FlowId.of(job.getValue()), any -> new ArrayList<>())
                        .add(job));
        List<CompletableFuture<List<Act>>> all = new ArrayList<>();
        byFlow.forEach((id, mine) -> {
            List<String> fields = new ArrayList<>(List.of("s"));
            mine.forEach(job -> fields.add("n" + job.getValue().node()));
            all.add(queues.apply(id.queue())
                    .flows()
                    .read(id.key(), fields)
                    .thenApply(found -> mine.stream()
                            .filter(job -> orphan(found, job.getValue()))
                            .map(job -> new Act("", 'D', queue.name(), job.getKey(), ""))
                            .toList())
                    .toCompletableFuture());
        });
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApply(unused ->
                        all.stream().flatMap(acts -> acts.join().stream()).toList());
    }

    private static boolean orphan(Map<String, byte[]> found, FlowPlace place) {
        byte[] state = found.get("s");
        if (state == null) {
            return true;
        }
        byte[] node = found.get("n" + place.node());
        return !new String(state, StandardCharsets.UTF_8).equals("building")
                && (node == null || ENDED.indexOf(node[0]) >= 0);
    }
}
