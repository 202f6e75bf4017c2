package io.penstock.schedule;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.schedule.ScheduleStore.Change;
import io.penstock.schedule.ScheduleStore.Entry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks for schedules that lost a part of themselves, and makes them fire again.
 *
 * <p>A definition is the schedule: what else is lost is made anew from it, and what has none is dropped. Each change is
 * refused if the schedule has changed since it was read, so it may run while schedules fire. One pass at a time.
 */
final class ScheduleFsck {
    private final ScheduleStore store;
    private final Redis redis;
    private final boolean repair;
    private final Instant now;
    private long dropped;
    private long restored;

    /** @param now by the clock of Redis */
    ScheduleFsck(ScheduleStore store, boolean repair, Instant now) {
        this.store = store;
        this.redis = store.redis();
        this.repair = repair;
        this.now = now;
    }

    ScheduleCheck run() {
        // what is read last is written first, so that a schedule which comes meanwhile is seen whole or not at all
        Map<String, String> dues = pairs("ZRANGE", ScheduleStore.DUE, "0", "-1", "WITHSCORES");
        Map<String, String> definitions = pairs("HGETALL", ScheduleStore.DEFINITIONS);
        Map<String, String> states = pairs("HGETALL", ScheduleStore.STATES);
        Set<String> names = new TreeSet<>(
                pairs("ZRANGE", ScheduleStore.NAMES, "0", "-1", "WITHSCORES").keySet());
        Set<String> ids = new TreeSet<>(definitions.keySet());
        ids.addAll(states.keySet());
        ids.addAll(dues.keySet());
        ids.addAll(names);
        ids.remove("");
        for (String id : ids) {
            String definition = definitions.get(id);
            String state = states.get(id);
            if (definition == null) {
                if (!written(id)) {
                    drop(id, state);
                }
            } else if (state == null) {
                anew(id, definition);
            } else {
                indexed(id, definition, state, names.contains(id), dues.containsKey(id));
            }
        }
        return new ScheduleCheck(ids.size(), dropped, restored);
    }

    private boolean written(String id) {
        Call call = new Call(128).key(ScheduleStore.DEFINITIONS).arg(id);
        return redis.await(redis.command("HGET", call)).get(0) != null;
    }

    private void drop(String id, @Nullable String state) {
        dropped++;
        if (repair) {
            redis.await(store.forget(new Entry(id, "", state == null ? "" : state, null)));
        }
    }

    /** It begins as if it had just been made: nothing is known of what it has done. */
    private void anew(String id, String definition) {
        restored++;
        if (repair) {
            Schedule schedule = ScheduleText.read(id, definition);
            ScheduleState state = Schedules.begins(schedule, ScheduleState.made(now), now);
            redis.await(store.write(new Change(id, "", state, null, Schedules.due(schedule, state), false, List.of())));
        }
    }

    private void indexed(String id, String definition, String text, boolean named, boolean due) {
        if (!named) {
            restored++;
            if (repair) {
                Call call =
                        new Call(128).key(ScheduleStore.NAMES).arg("NX").arg(0).arg(id);
                redis.await(redis.command("ZADD", call));
            }
        }
        ScheduleState state = ScheduleState.read(text);
        if (due || state.paused() || state.next() == null || !stands(id, text)) {
            return;
        }
        restored++;
        if (repair) {
            Schedule schedule = ScheduleText.read(id, definition);
            Entry entry = new Entry(id, definition, text, null);
            redis.await(store.write(
                    Change.of(entry, state.changedAt(now.toEpochMilli()), Schedules.due(schedule, state), List.of())));
        }
    }

    /** Whether it stands as it was read, and is still due never: it was not written while we looked. */
    private boolean stands(String id, String text) {
        Object due = redis.await(redis.command(
                        "ZSCORE", new Call(128).key(ScheduleStore.DUE).arg(id)))
                .get(0);
        Object is = redis.await(redis.command(
                        "HGET", new Call(128).key(ScheduleStore.STATES).arg(id)))
                .get(0);
        return due == null && is != null && Objects.equals(Redis.text(is), text);
    }

    private Map<String, String> pairs(String command, byte[] key, String... args) {
        Call call = new Call(128).key(key);
        for (String arg : args) {
            call.arg(arg);
        }
        List<Object> reply = redis.await(redis.command(command, call));
        Map<String, String> pairs = new HashMap<>();
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            pairs.put(Redis.text(reply.get(i)), Redis.text(reply.get(i + 1)));
        }
        return pairs;
    }
}
