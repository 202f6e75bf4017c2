package io.penstock.queue;

import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobState;
import io.penstock.job.Payload;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of the flows and batches that live in one queue, and of the blocked jobs of that queue, as verbs.
 *
 * <p>Every verb is safe to send again: what jobs tell is numbered, and all else is done only to nodes in a certain state.
 * Threads: safe. Time: one round trip unless the method says otherwise. Fails with
 * {@link io.penstock.redis.RedisException}.
 */
public final class FlowStore {
    /** A flow that was begun and not started goes after this, and its blocked jobs with it. */
    public static final Duration BUILDING = Duration.ofMinutes(2);

    /** How long a flow is kept once it has ended; it can be looked at and run again for so long. */
    public static final Duration KEPT = Duration.ofDays(7);

    /** Nodes that one call may touch: a millisecond and a half of Redis. */
    private static final int BUDGET = 400;

    private static final JobError CANCELLED = new JobError(
            "flow", "cancelled by its flow before it ran: a job that it needs failed, or the flow was cancelled", null);

    private final QueueStore store;
    private final JobReader reader;
    private final JobMover mover;

    FlowStore(QueueStore store) {
        this.store = store;
        this.reader = new JobReader(store);
        this.mover = new JobMover(store, reader);
    }

    /** What is to be done to a job of another queue, or one whose records no call has named yet: see advance.lua. */
    public record Act(String node, char letter, String queue, String serial, String due) {}

    /** An {@link Act} that was done; {@code worked} is false if the job is not there to do it to. */
    public record Done(String node, char letter, boolean worked) {}

    /** What a job told: {@code kind} is completed failed cancelled waiting added, {@code serial} of the last is a count. */
    public record End(String number, String kind, String serial, FlowPlace place, byte[] detail) {}

    /** The next of what the jobs of this queue told, and flows of this queue that have work left. */
    public record Ends(List<End> ends, String next, List<String> flows) {}

    /** Where a flow stands after a call; {@code state} is {@code gone} if there is none. */
    public record Step(String state, boolean more, boolean cancelsAll, List<Act> acts) {}

    /** Blocked jobs: serial to place, and where to go on; {@code "0"} = that was all. */
    public record Blocked(Map<String, FlowPlace> jobs, String cursor) {}

    /** Says how long a job that is let go has still to wait, for {@link #weave}. */
    public static String due(JobOptions options) {
        if (options.runAt() != null) {
            return "@" + Math.max(0, options.runAt().toEpochMilli());
        }
        Duration delay = options.delay();
        return delay == null || delay.isZero() ? "" : "+" + delay.toMillis();
    }

    /** Writes fields of a flow that is being built; false if it is no more. */
    public CompletionStage<Boolean> weave(String flow, boolean begin, List<String> fields, List<Integer> roots) {
        byte[][] keys = store.keys().flow(flow);
        Call call = new Call(256 + fields.size() * 64).key(keys[0]).key(keys[1]);
        call.arg(begin ? "begin" : "").arg(BUILDING.toMillis()).arg(fields.size());
        fields.forEach(call::arg);
        roots.forEach(root -> call.arg(root));
        return store.redis()
                .eval(Scripts.WEAVE, call)
                .thenApply(reply -> !Redis.text(reply.get(0)).equals("gone"));
    }

    /**
     * Moves a flow on; see advance.lua. Several calls may be needed: go on while {@code more}, and for the acts.
     *
     * @param source the queue whose jobs told the ends
     */
    public CompletionStage<Step> advance(
            String flow, String wish, String node, List<Done> done, String source, List<End> ends) {
        QueueKeys keys = store.keys();
        List<String> blocks = store.hints().all();
        Call call = new Call(1024 + blocks.size() * 48 + ends.size() * 96);
        for (byte[] key : keys.flow(flow)) {
            call.key(key);
        }
        call.key(keys.flowTodo).key(keys.counters).key(keys.delayed);
        for (byte[] line : keys.lines) {
            call.key(line);
        }
        call.key(keys.blocked).key(keys.inbox);
        blocks.forEach(block -> call.key(keys.records(block)));
        call.arg(flow).arg(store.queue()).arg(keys.wakeChannel).arg(wish).arg(node);
        call.arg(BUDGET)
                .arg(KEPT.toMillis())
                .arg(blocks.size())
                .arg(done.size())
                .arg(source);
        blocks.forEach(call::arg);
        done.forEach(
                each -> call.arg(each.node).arg(String.valueOf(each.letter)).arg(each.worked ? "1" : "0"));
        for (End end : ends) {
            String at = end.place.node() == FlowPlace.MEMBER ? "" : Integer.toString(end.place.node());
            call.arg(end.number).arg(end.kind).arg(at).arg(end.serial).arg(end.detail);
        }
        return store.redis().eval(Scripts.ADVANCE, call).thenApply(FlowStore::step);
    }

