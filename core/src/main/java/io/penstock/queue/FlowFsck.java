package io.penstock.queue;

import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Payload;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for flows and batches of a queue that hang because keys or ends were lost, and makes them go on.
 *
 * <p>What a flow says of itself is recounted in one script. Jobs that it waits for are then looked at where they are: one
 * that has ended, and whose end neither waits to be heard nor was heard, tells it again. A batch knows none of its jobs, so
 * those that have not ended are counted; ends that nobody can tell any more count as failed, so that nothing is called a
 * success that may be none. Not thread-safe.
 */
final class FlowFsck {
    /** Jobs in one call, nodes of a flow that are looked at in one go, and ends that a script walks. */
    private static final int BATCH = 100;

    private static final int MOST_NODES = 5_000;
    private static final int MOST_ENDS = 10_000;

    /** Ends of a batch that one call tells again. */
    private static final int MOST_TOLD = 1_000;

    private static final int PAGE = 500;
    private static final Logger LOG = LoggerFactory.getLogger(FlowFsck.class);
    private static final List<JobState> PENDING = List.of(JobState.DELAYED, JobState.WAITING, JobState.ACTIVE);
    private static final JobError LOST = new JobError(
            "lost-end",
            "how it ended was gone from Redis, and with it what its flow was told; it counts as failed",
            null);

    private final QueueStore store;
    private final Redis redis;
    private final int budget;
    private final String look;
    private final List<String> unchecked;
    private long faults;

    /** A node and the job that it stands for. */
    private record Node(String flow, String number, String letter, String queue, String serial) {}

    FlowFsck(QueueStore store, int budget, String look, List<String> unchecked) {
        this.store = store;
        this.redis = store.redis();
        this.budget = budget;
        this.look = look;
        this.unchecked = unchecked;
    }

    /** Answers how much was wrong. */
    long run(Set<String> flows) {
        Set<String> all = new HashSet<>(flows);
        texts("SMEMBERS", new Call(64).key(store.keys().flowTodo)).stream()
                .filter(flow -> !all.contains(flow))
                .forEach(this::forgotten);
        all.forEach(this::flow);
        return faults;
    }

    /** It is said to have work left; if it is gone, it has none. */
    private void forgotten(String flow) {
        long exists = count("EXISTS", new Call(64).key(store.keys().flow(flow)[0]));
        if (exists == 0 && look.isEmpty()) {
            faults += count("SREM", new Call(64).key(store.keys().flowTodo).arg(flow));
        } else if (exists == 0) {
            faults++;
        }
    }

    private void flow(String flow) {
        byte[][] keys = store.keys().flow(flow);
        Call call = new Call(256).key(keys[0]).key(keys[1]).key(keys[2]).key(store.keys().flowTodo);
        List<Object> reply =
                redis.await(redis.eval(Scripts.REFLOW, call.arg(flow).arg(look).arg(MOST_NODES)));
        faults += (Long) reply.get(0);
        long broken = (Long) reply.get(1);
        if (broken > 0) {
            LOG.warn(
                    "flow={} lost the descriptions of {} jobs; they count as failed, and jobs of it that wait for them are"
                            + " cancelled; {}",
                    flow,
                    broken,
                    look.isEmpty() ? "submit it again" : "nothing was changed, mend it with repair");
        }
        String state = Redis.text(reply.get(2));
        if (Redis.text(reply.get(3)).equals("batch")) {
            if (state.equals("sealed")) {
                batch(flow);
            }
            return;
        }
        Map<String, List<Node>> byQueue = new LinkedHashMap<>();
        for (int i = 4; i + 3 < reply.size(); i += 4) {
            Node node = new Node(
                    flow,
                    Redis.text(reply.get(i)),
                    Redis.text(reply.get(i + 1)),
                    Redis.text(reply.get(i + 2)),
                    Redis.text(reply.get(i + 3)));
            byQueue.computeIfAbsent(node.queue, any -> new ArrayList<>()).add(node);
        }
        byQueue.forEach((queue, nodes) -> {
            QueueStore there = there(queue);
            for (int from = 0; from < nodes.size(); from += BATCH) {
                retell(there, nodes.subList(from, Math.min(nodes.size(), from + BATCH)));
            }
        });
    }

    private QueueStore there(String queue) {
        return queue.equals(store.queue()) ? store : new QueueStore(redis, store.clock(), queue);
    }

    /** Whose end seems to be lost may just have been heard: only nodes that still wait for it are told. */
    private void retell(QueueStore there, List<Node> nodes) {
        Set<String> suspect = retell(there, nodes, "1");
        if (suspect.isEmpty()) {
            return;
        }
        List<Node> still = nodes.stream()
                .filter(node -> suspect.contains(node.serial))
                .filter(this::stands)
                .toList();
        faults +=
                still.isEmpty() ? 0 : look.isEmpty() ? retell(there, still, "").size() : still.size();
    }

    private boolean stands(Node node) {
        Call call = new Call(96).key(store.keys().flow(node.flow)[0]).arg("n" + node.number);
        Object is = command("HGET", call).get(0);
        return is != null && Redis.text(is).startsWith(node.letter);
    }

