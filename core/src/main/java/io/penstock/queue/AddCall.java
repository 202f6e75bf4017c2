package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.Once;
import io.penstock.job.Unique;
import io.penstock.queue.Enqueuer.Entry;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.Script;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Builds the arguments of add.lua from a batch of entries, and tells the entries the answer.
 *
 * <p>Plain jobs (ready at once, no unique key) go by priority in runs that the script adds with two commands; others go
 * one by one behind them. Jobs of groups and of limited keys are a line of their own here; the gate sorts them.
 */
final class AddCall {
    /** In front of a holder that is the job of the request, as add.lua writes it. */
    private static final String REQUEST = "=";

    private final QueueStore store;
    private final List<Entry> batch;
    private final String block;
    private final String previous;
    private final String nonce;
    private final String[] serials;
    private final byte[][] records;
    private final List<List<Integer>> plain =
            List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    private final List<Integer> special = new ArrayList<>();
    private byte[] marks;
    private long bytes;
    private boolean gated;

    AddCall(QueueStore store, List<Entry> batch, String block, String previous, int place, String nonce) {
        this.nonce = nonce;
        this.store = store;
        this.marks = store.keys().marks;
        this.batch = batch;
        this.block = block;
        this.previous = previous;
        this.serials = new String[batch.size()];
        this.records = new byte[batch.size()][];
        long now = store.clock().millis();
        for (int i = 0; i < serials.length; i++) {
            Entry entry = batch.get(i);
            JobOptions options = entry.spec.options();
            serials[i] = JobId.serial(block, place + i);
            records[i] = entry.record(now, entry.blocked ? now : ready(options, now));
            bytes += records[i].length;
            gated |= StoredJob.gated(options);
            if (entry.unique() == null && plain(options) && entry.flow.isEmpty()) {
                plain.get(Math.min(StoredJob.line(options), StoredJob.GATED)).add(i);
            } else {
                special.add(i);
            }
        }
    }

    /** Says where the producer's marks are, if not with those of all others. */
    AddCall markedAt(byte[] key) {
        marks = key;
        return this;
    }

    /** Whether it stands in its line at once, whatever else is there. */
    static boolean plain(JobOptions options) {
        return !options.keyed() && options.delay() == null && options.runAt() == null;
    }

    static long ready(JobOptions options, long now) {
        if (options.delay() != null) {
            return now + options.delay().toMillis();
        }
        if (options.runAt() != null) {
            return Math.max(now, options.runAt().toEpochMilli());
        }
        Unique unique = options.unique();
        return unique != null && unique.mode() == Unique.Mode.DEBOUNCE
                ? now + unique.ttl().toMillis()
                : now;
    }

    /** Whether any of the jobs is to run at once. */
    boolean ready() {
        return special.size() < serials.length
                || special.stream()
                        .map(batch::get)
                        .anyMatch(entry -> !entry.blocked && ready(entry.spec.options(), 0) == 0);
    }

    /** The shortest wait, in millis, among the jobs of the call that are delayed. */
    java.util.OptionalLong soonest() {
        long now = store.clock().millis();
        return special.stream()
                .map(batch::get)
                .filter(entry -> !entry.blocked)
                .mapToLong(entry -> ready(entry.spec.options(), now) - now)
                .filter(wait -> wait > 0)
                .min();
    }

    private static String due(JobOptions options) {
        Unique unique = options.unique();
        if (options.runAt() != null) {
            Instant at = options.runAt();
            return "@" + Math.max(0, at.toEpochMilli());
        }
        if (options.delay() != null && !options.delay().isZero()) {
            return "+" + options.delay().toMillis();
        }
        return unique != null && unique.mode() == Unique.Mode.DEBOUNCE
                ? "+" + unique.ttl().toMillis()
                : "";
    }

    /** The script that this call is for: plain jobs need no gate. */
    Script script() {
        return gated ? Scripts.ADD_GATED : Scripts.ADD;
    }