    private static Step step(List<Object> reply) {
        List<String> text = reply.stream().map(Redis::text).toList();
        if (text.size() < 3) {
            return new Step(text.get(0), false, false, List.of());
        }
        List<Act> acts = new ArrayList<>();
        for (int i = 3; i + 4 < text.size(); i += 5) {
            String due = text.get(i + 4).length() > 1 ? text.get(i + 4) : ""; // of a hook it says when it is let go
            acts.add(new Act(text.get(i), text.get(i + 1).charAt(0), text.get(i + 2), text.get(i + 3), due));
        }
        return new Step(text.get(0), text.get(1).equals("1"), text.get(2).equals("1"), acts);
    }

    /** Reads what jobs of this queue told and no flow has heard yet. */
    public CompletionStage<Ends> ends(int most, int flows) {
        QueueKeys keys = store.keys();
        Call call = new Call(256).key(keys.counters).key(keys.flowEnds).key(keys.flowTodo);
        call.key(keys.blocked).arg(most).arg(flows);
        return store.redis().eval(Scripts.ENDS, call).thenApply(reply -> {
            long first = Long.parseLong(Redis.text(reply.get(0)));
            int count = ((Long) reply.get(1)).intValue();
            List<End> ends = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                End end = end(first + i, (byte[]) reply.get(2 + i));
                if (end != null) {
                    ends.add(end);
                }
            }
            List<String> todo = reply.subList(2 + count, reply.size()).stream()
                    .map(Redis::text)
                    .toList();
            return new Ends(ends, count == 0 ? "" : Long.toString(first + count), todo);
        });
    }

    private static @Nullable End end(long number, byte[] entry) {
        int line = StoredJob.indexOf(entry, '\n', 0);
        int head = line < 0 ? entry.length : line;
        String[] part = new String(entry, 0, head, StandardCharsets.UTF_8).split(" ", 4);
        FlowPlace place = part.length < 3 ? null : FlowPlace.of(part[2]);
        if (place == null) {
            return null; // none of ours
        }
        byte[] detail = line >= 0
                ? java.util.Arrays.copyOfRange(entry, line + 1, entry.length)
                : part.length > 3 ? Redis.utf8(part[3]) : new byte[0];
        return new End(Long.toString(number), part[0], part[1], place, detail);
    }

    /** Forgets what flows have heard, up to this number. */
    public CompletionStage<Long> trim(String next) {
        Call call = new Call(160)
                .key(store.keys().counters)
                .key(store.keys().flowEnds)
                .arg(next);
        return store.redis().eval(Scripts.TRIM, call).thenApply(reply -> (Long) reply.get(0));
    }

    /** Does to jobs of this queue what their flow wants. Two round trips, and a few more for what changed meanwhile. */
    public CompletionStage<List<Done>> act(List<Act> acts) {
        List<CompletableFuture<Done>> all = new ArrayList<>();
        List<Act> free = acts.stream().filter(act -> act.letter == 'R').toList();
        if (!free.isEmpty()) {
            CompletableFuture<List<Object>> freed = unblock(free).toCompletableFuture();
            free.forEach(act -> all.add(freed.thenApply(reply -> done(act, true))));
        }
        for (Act act : acts) {
            if (act.letter != 'R') {
                all.add(one(act).toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApply(unused -> all.stream().map(CompletableFuture::join).toList());
    }

    private static Done done(Act act, boolean worked) {
        return new Done(act.node, act.letter, worked);
    }

    private CompletionStage<Done> one(Act act) {
        return switch (act.letter) {
            case 'K', 'r' -> mover.cancel(act.serial, CANCELLED).thenApply(change -> done(act, true));
            case 'D' -> mover.drop(act.serial).thenApply(change -> done(act, true));
            case 'A' ->
                mover.retry(act.serial)
                        .thenCompose(change -> change.state() == JobState.BLOCKED
                                ? unblock(List.of(act)).thenApply(reply -> done(act, true))
                                : CompletableFuture.completedFuture(done(act, runs(change))));
            case 'B' ->
                mover.block(act.serial)
                        .thenApply(change -> done(act, change.ok() || change.state() == JobState.BLOCKED));
            default -> CompletableFuture.completedFuture(done(act, false));
        };
    }

    private static boolean runs(Change change) {
        return change.ok() || change.state() != null && !change.state().terminal();
    }

    private CompletionStage<List<Object>> unblock(List<Act> acts) {
        QueueKeys keys = store.keys();
        Call call = new Call(512 + acts.size() * 64).key(keys.counters).key(keys.delayed);
        for (byte[] line : keys.lines) {
            call.key(line);
        }
        call.key(keys.blocked).key(keys.inbox);
        Map<String, Integer> index = new LinkedHashMap<>();
        for (Act act : acts) {
            index.computeIfAbsent(JobId.blockOf(act.serial), block -> {
                call.key(keys.records(block));
                return index.size() + 9;
            });
        }
        call.arg(keys.wakeChannel);
        for (Act act : acts) {
            int at = Objects.requireNonNull(index.get(JobId.blockOf(act.serial)));
            call.arg(act.serial).arg(at).arg(act.due);
        }
        index.keySet().forEach(store.hints()::seen);
        return store.redis().eval(Scripts.UNBLOCK, call);
    }

    /** Reads the nodes that a node needs, their results as they are stored. */
    public CompletionStage<List<Child>> children(FlowPlace place) {
        Call call = new Call(96).key(store.keys().flow(place.flow())[0]).arg(place.node());
        return store.redis().eval(Scripts.CHILDREN, call).thenApply(reply -> {
            List<Child> children = new ArrayList<>();
            for (int i = 0; i + 2 < reply.size(); i += 3) {
                children.add(child(Redis.text(reply.get(i)), Redis.text(reply.get(i + 1)), (byte[]) reply.get(i + 2)));
            }
            return children;
        });
    }

    private static Child child(String fixed, String dynamic, byte @Nullable [] detail) {
        String[] part = fixed.split("\t", -1);
        JobState state = state(dynamic.charAt(0));
        boolean failed = state == JobState.FAILED || state == JobState.CANCELLED;
        return new Child(
                part[7],
                new JobId(part[0], part[1]),
                state,
                failed ? null : detail,
                failed && detail != null ? Payload.decode(detail, JobError.class) : null);
    }

    /** Returns the state that the letter of a node stands for; a job that was let go is told as ACTIVE. */
    public static JobState state(char letter) {
        return switch (letter) {
            case 'c' -> JobState.COMPLETED;
            case 'f' -> JobState.FAILED;
            case 'k', 'K', 'd', 'D' -> JobState.CANCELLED;
            case 'R', 'r', 'A' -> JobState.ACTIVE;
            default -> JobState.BLOCKED;
        };
    }

    /** Reads a job's result from the job itself, as it is stored. */
    public CompletionStage<Optional<byte[]>> result(JobId id) {
        return store.flows(id.queue())
                .reader
                .look(id.serial())
                .thenApply(seen ->
                        seen.flatMap(found -> Optional.ofNullable(found.job().result())));
    }

    /** Reads fields of a flow; those that are not there are left out. */
    public CompletionStage<Map<String, byte[]>> read(String flow, List<String> fields) {
        Call call = new Call(64 + fields.size() * 16).key(store.keys().flow(flow)[0]);
        fields.forEach(call::arg);
        return store.redis().command("HMGET", call).thenApply(reply -> {
            Map<String, byte[]> found = new HashMap<>();
            for (int i = 0; i < fields.size(); i++) {
                if (reply.get(i) != null) {
                    found.put(fields.get(i), (byte[]) reply.get(i));
                }
            }
            return found;
        });
    }

    /** Reads the names of the queues whose jobs a batch has heard of. */
    public CompletionStage<List<String>> sources(String flow) {
        Call call = new Call(64).key(store.keys().flow(flow)[0]);
        return store.redis()
                .command("HKEYS", call)
                .thenApply(reply -> reply.stream()
                        .map(Redis::text)
                        .filter(field -> field.startsWith("q:"))
                        .map(field -> field.substring(2))
                        .toList());
    }

    /** Reads some of the blocked jobs of this queue. */
    public CompletionStage<Blocked> blocked(String cursor, int count) {
        Call call =
                new Call(96).key(store.keys().blocked).arg(cursor).arg("COUNT").arg(count);
        return store.redis().command("HSCAN", call).thenApply(reply -> {
            Map<String, FlowPlace> jobs = new LinkedHashMap<>();
            List<?> pairs = (List<?>) reply.get(1);
            for (int i = 0; i + 1 < pairs.size(); i += 2) {
                FlowPlace place = FlowPlace.of(Redis.text(pairs.get(i + 1)));
                if (place != null) {
                    jobs.put(Redis.text(pairs.get(i)), place);
                }
            }
            return new Blocked(jobs, Redis.text(reply.get(0)));
        });
    }
}
