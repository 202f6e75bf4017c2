package io.penstock.flow;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The flows and batches that were begun last, of all queues: list {@code pk:flows} of ids, the newest first.
 *
 * <p>Bound: the newest {@value #MOST}. It is for people who look; what is missing from it runs all the same. Threads: safe.
 */
final class NewestFlows {
    /** Ids of at most 150 bytes: 150 KB of Redis. */
    static final int MOST = 1_000;

    private static final String KEY = "pk:flows";

    private final Redis redis;

    NewestFlows(Redis redis) {
        this.redis = redis;
    }

    /** Puts it first, without waiting: a flow that runs is not refused because it could not be listed. */
    void add(FlowId id) {
        var unused = redis.command("LPUSH", call().arg(id.toString()))
                .thenCompose(reply -> redis.command("LTRIM", call().arg(0).arg(MOST - 1)));
    }

    /** Reads so many ids behind {@code after}; from the newest on without it, none if it is no more in the list. */
    CompletionStage<List<String>> read(@Nullable String after, int count) {
        CompletionStage<Long> from = after == null
                ? CompletableFuture.completedStage(0L)
                : redis.command("LPOS", call().arg(after)).thenApply(NewestFlows::behind);
        return from.thenCompose(first -> first < 0
                ? CompletableFuture.completedStage(List.of())
                : redis.command("LRANGE", call().arg(first).arg(first + count - 1))
                        .thenApply(reply ->
                                reply.stream().map(Redis::text).distinct().toList()));
    }

    private static long behind(List<Object> reply) {
        return reply.isEmpty() || reply.get(0) == null ? -1 : (Long) Objects.requireNonNull(reply.get(0)) + 1;
    }

    /** Takes out what is gone. */
    void remove(String id) {
        var unused = redis.command("LREM", call().arg(0).arg(id));
    }

    private static Call call() {
        return new Call(160).key(Redis.utf8(KEY));
    }
}
