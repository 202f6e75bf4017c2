package io.penstock.server.operation;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Operations in Redis, so that any server can show them and go on with them.
 *
 * <p>Bounds: {@value #MOST_OPEN} that have not ended, the newest {@value #MOST} in all, for {@link #KEEP}. Threads: safe. Time:
 * everything waits for Redis, at most its timeout.
 */
final class Ledger {
    /** Operations that run or wait: at four at once a person's patience, not a memory bound. */
    static final int MOST_OPEN = 32;

    /** Of at most 32 KiB each. */
    static final int MOST = 100;

    static final Duration KEEP = Duration.ofDays(7);

    /** A server that says nothing for so long is taken for dead; a step takes some ten milliseconds. */
    static final Duration LEASE = Duration.ofSeconds(15);

    private static final String PREFIX = "pk:operation:{all}:";
    private static final byte[] OPEN = Redis.utf8(PREFIX + "open");
    private static final byte[] ALL = Redis.utf8(PREFIX + "all");
    private static final Script BEGIN = Script.load(Ledger.class, "begin.lua");
    private static final Script SAVE = Script.load(Ledger.class, "save.lua");

    private final Redis redis;

    /** What became of saving. */
    enum Saved {
        KEPT,
        CANCEL,
        LOST
    }

    /** Whether somebody goes on. */
    enum Then {
        GO,
        OVER,
        LEAVE
    }

    Ledger(Redis redis) {
        this.redis = redis;
    }

    private static byte[] lease(String id) {
        return Redis.utf8(PREFIX + "l:" + id);
    }

    private static byte[] ids(String id) {
        return Redis.utf8(PREFIX + "i:" + id);
    }

    private static byte[] operation(String id) {
        return Redis.utf8(PREFIX + "o:" + id);
    }

    /** Writes a new one down; false = there are too many. */
    boolean begin(Plan plan, Tally tally, List<String> ids) {
        byte[] text = Redis.utf8(String.join("\n", ids));
        Call call = new Call(1_024 + text.length).key(OPEN).key(ALL);
        call.key(operation(plan.id())).key(ids(plan.id())).arg(plan.id());
        call.arg(plan.encode()).arg(tally.encode()).arg(plan.createdAt().toEpochMilli());
        call.arg(MOST_OPEN).arg(MOST).arg(KEEP.toMillis()).arg(text);
        List<Object> answer = redis.await(redis.eval(BEGIN, call));
        for (Object old : answer.subList(1, answer.size())) { // not waited for: they expire in any case
            redis.command("DEL", new Call(96).key(operation(Redis.text(old))));
        }
        return (Long) answer.get(0) == 1;
    }

    /** Takes one in hand; false = another has it. */
    boolean claim(String id, String token) {
        Call call = new Call(160).key(lease(id)).arg(token).arg("NX").arg("PX").arg(LEASE.toMillis());
        return redis.await(redis.command("SET", call)).get(0) != null;
    }

    Saved save(String id, String token, Tally tally, Then then) {
        byte[] text = tally.encode();
        Call call =
                new Call(512 + text.length).key(lease(id)).key(operation(id)).key(OPEN);
        call.key(ids(id)).arg(token).arg(id).arg(text).arg(LEASE.toMillis());
        call.arg(then == Then.GO ? "go" : then == Then.OVER ? "over" : "leave");
        List<Object> answer = redis.await(redis.eval(SAVE, call));
        return (Long) answer.get(0) == 0 ? Saved.LOST : (Long) answer.get(1) == 1 ? Saved.CANCEL : Saved.KEPT;
    }

    /** Gives back what nobody can read: it is not tried again. */
    void drop(String id) {
        redis.await(redis.command("ZREM", new Call(96).key(OPEN).arg(id)));
        redis.await(redis.command("DEL", new Call(96).key(lease(id))));
    }

    /** Asks whoever has it in hand to stop. */
    void cancel(String id) {
        redis.await(
                redis.command("HSET", new Call(96).key(operation(id)).arg("x").arg("1")));
    }

    /** Returns the ids of those that have not ended, oldest first. */
    List<String> open() {
        return redis.await(redis.command("ZRANGE", new Call(64).key(OPEN).arg(0).arg(-1))).stream()
                .map(Redis::text)
                .toList();
    }

    /** Returns the ids of the jobs of an operation. */
    List<String> jobs(String id) {
        Object text =
                redis.await(redis.command("GET", new Call(96).key(ids(id)))).get(0);
        return text == null ? List.of() : List.of(Redis.text(text).split("\n"));
    }

    Optional<Operation> find(String id) {
        return redis.await(read(id));
    }

    private CompletionStage<Optional<Operation>> read(String id) {
        Call call = new Call(96).key(operation(id)).arg("d").arg("s").arg("x");
        CompletionStage<List<Object>> held = redis.command("EXISTS", new Call(96).key(lease(id)));
        return redis.command("HMGET", call)
                .thenCombine(
                        held,
                        (found, lease) -> found.get(0) == null || found.get(1) == null
                                ? Optional.empty()
                                : Optional.of(new Operation(
                                        Plan.decode((byte[]) found.get(0)),
                                        Tally.decode((byte[]) found.get(1)),
                                        (Long) lease.get(0) == 1,
                                        found.get(2) != null)));
    }

    /** Returns the newest first. */
    List<Operation> newest(int most) {
        List<CompletionStage<Optional<Operation>>> asked = new ArrayList<>();
        for (Object id : redis.await(
                redis.command("ZREVRANGE", new Call(64).key(ALL).arg(0).arg(most - 1L)))) {
            asked.add(read(Redis.text(id)));
        }
        List<Operation> found = new ArrayList<>();
        asked.forEach(each -> redis.await(each).ifPresent(found::add));
        return found;
    }
}
