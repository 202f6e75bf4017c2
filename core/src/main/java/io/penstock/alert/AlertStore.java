package io.penstock.alert;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.Script;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all processes of one Redis know of rules and alerts; the keys are in docs/redis-keys.md.
 *
 * <p>Every call may be sent twice and does then the same once more. All of it works on a full Redis: that is when alerts
 * are needed, and all is bounded to a few megabytes. Threads: safe; nothing waits.
 */
final class AlertStore {
    /** Rules that somebody made or changed. */
    static final int MOST_RULES = 200;

    /** Alerts that some process still has to know of. */
    static final int MOST_ALERTS = 4_000;

    /** Alerts that ended, the last ones; at most 1.6 MB. */
    static final int MOST_PAST = 1_000;

    /** Acknowledgements and silences. */
    static final int MOST_MARKS = 2_000;

    /** After this long in silence a process is gone. */
    static final long GONE_MILLIS = 120_000;

    private static final Logger LOG = LoggerFactory.getLogger(AlertStore.class);
    private static final Script BEAT = Script.load(AlertStore.class, "beat.lua");
    private static final Script COMMIT = Script.load(AlertStore.class, "commit.lua");
    private static final Script RULE = Script.load(AlertStore.class, "rule.lua");
    private static final Script MARK = Script.load(AlertStore.class, "mark.lua");
    private static final Script RELEASE = Script.load(AlertStore.class, "release.lua");

    private static final byte[] LEASE = key("lease");
    private static final byte[] NUMBERS = key("numbers");
    private static final byte[] PROCESSES = key("processes");
    private static final byte[] RULES = key("rules");
    private static final byte[] ALERTS = key("alerts");
    private static final byte[] PAST = key("past");
    private static final byte[] MARKS = key("marks");

    private final Redis redis;

    AlertStore(Redis redis) {
        this.redis = redis;
    }

    /** One hash tag, so that a script may touch all of them; no queue can have a key of this beginning. */
    private static byte[] key(String name) {
        return Redis.utf8("pk:alert:{all}:" + name);
    }

    /**
     * The answer to a sign of life.
     *
     * @param millis the clock of Redis
     * @param leads whether the lease is ours now
     * @param rules number of the last change of rules; {@code marks} the same
     * @param lookedAt when a holder of the lease last looked; 0 = never
     * @param holder the token of whoever holds it
     */
    record Beat(
            long millis,
            boolean leads,
            long rules,
            long marks,
            long lookedAt,
            @Nullable String holder) {}

    CompletionStage<Beat> beat(String token, boolean stands, long leaseMillis, String process, boolean looked) {
        Call call = new Call(256).key(LEASE).key(NUMBERS).key(PROCESSES);
        call.arg(token).arg(stands ? 1 : 0).arg(leaseMillis).arg(process).arg(looked ? 1 : 0);
        return redis.eval(BEAT, call)
                .thenApply(reply -> new Beat(
                        (Long) reply.get(0),
                        (Long) reply.get(1) == 1,
                        (Long) reply.get(2),
                        (Long) reply.get(3),
                        (Long) reply.get(4),
                        reply.get(5) == null ? null : Redis.text(reply.get(5))));
    }

    CompletionStage<?> release(String token, String process) {
        return redis.eval(
                RELEASE, new Call(128).key(LEASE).key(PROCESSES).arg(token).arg(process));
    }

    /** Writes changes; false = the lease is not ours, so nothing was written of what is of all. */
    CompletionStage<Boolean> commit(String token, List<Board.Change> changes) {
        Call call =
                new Call(400 * changes.size()).key(LEASE).key(ALERTS).key(PAST).key(NUMBERS);
        call.arg(token).arg(MOST_ALERTS).arg(MOST_PAST);
        for (Board.Change change : changes) {
            boolean leased = change.watch().leased;
            Stored past = change.past();
            call.arg(leased ? 1 : 0).arg(change.watch().id);
            call.arg(change.text() == null ? "" : change.text());
            call.arg(past == null ? 0 : past.resolvedMillis()).arg(past == null ? "" : past.write());
        }
        return redis.eval(COMMIT, call).thenApply(reply -> {
            long refused = (Long) reply.get(1);
            if (refused > 0) {
                LOG.warn(
                        "alerts={} are not kept in Redis: it has {}, the most; they are told, and known to this process"
                                + " only; delete rules or have fewer queues under them",
                        refused,
                        MOST_ALERTS);
            }
            return (Long) reply.get(0) == 1;
        });
    }

