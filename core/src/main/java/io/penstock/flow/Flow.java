package io.penstock.flow;

import io.penstock.job.JobSpec;
import io.penstock.job.Names;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The plan of a flow: named jobs, and which of them need which.
 *
 * <p>Bound: {@value #MAX_JOBS} jobs with their undos, {@value #MAX_EDGES} needs, {@value #MAX_DEPTH} jobs one behind the
 * other, {@value #MAX_BYTES} bytes of payloads. Methods change the plan and return it. Threads: none; one thread makes it.
 */
public final class Flow {
    /** Jobs of a flow, undos included: a hash of two fields a job, about 2 MB. */
    public static final int MAX_JOBS = 10_000;

    /** Needs of all jobs together. */
    public static final int MAX_EDGES = 50_000;

    /** Jobs one behind the other: depth costs nothing in Redis, but nobody can look at a deeper one. */
    public static final int MAX_DEPTH = 1_000;

    /** Payloads of all jobs together, which the producer holds while it adds them. */
    public static final long MAX_BYTES = 16 << 20;

    private final String name;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private @Nullable String home;
    private long bytes;
    private int edges;
    private int undos;

    /** One job of the plan. */
    static final class Node {
        final String name;
        final JobSpec spec;
        final Set<String> needs = new LinkedHashSet<>();
        OnFailure policy = OnFailure.FAIL;

        @Nullable
        JobSpec undo;

        Node(String name, JobSpec spec) {
            this.name = name;
            this.spec = spec;
        }
    }

    private Flow(String name) {
        this.name = Names.check("flow", name);
    }

    /** A flow without jobs. */
    public static Flow named(String name) {
        return new Flow(name);
    }

    /** A flow in which each job needs the one before it; they are called 1, 2, 3 ... */
    public static Flow chain(String name, JobSpec... specs) {
        Flow flow = new Flow(name);
        for (int i = 0; i < specs.length; i++) {
            flow.job(Integer.toString(i + 1), specs[i]);
            if (i > 0) {
                flow.needs(Integer.toString(i + 1), Integer.toString(i));
            }
        }
        return flow;
    }

    /** Keeps the flow among the keys of this queue; without it, of the first job's queue. */
    public Flow home(String queue) {
        home = Names.check("queue", queue);
        return this;
    }

    /**
     * Adds a job.
     *
     * @throws IllegalArgumentException if the name is taken or illegal, the job has a unique key, or a limit is passed
     */
    public Flow job(String job, JobSpec spec) {
        Names.check("job", job);
        if (nodes.putIfAbsent(job, new Node(job, fit(job, spec))) != null) {
            throw new IllegalArgumentException("flow \"" + name + "\" has two jobs called \"" + job + "\"; rename one");
        }
        return this;
    }

    private JobSpec fit(String job, JobSpec spec) {
        if (spec.options().keyed()) {
            throw new IllegalArgumentException("job \"" + job + "\" of flow \"" + name + "\" has a unique key, so it"
                    + " might not be added, and a flow is added as a whole; leave the key out");
        }
        bytes += spec.payload().length;
        if (nodes.size() + undos >= MAX_JOBS || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("flow \"" + name + "\" has " + (nodes.size() + undos + 1) + " jobs of "
                    + bytes + " bytes, more than " + MAX_JOBS + " or " + MAX_BYTES + "; cut it, or use a batch");
        }
        return spec;
    }

    /** Says that a job runs when those have ended. */
    public Flow needs(String job, String... children) {
        return needs(job, Arrays.asList(children));
    }

    /** Says that a job runs when those have ended; they may be added later. */
    public Flow needs(String job, Collection<String> children) {
        Node node = node(job);
        for (String child : children) {
            if (node.needs.add(child) && ++edges > MAX_EDGES) {
                throw new IllegalArgumentException(
                        "flow \"" + name + "\" has more than " + MAX_EDGES + " needs; put a job between them");
            }
        }
        return this;
    }

    /** Says what happens when this job fails for good; without it, {@link OnFailure#FAIL}. */
    public Flow onFailure(String job, OnFailure policy) {
        node(job).policy = policy;
        return this;
    }

    /** Says what undoes this job, once it has completed, when a job that is marked COMPENSATE fails. */
    public Flow undo(String job, JobSpec spec) {
        Node node = node(job);
        node.undo = fit(job, spec);
        undos++;
        return this;
    }

    private Node node(String job) {
        Node node = nodes.get(job);
        if (node == null) {
            throw new IllegalArgumentException("flow \"" + name + "\" has no job called \"" + job + "\"; add it first");
        }
        return node;
    }

    /** Returns the name. */
    public String name() {
        return name;
    }

    /** Returns the jobs of the plan, undos included. */
    public List<JobSpec> specs() {
        List<JobSpec> specs = new ArrayList<>();
        for (Node node : nodes.values()) {
            specs.add(node.spec);
            if (node.undo != null) {
                specs.add(node.undo);
            }
        }
        return specs;
    }

    String home() {
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("flow \"" + name + "\" has no job; nothing was added; add one");
        }
        return home != null ? home : nodes.values().iterator().next().spec.queue();
    }

    /**
     * Returns the jobs, each behind those that it needs.
     *
     * @throws IllegalArgumentException if a need has no job, jobs need each other in a ring, or it is too deep
     */
    List<Node> sorted() {
        Map<String, Integer> missing = new HashMap<>();
        Map<String, List<Node>> dependents = new HashMap<>();
        Map<String, Integer> depth = new HashMap<>();
        Deque<Node> ready = new ArrayDeque<>();
        for (Node node : nodes.values()) {
            missing.put(node.name, node.needs.size());
            for (String child : node.needs) {
                if (!nodes.containsKey(child)) {
                    throw new IllegalArgumentException("job \"" + node.name + "\" of flow \"" + name + "\" needs \""
                            + child + "\", which is none of its jobs; nothing was added; add it or mend the name");
                }
                dependents.computeIfAbsent(child, any -> new ArrayList<>()).add(node);
            }
            if (node.needs.isEmpty()) {
                ready.add(node);
            }
        }
        List<Node> sorted = new ArrayList<>();
        while (!ready.isEmpty()) {
            Node node = ready.remove();
            sorted.add(node);
            int below = depth.getOrDefault(node.name, 1);
            for (Node dependent : dependents.getOrDefault(node.name, List.of())) {
                depth.merge(dependent.name, below + 1, Math::max);
                if (Objects.requireNonNull(missing.merge(dependent.name, -1, Integer::sum)) == 0) {
                    ready.add(dependent);
                }
            }
        }
        check(sorted, depth);
        return sorted;
    }

    private void check(List<Node> sorted, Map<String, Integer> depth) {
        if (sorted.size() < nodes.size()) {
            Set<String> ring = new LinkedHashSet<>(nodes.keySet());
            sorted.forEach(node -> ring.remove(node.name));
            throw new IllegalArgumentException("jobs of flow \"" + name + "\" need each other in a ring, so none could"
                    + " ever run: " + ring.stream().limit(10).toList() + "; nothing was added; take a need out");
        }
        int deepest = depth.values().stream().mapToInt(n -> n).max().orElse(1);
        if (deepest > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "flow \"" + name + "\" has " + deepest + " jobs one behind the other, more" + " than " + MAX_DEPTH
                            + "; nothing was added; join some of them");
        }
    }
}