    Call build() {
        QueueKeys keys = store.keys();
        Call call = new Call((int) Math.min(1 << 20, 1024 + bytes + 64L * serials.length));
        call.key(keys.settings).key(keys.counters).key(marks);
        for (byte[] line : keys.lines) {
            call.key(line);
        }
        call.key(keys.delayed).key(keys.active).key(keys.records(block));
        special.forEach(i -> keys(call, batch.get(i)));
        call.arg(block)
                .arg(previous)
                .arg(serials[serials.length - 1])
                .arg(serials.length)
                .arg(bytes)
                .arg(keys.wakeChannel)
                .arg(nonce);
        plain.forEach(line -> call.arg(line.size()));
        for (List<Integer> line : plain) {
            for (int i : line) {
                call.arg(serials[i]).arg(records[i]);
            }
        }
        for (int i : plain.get(StoredJob.GATED)) {
            call.arg(StoredJob.inboxEntry(serials[i], batch.get(i).spec.options()));
        }
        int key = 11;
        for (int i : special) {
            JobOptions options = batch.get(i).spec.options();
            Entry entry = batch.get(i);
            Unique unique = entry.unique();
            boolean keyed = unique != null || !entry.flow.isEmpty();
            if (options.once() != null) { // in front of the job it is for, so that jobs without one carry nothing of it
                call.arg(serials[i]).arg("").arg("").arg("").arg("once").arg(keyed ? key + 1 : key);
                call.arg(options.once().keep().toMillis());
            }
            call.arg(serials[i]).arg(records[i]).arg(StoredJob.line(options)).arg(entry.blocked ? "" : due(options));
            if (!entry.flow.isEmpty()) {
                call.arg(entry.blocked ? "blocked" : "batch").arg(key++).arg(entry.flow);
            } else if (unique == null) {
                call.arg("").arg(0).arg("");
            } else {
                call.arg(mode(unique)).arg(key++);
                call.arg(
                        unique.mode() == Unique.Mode.THROTTLE
                                ? Long.toString(unique.ttl().toMillis())
                                : unique.key());
            }
            key += options.once() == null ? 0 : 1;
        }
        return call;
    }

    private void keys(Call call, Entry entry) {
        QueueKeys keys = store.keys();
        Unique unique = entry.unique();
        if (unique != null) {
            call.key(keys.unique(unique));
        } else if (!entry.flow.isEmpty()) {
            call.key(entry.blocked ? keys.blocked : keys.flowEnds);
        }
        Once once = entry.spec.options().once();
        if (once != null) {
            call.key(keys.once(once.key()));
        }
    }

    private static String mode(Unique unique) {
        return switch (unique.mode()) {
            case DROP -> "drop";
            case THROTTLE -> "throttle";
            case DEBOUNCE, KEEP_LAST -> "last";
        };
    }

    /** How many entries, from the first, fit into this room. */
    int fits(long room, boolean byBytes) {
        if (!byBytes) {
            return (int) Math.min(room, batch.size() - 1L);
        }
        long left = room;
        int fit = 0;
        while (fit < batch.size() - 1 && records[fit].length <= left) {
            left -= records[fit++].length;
        }
        return fit;
    }

    /** Tells each entry what became of it; one whose key is held and that wants to replace the holder goes to replace. */
    void tell(List<Object> reply, BiConsumer<Entry, String> replace) {
        for (List<Integer> line : plain) {
            for (int i : line) {
                batch.get(i).accepted(serials[i]);
            }
        }
        for (int n = 0; n < special.size(); n++) {
            Entry entry = batch.get(special.get(n));
            String holder = Redis.text(reply.get(n + 1));
            Unique unique = entry.unique();
            if (holder.isEmpty()) {
                entry.accepted(serials[special.get(n)]);
            } else if (unique != null && mode(unique).equals("last")) {
                replace.accept(entry, holder);
            } else {
                entry.again = holder.startsWith(REQUEST);
                entry.duplicate(entry.again ? holder.substring(REQUEST.length()) : holder, false);
            }
        }
    }
}