    /** Returns the rules that somebody made or changed, as texts by id. */
    CompletionStage<Map<String, String>> rules() {
        return redis.command("HGETALL", new Call(64).key(RULES)).thenApply(AlertStore::map);
    }

    /** Reads rules, over those that hold anyway; one that cannot be read is left out, and told. */
    static Map<String, AlertRule> merged(Map<String, String> texts) {
        Map<String, AlertRule> all = new TreeMap<>(DefaultRules.BY_ID);
        texts.forEach((id, text) -> {
            try {
                all.put(id, RuleText.read(id, text));
            } catch (IllegalArgumentException foreign) {
                LOG.warn("alert rule={} cannot be read: {}; it is left out; write it again", id, foreign.getMessage());
            }
        });
        return all;
    }

    /** What became of a change. */
    enum Written {
        DONE,
        CHANGED_BY_OTHERS,
        TOO_MANY
    }

    /** Writes a rule if it still is what the caller saw; null = nothing. */
    CompletionStage<Written> rule(String id, @Nullable String seen, @Nullable String text) {
        Call call = new Call(1_024).key(RULES).key(NUMBERS);
        call.arg(id).arg(seen == null ? "" : seen).arg(text == null ? "" : text).arg(MOST_RULES);
        return redis.eval(RULE, call).thenApply(AlertStore::written);
    }

    /** Remembers a mark until it means nothing any more; 0 = forgets it at once. */
    CompletionStage<Written> mark(String field, String text, long expiresMillis) {
        Call call = new Call(256).key(MARKS).key(NUMBERS);
        call.arg(field).arg(text).arg(expiresMillis).arg(MOST_MARKS);
        return redis.eval(MARK, call).thenApply(AlertStore::written);
    }

    private static Written written(List<Object> reply) {
        return Written.values()[((Long) reply.get(0)).intValue()];
    }

    CompletionStage<Marks> marks() {
        return redis.command("HGETALL", new Call(64).key(MARKS)).thenApply(reply -> {
            Map<String, Marks.Ack> acks = new HashMap<>();
            Map<String, Long> silences = new HashMap<>();
            map(reply).forEach((field, text) -> {
                String[] part = text.split(" ", 3);
                long first = Long.parseLong(part[1]);
                if (field.startsWith("a:")) {
                    acks.put(field.substring(2), new Marks.Ack(first, Long.parseLong(part[2])));
                } else {
                    silences.put(field.substring(2), first);
                }
            });
            return new Marks(Map.copyOf(acks), Map.copyOf(silences));
        });
    }

    CompletionStage<List<Stored>> alerts() {
        return redis.command("HGETALL", new Call(64).key(ALERTS))
                .thenApply(reply -> read(map(reply).values()));
    }

    /** Returns the processes that were heard of lately. */
    CompletionStage<Set<String>> alive(long nowMillis) {
        Call call = new Call(128).key(PROCESSES).arg(nowMillis - GONE_MILLIS).arg("+inf");
        return redis.command("ZRANGEBYSCORE", call).thenApply(reply -> {
            Set<String> names = new HashSet<>();
            reply.forEach(name -> names.add(Redis.text(name)));
            return names;
        });
    }

    /** Returns alerts that ended at this time or before, the last first. */
    CompletionStage<List<Stored>> past(long fromMillis, int skip, int most) {
        Call call = new Call(128).key(PAST).arg(fromMillis).arg("-inf");
        call.arg("LIMIT").arg(skip).arg(most);
        return redis.command("ZREVRANGEBYSCORE", call).thenApply(reply -> {
            List<String> lines = new ArrayList<>();
            reply.forEach(line -> lines.add(Redis.text(line)));
            return read(lines);
        });
    }

    private static List<Stored> read(Iterable<String> lines) {
        List<Stored> all = new ArrayList<>();
        for (String line : lines) {
            try {
                all.add(Stored.read(line));
            } catch (IllegalArgumentException foreign) {
                LOG.debug("an alert in Redis cannot be read and is left out: {}", foreign.getMessage());
            }
        }
        return all;
    }

    private static Map<String, String> map(List<Object> reply) {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            map.put(Redis.text(reply.get(i)), Redis.text(reply.get(i + 1)));
        }
        return map;
    }
}
