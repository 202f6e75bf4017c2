package io.penstock.queue;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Deletes one key, field or member of a queue at random, has fsck mend it, and lets all jobs that are left run. */
final class KeyLoss {
    private static final String LOSE = """
            local keys = redis.call('KEYS', ARGV[1])
            table.sort(keys)
            if #keys == 0 then return 'nothing' end
            local key = keys[ARGV[2] % #keys + 1]
            local kind = redis.call('TYPE', key).ok
            if ARGV[3] == '0' or kind == 'string' then
              redis.call('DEL', key)
              return key
            end
            local members
            if kind == 'hash' then members = redis.call('HKEYS', key)
            elseif kind == 'list' then members = redis.call('LRANGE', key, 0, -1)
            elseif kind == 'zset' then members = redis.call('ZRANGE', key, 0, -1)
            else members = redis.call('SMEMBERS', key) end
            table.sort(members)
            local member = members[ARGV[3] % #members + 1]
            if kind == 'hash' then redis.call('HDEL', key, member)
            elseif kind == 'list' then redis.call('LREM', key, 1, member)
            elseif kind == 'zset' then redis.call('ZREM', key, member)
            else redis.call('SREM', key, member) end
            return key .. ' ' .. member
            """;

    private final Redis redis;
    private final QueueStore store;
    private final Queue queue;

    KeyLoss(Redis redis, QueueStore store) {
        this.redis = redis;
        this.store = store;
        this.queue = new Queue(store);
    }

    /** Null, or what was lost and what is still wrong afterwards. */
    String fault(Random random) {
        StringBuilder story = new StringBuilder();
        try {
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                Call call = new Call(512).arg(LOSE).arg(0).arg(store.keys().prefix() + "*");
                call.arg(random.nextInt(1 << 20)).arg(random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(1 << 20));
                story.append("lost ")
                        .append(Redis.text(
                                redis.await(redis.command("EVAL", call)).get(0)))
                        .append('\n');
            }
            KeyDump loss = KeyDump.of(store);
            Set<String> left = unended(loss);
            // Those end without a run, and may leave no trace.
            left.removeAll(loss.requests);
            left.removeIf(serial -> loss.crashes.getOrDefault(serial, "").startsWith("2"));
            mend(story);
            check(KeyDump.of(store), story.append("after fsck: "));
            Set<String> ran = drain();
            left.removeAll(ran);
            KeyDump end = KeyDump.of(store);
            left.removeIf(serial -> end.finishes.containsKey(serial));
            story.append("after all ran: ");
            check(end, story);
            return left.isEmpty() && unended(end).isEmpty() ? null : story + "never ran: " + left + unended(end);
        } catch (AssertionError | RuntimeException wrong) {
            return wrong instanceof AssertionError ? wrong.getMessage() : story + ModelRun.trace(wrong);
        }
    }

    private static Set<String> unended(KeyDump dump) {
        Set<String> serials = new HashSet<>(dump.records.keySet());
        serials.removeAll(dump.finishes.keySet());
        serials.removeAll(dump.failed.keySet());
        serials.removeAll(dump.cancelled.keySet());
        serials.removeAll(dump.retained.keySet());
        dump.completed.forEach(run -> run.serials().forEach(serials::remove));
        return serials;
    }

    private void mend(StringBuilder story) {
        for (int i = 0; i < 4; i++) {
            FsckReport report = queue.fsck(10_000);
            story.append(report).append('\n');
            if (report.clean()) {
                return;
            }
            while (redis.await(store.reclaim(100)) > 0) {}
        }
        throw new AssertionError(story + "fsck finds something new each time");
    }

    private static void check(KeyDump dump, StringBuilder story) {
        List<String> broken = new ArrayList<>(KeyInvariants.brokenIn(dump));
        broken.addAll(KeyInvariants.keysUnheldIn(dump));
        if (!broken.isEmpty()) {
            throw new AssertionError(story + String.join("\n", broken));
        }
    }

    /** Workers die, everything falls due, and a new worker runs what it gets until nothing comes. */
    private Set<String> drain() {
        queue.configure(QueueSettings.DEFAULT);
        queue.resume();
        command("DEL", store.keys().groupRules);
        queue.groups().configure(Groups.ALL, GroupRule.NONE); // lets go of those that were paused
        KeyDump before = KeyDump.of(store);
        before.leases.keySet().forEach(token -> command("ZADD", store.keys().leases, "XX", "1", token));
        while (redis.await(store.reclaim(100)) > 0) {}
        before.delayed.keySet().forEach(serial -> DueTimes.set(store, serial, 1));
        while (redis.await(store.promote(100)).moved() > 0) {}
        Lease lease = redis.await(store.join(Duration.ofHours(1)));
        Set<String> ran = new HashSet<>();
        while (true) {
            List<LeasedJob> jobs = redis.await(store.take(lease, 50, 1 << 20));
            if (jobs.isEmpty() && lease.againMillis() == 1) {
                continue;
            }
            if (jobs.isEmpty()) {
                break;
            }
            long now = store.clock().millis();
            List<Ending> endings = jobs.stream()
                    .map(job -> Ending.completed(job, now, now, null))
                    .toList();
            int applied = redis.await(store.finish(lease, endings)).applied();
            if (applied != jobs.size()) {
                throw new AssertionError("finished " + applied + " of " + jobs);
            }
            jobs.forEach(job -> {
                if (!ran.add(job.id().serial())) {
                    throw new AssertionError(job + " was handed out twice");
                }
            });
        }
        return ran;
    }

    private void command(String name, byte[] key, String... args) {
        Call call = new Call(128).key(key);
        for (String arg : args) {
            call.arg(arg);
        }
        redis.await(redis.command(name, call));
    }
}
