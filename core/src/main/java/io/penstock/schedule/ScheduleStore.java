package io.penstock.schedule;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.Script;
import io.penstock.runtime.Subscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All schedules of one Redis; the keys are in docs/redis-keys.md.
 *
 * <p>Every call may be sent twice and does then the same once more. Threads: safe; nothing waits.
 */
final class ScheduleStore {
    /** With what belongs to them at most a gigabyte, where each has the largest payload; 60 MB where they are usual. */
    static final int MOST_SCHEDULES = 20_000;

    /** Lines of history of a schedule. */
    static final int MOST_RUNS = 20;

    /** Whoever claims and dies holds a run up by this; a claim takes milliseconds, and twice the deadline of a call at worst. */
    static final long LEASE_MILLIS = 10_000;

    private static final Script CLAIM = Script.load(ScheduleStore.class, "claim.lua");
    private static final Script WRITE = Script.load(ScheduleStore.class, "write.lua");
    private static final Script FORGET = Script.load(ScheduleStore.class, "forget.lua");
    private static final Script PAGE = Script.load(ScheduleStore.class, "page.lua");

    static final byte[] NAMES = key("names");
    static final byte[] DEFINITIONS = key("defs");
    static final byte[] STATES = key("states");
    static final byte[] DUE = key("due");

    private final Redis redis;
    private final LongSupplier now;

    /** By the clock of Redis. */
    ScheduleStore(Redis redis) {
        this(redis, () -> 0);
    }

    /** @param now millis; 0 = by the clock of Redis */
    ScheduleStore(Redis redis, LongSupplier now) {
        this.redis = redis;
        this.now = now;
    }

    /** One hash tag, so that a script may touch all of them; no queue can have a key of this beginning. */
    private static byte[] key(String name) {
        return Redis.utf8("pk:schedule:{all}:" + name);
    }

    Redis redis() {
        return redis;
    }

    /**
     * A schedule as it lies in Redis.
     *
     * @param due when it is looked at next, null = never
     */
    record Entry(
            String id,
            String definition,
            String state,
            @Nullable Long due) {}

    /**
     * What is due.
     *
     * @param now by the clock of Redis
     * @param first when the next one is due after these, -1 = none is
     */
    record Claim(long now, long first, List<Entry> entries) {}

    /** Some schedules. */
    record Page(long now, List<Entry> entries) {}

    /** What became of a change. */
    enum Written {
        DONE,
        CHANGED_BY_OTHERS,
        TOO_MANY
    }

    CompletionStage<Claim> claim(int most) {
        Call call = new Call(256).key(DUE).key(DEFINITIONS).key(STATES);
        call.arg(most).arg(LEASE_MILLIS).arg(now.getAsLong());
        return redis.eval(CLAIM, call).thenApply(reply -> {
            List<Entry> entries = new ArrayList<>();
            for (int i = 2; i + 2 < reply.size(); i += 3) {
                entries.add(new Entry(
                        Redis.text(reply.get(i)), Redis.text(reply.get(i + 1)), Redis.text(reply.get(i + 2)), null));
            }
            return new Claim((Long) reply.get(0), (Long) reply.get(1), entries);
        });
    }

    /** Reads schedules from the one of this id on, that one included or not; null = from the first. */
    CompletionStage<Page> page(@Nullable String from, boolean including, int most) {
        Call call = new Call(256).key(NAMES).key(DEFINITIONS).key(STATES).key(DUE);
        call.arg(from == null ? "-" : (including ? "[" : "(") + from).arg(most).arg(now.getAsLong());
        return redis.eval(PAGE, call).thenApply(reply -> {
            List<Entry> entries = new ArrayList<>();
            for (int i = 1; i + 3 < reply.size(); i += 4) {
                if (reply.get(i + 1) != null && reply.get(i + 2) != null) {
                    Long due = reply.get(i + 3) == null
                            ? null
                            : (Long) (long) Double.parseDouble(Redis.text(reply.get(i + 3)));
                    entries.add(new Entry(
                            Redis.text(reply.get(i)), Redis.text(reply.get(i + 1)), Redis.text(reply.get(i + 2)), due));
                }
            }
            return new Page((Long) reply.get(0), entries);
        });
    }

    /**
     * A change of a schedule.
     *
     * @param seen the state that it stands in, "" = it is new
     * @param definition null = as it is
     * @param due null = never
     * @param keepDue whether it is due as it is
     */
    record Change(
            String id,
            String seen,
            ScheduleState state,
            @Nullable String definition,
            @Nullable Instant due,
            boolean keepDue,
            List<ScheduleRun> history) {
        /** Goes on with the definition that it has. */
        static Change of(Entry entry, ScheduleState state, @Nullable Instant due, List<ScheduleRun> history) {
            return new Change(entry.id, entry.state, state, null, due, false, history);
        }
    }

    CompletionStage<Written> write(Change change) {
        Call call = keys(change.id, 1_024);
        call.arg(change.id).arg(change.seen).arg(change.state.write());
        call.arg(change.definition == null ? "" : change.definition);
        call.arg(change.keepDue ? "=" : change.due == null ? "" : Long.toString(change.due.toEpochMilli()));
        call.arg(MOST_RUNS).arg(MOST_SCHEDULES);
        change.history.forEach(run -> call.arg(ScheduleText.write(run)));
        return redis.eval(WRITE, call).thenApply(ScheduleStore::written);
    }

    CompletionStage<Written> forget(Entry entry) {
        return redis.eval(FORGET, keys(entry.id, 512).arg(entry.id).arg(entry.state))
                .thenApply(ScheduleStore::written);
    }

    private static Call keys(String id, int bytes) {
        return new Call(bytes).key(NAMES).key(DEFINITIONS).key(STATES).key(DUE).key(key("runs:" + id));
    }

    private static Written written(List<Object> reply) {
        return Written.values()[((Long) reply.get(0)).intValue()];
    }

    /** Calls the listener with each line that comes into the history of any schedule. */
    Subscription onRun(Consumer<ScheduleEvent> listener) {
        return redis.subscriber().subscribe(Redis.text(key("events")), message -> {
            String text = Redis.text(message);
            int space = text.indexOf(' ');
            if (space > 0) {
                byte[] line = Redis.utf8(text.substring(space + 1));
                listener.accept(new ScheduleEvent(text.substring(0, space), ScheduleText.readRun(line)));
            }
        });
    }

    /** Returns the last lines of its history, the newest first. */
    CompletionStage<List<ScheduleRun>> runs(String id) {
        Call call = new Call(128).key(key("runs:" + id)).arg(0).arg(MOST_RUNS - 1);
        return redis.command("LRANGE", call)
                .thenApply(reply -> reply.stream()
                        .map(line -> ScheduleText.readRun((byte[]) line))
                        .toList());
    }
}
