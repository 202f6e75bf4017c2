package io.penstock.queue;

import io.penstock.job.Names;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The groups (tenants) of a queue, as operators see them.
 *
 * <p>A group needs no setting up: it is there while it has jobs. Threads: safe. Time: methods wait for Redis, at most its
 * timeout. Fails with {@link io.penstock.redis.RedisException}.
 */
public final class Groups {
    /** The name under which the rule of all groups is kept, and can be asked for. */
    public static final String ALL = "*";

    /** Held groups let go in one call when the rule of all groups changes. */
    private static final int SLICE = 1_000;

    private static final String[] PHASES = {"ring", "held", "used"};

    private final QueueStore store;

    Groups(QueueStore store) {
        this.store = store;
    }

    /** Returns what was said of a group, or of all of them ({@link #ALL}). */
    public GroupRule rule(String group) {
        Call call = new Call(128).key(store.keys().groupRules).arg(checked(group));
        Object text = store.redis().await(store.redis().command("HGET", call)).get(0);
        return text == null ? GroupRule.NONE : GroupRule.of(Redis.text(text));
    }

    /**
     * Says what a group may do, or all that have no rule of their own; at once, for all workers.
     *
     * @throws IllegalStateException if {@value GroupRule#MOST_RULES} groups have rules already
     */
    public void configure(String group, GroupRule rule) {
        regulate(group, rule.fields());
    }

    /** Hands out no more jobs of this group; those in hand go on. */
    public void pause(String group) {
        regulate(group, "-", "-", "-", "-", "-", "1");
    }

    /** Hands out its jobs again. */
    public void resume(String group) {
        regulate(group, "-", "-", "-", "-", "-", "");
    }

    private void regulate(String group, String... fields) {
        Call call = new Call(192).key(store.keys().settings).arg(checked(group));
        for (String field : fields) {
            call.arg(field);
        }
        call.arg(GroupRule.MOST_RULES).arg(SLICE);
        long left = 0;
        boolean first = true;
        do {
            List<Object> reply = store.redis().await(store.redis().eval(Scripts.REGULATE, call));
            if ((Long) reply.get(0) == 0) {
                throw new IllegalStateException("group \"" + group + "\" of queue \"" + store.queue() + "\": "
                        + GroupRule.MOST_RULES + " groups have rules of their own; nothing was changed; say it for all"
                        + " groups, or take rules away that are not needed");
            }
            left = first ? (Long) reply.get(1) : left - SLICE;
            first = false;
        } while (group.equals(ALL) && left > 0);
        store.redis()
                .await(store.redis()
                        .command(
                                "PUBLISH",
                                new Call(96).arg(store.keys().wakeChannel).arg("")));
    }

    private static String checked(String group) {
        return group.equals(ALL) ? group : Names.check("group", group);
    }

    /** Returns one group; all counts are 0 if it has no jobs. */
    public GroupView get(String group) {
        Call call =
                new Call(128).key(store.keys().settings).arg("named").arg("").arg(1);
        call.arg(Names.check("group", group));
        return views(store.redis().await(store.redis().eval(Scripts.GROUPS, call)))
                .get(0);
    }

    /**
     * Lists the groups that have jobs waiting or in hand.
     *
     * @param cursor null for the first page
     * @param limit 1 to 500, clamped
     */
    public GroupPage list(@Nullable String cursor, int limit) {
        int phase = 0;
        String at = "0";
        if (cursor != null) {
            if (!cursor.matches("[0-2]:\\d{1,20}")) {
                throw new IllegalArgumentException("cursor \""
                        + cursor.substring(0, Math.min(60, cursor.length())).replaceAll("\\p{Cntrl}", "?")
                        + "\" is none of ours; nothing was read; use the next of the page before, or none");
            }
            phase = cursor.charAt(0) - '0';
            at = cursor.substring(2);
        }
        List<GroupView> groups = new ArrayList<>();
        int most = Math.max(1, Math.min(500, limit));
        while (true) {
            Call call = new Call(96).key(store.keys().settings).arg(PHASES[phase]);
            List<Object> reply = store.redis()
                    .await(store.redis().eval(Scripts.GROUPS, call.arg(at).arg(most - groups.size())));
            groups.addAll(views(reply));
            at = Redis.text(reply.get(0));
            if (at.isEmpty()) {
                if (++phase == PHASES.length) {
                    return new GroupPage(groups, null);
                }
                at = "0";
            }
            if (groups.size() >= most || phase == 2) {
                return new GroupPage(groups, phase + ":" + at);
            }
        }
    }

    private static List<GroupView> views(List<Object> reply) {
        List<GroupView> views = new ArrayList<>();
        for (int i = 2; i + 4 < reply.size(); i += 5) {
            String[] used = Redis.text(reply.get(i + 2)).split(" ", 2);
            String rule = Redis.text(reply.get(i + 3));
            String held = Redis.text(reply.get(i + 4));
            boolean holds = !held.isEmpty() && !held.equals("-");
            views.add(new GroupView(
                    Redis.text(reply.get(i)),
                    (Long) Objects.requireNonNull(reply.get(i + 1)),
                    used.length < 2 ? 0 : Long.parseLong(used[0]),
                    used.length < 2 ? 0 : Long.parseLong(used[1]),
                    holds,
                    holds && !held.equals("inf") ? Instant.ofEpochMilli((long) Double.parseDouble(held)) : null,
                    rule.isEmpty() ? GroupRule.NONE : GroupRule.of(rule)));
        }
        return views;
    }
}
