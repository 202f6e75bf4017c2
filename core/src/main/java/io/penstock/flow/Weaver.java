package io.penstock.flow;

import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.queue.FlowPlace;
import io.penstock.queue.FlowStore;
import io.penstock.queue.Queue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Adds the jobs of one flow, blocked, and writes down what its hash holds of each; advance.lua says what that is. */
final class Weaver {
    /** Jobs on their way at a time: well under what a queue's buffer takes. */
    private static final int AT_ONCE = 2_000;

    /** Characters of one part: with the commands around it a script of about a millisecond. */
    private static final int PART = 64 << 10;

    private final FlowId id;
    private final int main;
    private final Function<String, Queue> queues;
    private final List<Strand> strands = new ArrayList<>();
    private final List<JobId> added = new ArrayList<>();

    /** What is known of one node: of its job, and of those around it. */
    private static final class Strand {
        final String name;
        final JobSpec spec;
        final char policy;
        final List<Integer> needs;
        final StringBuilder dependents = new StringBuilder();
        String due;
        String undo = "";

        Strand(String name, JobSpec spec, char policy, List<Integer> needs, String due) {
            this.name = name;
            this.spec = spec;
            this.policy = policy;
            this.needs = needs;
            this.due = due;
        }
    }

    /** Fields with their values, and which of these nodes need nothing. */
    record Part(List<String> fields, List<Integer> roots) {}

    /** @param sorted each behind those that it needs */
    Weaver(List<Flow.Node> sorted, Function<String, Queue> queues, FlowId id) {
        this.id = id;
        this.main = sorted.size();
        this.queues = queues;
        Map<String, Integer> numbers = new HashMap<>();
        for (Flow.Node node : sorted) {
            List<Integer> needs = node.needs.stream().map(numbers::get).toList();
            int number = strands.size();
            needs.forEach(child -> {
                StringBuilder dependents = strands.get(child).dependents;
                dependents.append(dependents.isEmpty() ? "" : ",").append(number);
            });
            numbers.put(node.name, number);
            strands.add(
                    new Strand(node.name, node.spec, node.policy.letter(), needs, FlowStore.due(node.spec.options())));
        }
        for (int i = 0; i < main; i++) {
            Flow.Node node = sorted.get(i);
            if (node.undo != null) {
                strands.get(i).undo = Integer.toString(strands.size());
                strands.add(new Strand(node.name, node.undo, 'U', List.of(i), FlowStore.due(node.undo.options())));
            }
        }
    }

    private Weaver(FlowId id, Function<String, Queue> queues) {
        this.id = id;
        this.main = 0;
        this.queues = queues;
    }

    /** The callbacks of a batch: jobs that are let go at its end, or dropped. */
    static Weaver hooks(BatchPlan plan, Function<String, Queue> queues) {
        Weaver weaver = new Weaver(FlowId.random(plan.queue(), 'b'), queues);
        weaver.hook("onComplete", plan.onComplete(), "*");
        weaver.hook("onSuccess", plan.onSuccess(), "+");
        weaver.hook("onFailure", plan.onFailure(), "-");
        return weaver;
    }

    private void hook(String name, @Nullable JobSpec spec, String when) {
        if (spec != null) {
            if (spec.options().keyed()) {
                throw new IllegalArgumentException(name + " has a unique key, so it might not be added with its batch;"
                        + " nothing was added; leave the key out");
            }
            strands.add(new Strand(name, spec, 'H', List.of(), when));
        }
    }

    FlowId id() {
        return id;
    }

    int main() {
        return main;
    }

    int total() {
        return strands.size();
    }

    Set<String> queues() {
        Set<String> names = new TreeSet<>();
        strands.forEach(strand -> names.add(strand.spec.queue()));
        return names;
    }

    /** Adds all jobs; a refusal of one is told when the answers of those on their way are there. */
    void add(String what) {
        for (int from = 0; from < strands.size(); from += AT_ONCE) {
            List<CompletableFuture<Enqueued>> answers = new ArrayList<>();
            for (int i = from; i < Math.min(strands.size(), from + AT_ONCE); i++) {
                JobSpec spec = strands.get(i).spec;
                FlowPlace place = new FlowPlace(id.queue(), id.key(), i);
                answers.add(queues.apply(spec.queue())
                        .enqueueAsync(spec, place, true)
                        .toCompletableFuture());
            }
            Enqueued.Refused refused = null;
            for (CompletableFuture<Enqueued> answer : answers) {
                Enqueued told = answer.join(); // never fails: a refusal is an answer
                if (told instanceof Enqueued.Accepted in) {
                    added.add(in.id());
                } else if (told instanceof Enqueued.Refused why && refused == null) {
                    refused = why;
                }
            }
            if (refused != null) {
                throw new FlowRefusedException(what, refused);
            }
        }
    }

    /** Removes what was added of a flow that will not be started; what cannot be removed now goes with the flow. */
    void takeBack() {
        Map<String, List<FlowStore.Act>> byQueue = new HashMap<>();
        for (JobId job : added) {
            byQueue.computeIfAbsent(job.queue(), any -> new ArrayList<>())
                    .add(new FlowStore.Act("", 'D', job.queue(), job.serial(), ""));
        }
        byQueue.forEach((queue, jobs) -> queues.apply(queue).flows().act(jobs));
    }

    /** What the hash of the flow gets, in parts that a script can write in one go. */
    List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        Part part = new Part(new ArrayList<>(), new ArrayList<>());
        int size = 0;
        for (int i = 0; i < strands.size(); i++) {
            Strand strand = strands.get(i);
            String fixed = fixed(strand, added.get(i));
            if (size > 0 && (size + fixed.length() > PART || part.fields.size() >= 800)) {
                parts.add(part);
                part = new Part(new ArrayList<>(), new ArrayList<>());
                size = 0;
            }
            size += fixed.length() + 16;
            boolean hook = strand.policy == 'U' || strand.policy == 'H';
            part.fields.addAll(List.of("g" + i, fixed, "n" + i, "b0" + (hook ? 0 : strand.needs.size()) + "/0"));
            if (!hook && strand.needs.isEmpty()) {
                part.roots.add(i);
            }
        }
        if (size > 0) {
            parts.add(part);
        }
        return parts;
    }

    private static String fixed(Strand strand, JobId job) {
        StringBuilder needs = new StringBuilder();
        strand.needs.forEach(child -> needs.append(needs.isEmpty() ? "" : ",").append(child));
        return String.join(
                "\t",
                job.queue(),
                job.serial(),
                strand.due,
                String.valueOf(strand.policy),
                strand.undo,
                strand.dependents,
                needs,
                strand.name,
                strand.spec.type());
    }
}
