package io.penstock.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dedicated connection, from {@link RedisPool#acquire} until it is closed, which gives it back.
 *
 * <p>For what the multiplexed connection must not do: block (BLPOP), watch and transact, hold a state. A call is sent
 * once and has no deadline of its own: {@link #await} gives it one. A connection that is given back with unanswered calls,
 * an open transaction or another state (SELECT, SUBSCRIBE ...) is closed instead of lent again. Threads: safe, but the
 * calls of several threads mix in one transaction.
 */
public final class PooledConnection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PooledConnection.class);

    /** They wait by their nature, so their time says nothing about Redis. */
    private static final Set<String> WAITING = Set.of(
            "BLMOVE",
            "BLMPOP",
            "BLPOP",
            "BRPOP",
            "BRPOPLPUSH",
            "BZMPOP",
            "BZPOPMAX",
            "BZPOPMIN",
            "WAIT",
            "WAITAOF",
            "XREAD",
            "XREADGROUP");

    private final RedisPool pool;
    private final PoolMember member;
    private final String holder;
    private final String thread = Thread.currentThread().getName();
    private final @Nullable Throwable stack;
    private final long sinceNanos;
    private final AtomicBoolean givenBack = new AtomicBoolean();
    boolean told; // guarded by the pool's lock: the log knows that it is held too long

    PooledConnection(RedisPool pool, PoolMember member, String holder, long sinceNanos, @Nullable Throwable stack) {
        this.pool = pool;
        this.member = member;
        this.holder = holder;
        this.sinceNanos = sinceNanos;
        this.stack = stack;
    }

    /**
     * Sends a command, once; fails as {@link RedisException}. Between MULTI and EXEC the answer is an empty list, and that of
     * EXEC are the replies, none if what was watched has changed.
     */
    public CompletionStage<List<Object>> command(String name, Call call) {
        return send(name, RespCommand.plain(name, call));
    }

    /** Sends a script by its hash, and whole if the server does not know it. */
    public CompletionStage<List<Object>> eval(Script script, Call call) {
        return send("EVALSHA", RespCommand.script(script, call, false))
                .handle((reply, error) -> error != null && fault(error) == Fault.NO_SCRIPT
                        ? send("EVAL", RespCommand.script(script, call, true))
                        : error == null
                                ? CompletableFuture.completedStage(reply)
                                : CompletableFuture.<List<Object>>failedStage(error))
                .thenCompose(answer -> answer);
    }

    /**
     * Waits for an answer, at most this long. Afterwards nobody knows what is still on its way, so the connection is
     * closed, not lent again.
     *
     * @throws RedisException what went wrong
     */
    public List<Object> await(CompletionStage<List<Object>> answer, Duration atMost) {
        try {
            return answer.toCompletableFuture().get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            throw Redis.unwrapped(failed);
        } catch (TimeoutException late) {
            member.breakUp();
            throw new RedisException.Unreachable(
                    pool.shown() + ": no answer on the connection of \"" + holder + "\" within " + atMost
                            + "; whether it was done is not known; the connection was closed; allow more time or look at"
                            + " the health of Redis",
                    late);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            member.breakUp();
            throw new RedisException.Unreachable(
                    "waiting for Redis was interrupted; the outcome is not known; the connection was closed", stop);
        }
    }

    private CompletionStage<List<Object>> send(String name, RespCommand command) {
        if (givenBack.get()) {
            throw new IllegalStateException(pool.shown() + ": " + name + " on a connection that \"" + holder
                    + "\" gave back; nothing was sent; acquire one for it");
        }
        long begin = pool.nanos();
        boolean waits = WAITING.contains(name);
        return member.send(name, command).handle((reply, error) -> {
            if (error == null) {
                if (!waits) {
                    pool.answered(pool.nanos() - begin);
                }
                return reply;
            }
            throw new CompletionException(told(name, error));
        });
    }

    private RedisException told(String name, Throwable error) {
        if (error instanceof RedisException known) {
            return known;
        }
        Fault fault = fault(error);
        if (fault == Fault.PASSING || fault == Fault.READ_ONLY || fault == Fault.NOT_ALLOWED) {
            member.taint(); // it leads to the wrong server, to one in trouble, or nowhere
        }
        String said = pool.shown() + ": " + name + ": " + Connection.rootMessage(error);
        return switch (fault) {
            case FULL -> new RedisException.Full(said + "; nothing was written; drain it or raise maxmemory", error);
            case PASSING, READ_ONLY ->
                new RedisException.Unreachable(
                        said + "; whether it was done is not known; try again on another connection", error);
            default -> new RedisException(said, error);
        };
    }

    private static Fault fault(Throwable error) {
        Throwable cause = error;
        while ((cause instanceof CompletionException || cause instanceof RedisException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof RedisCommandExecutionException said
                ? Fault.of(String.valueOf(said.getMessage()))
                : Fault.PASSING;
    }

    /** Returns who holds it and since when. */
    PoolHolder seen(long nowNanos, long nowMillis) {
        long held = TimeUnit.NANOSECONDS.toMillis(nowNanos - sinceNanos);
        List<StackTraceElement> where = stack == null ? List.of() : List.of(stack.getStackTrace());
        return new PoolHolder(holder, thread, Instant.ofEpochMilli(nowMillis - held), held, where);
    }

    long heldNanos(long nowNanos) {
        return nowNanos - sinceNanos;
    }

    void tellHeld(long nowNanos, long nowMillis) {
        PoolHolder held = seen(nowNanos, nowMillis);
        log.warn(
                "{} connection is held by=\"{}\" since={} heldMillis={} thread={}; it is not taken away; close it, or raise"
                        + " leakAfter if the work takes that long",
                pool.shown(),
                held.name(),
                held.since(),
                held.heldMillis(),
                held.thread(),
                stack);
    }

    /** Gives the connection back; the second time nothing happens. */
    @Override
    public void close() {
        if (givenBack.compareAndSet(false, true)) {
            pool.giveBack(member);
        }
    }
}