    private Set<String> retell(QueueStore there, List<Node> nodes, String only) {
        QueueKeys keys = there.keys();
        Call call = new Call(256 + nodes.size() * 128)
                .key(keys.active)
                .key(keys.blocked)
                .key(keys.flowEnds);
        for (Node node : nodes) {
            String block = JobId.blockOf(node.serial);
            call.key(keys.records(block)).key(keys.finishes(block));
        }
        call.arg(only).arg(MOST_ENDS).arg(Payload.encode(LOST));
        for (Node node : nodes) {
            FlowPlace place = new FlowPlace(store.queue(), node.flow, Integer.parseInt(node.number));
            call.arg(node.serial).arg(node.letter).arg(place.toString());
        }
        Set<String> found = new HashSet<>();
        redis.await(redis.eval(Scripts.RETELL, call)).forEach(serial -> found.add(Redis.text(serial)));
        return found;
    }

    /** Compares what a sealed batch still waits for with what there is, while nothing happens in its queues. */
    private void batch(String flow) {
        byte[] key = store.keys().flow(flow)[0];
        Map<String, String> before = fields(key);
        List<QueueStore> sources = before.keySet().stream()
                .filter(field -> field.startsWith("q:"))
                .map(field -> there(field.substring(2)))
                .toList();
        List<String> stamps = sources.stream().map(Fsck::stamp).toList();
        long expected =
                sum(before, "added") - sum(before, "completed") - sum(before, "failed") - sum(before, "cancelled");
        String place = new FlowPlace(store.queue(), flow, FlowPlace.MEMBER).toString();
        for (QueueStore source : sources) {
            Long pending = pending(source, place);
            if (pending == null) {
                unchecked.add("batch " + flow + ": queue " + source.queue() + " has more than the budget of " + budget);
                return;
            }
            expected -= pending;
        }
        boolean quiet = stamps.equals(sources.stream().map(Fsck::stamp).toList()) && before.equals(fields(key));
        if (!quiet) {
            unchecked.add("batch " + flow + ": its queues were in use while its jobs were counted; try again");
        } else if (expected != 0 && !sources.isEmpty()) {
            faults += Math.abs(expected);
            if (look.isEmpty()) {
                tell(sources.get(0), expected, place);
            }
        }
    }

    private void tell(QueueStore source, long expected, String place) {
        Call call = new Call(256).key(source.keys().flowEnds);
        if (expected < 0) {
            call.arg("added " + -expected + " " + place);
        }
        for (long i = 0; i < Math.min(MOST_TOLD, expected); i++) {
            call.arg("failed lost " + place);
        }
        count("RPUSH", call);
    }

    /** Jobs of a batch that have not ended, less what its ends that wait to be heard will say; null = too many to look. */
    private @Nullable Long pending(QueueStore source, String place) {
        long told = 0;
        List<String> ends =
                texts("LRANGE", new Call(64).key(source.keys().flowEnds).arg(0).arg(MOST_ENDS));
        if (ends.size() > MOST_ENDS) {
            return null;
        }
        for (String end : ends) {
            String[] part = end.split("[ \n]", 4);
            if (part.length > 2 && part[2].equals(place)) {
                told += part[0].equals("added") ? -Long.parseLong(part[1]) : part[0].equals("waiting") ? -1 : 1;
            }
        }
        JobLister lister = new JobLister(source, new JobReader(source));
        Set<String> members = new HashSet<>();
        long looked = 0;
        for (JobState state : PENDING) {
            String cursor = null;
            do {
                JobLister.Slice slice = redis.await(lister.slice(state, cursor, PAGE));
                looked += slice.serials().size();
                members(source, slice.serials(), place, members);
                cursor = slice.next();
            } while (cursor != null && looked <= budget);
            if (looked > budget) {
                return null;
            }
        }
        return told + members.size();
    }

    private void members(QueueStore source, List<String> serials, String place, Set<String> into) {
        List<CompletionStage<List<Object>>> records = serials.stream()
                .map(serial -> redis.command(
                        "HGET",
                        new Call(96)
                                .key(source.keys().records(JobId.blockOf(serial)))
                                .arg(serial)))
                .toList();
        for (int i = 0; i < serials.size(); i++) {
            Object record = redis.await(records.get(i)).get(0);
            if (record != null && StoredJob.of((byte[]) record).flow().equals(place)) {
                into.add(serials.get(i));
            }
        }
    }

    private Map<String, String> fields(byte[] key) {
        Map<String, String> fields = new HashMap<>();
        List<Object> reply = command("HGETALL", new Call(64).key(key));
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            fields.put(Redis.text(reply.get(i)), Redis.text(reply.get(i + 1)));
        }
        return fields;
    }

    private static long sum(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, "0"));
    }

    private List<Object> command(String name, Call call) {
        return redis.await(redis.command(name, call));
    }

    private long count(String name, Call call) {
        return (Long) command(name, call).get(0);
    }

    private List<String> texts(String name, Call call) {
        return command(name, call).stream().map(Redis::text).toList();
    }
}
