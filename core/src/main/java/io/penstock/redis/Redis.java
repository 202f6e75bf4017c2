package io.penstock.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The process's way to Redis: one multiplexed connection for all commands and one for subscriptions.
 *
 * <p>A call has a deadline and is sent again, with jitter, whenever {@link Fault} says that the trouble may pass; a lost
 * reply is trouble of that kind, so <b>everything sent must be idempotent</b>. Replies are trees of {@code byte[]},
 * {@code Long}, {@code List} and null; a reply that is one value is a list of one.
 *
 * <p>Threads: safe. Stages complete on a thread of the connection: do nothing slow there. Bound: callers bound what is
 * outstanding; while the connection is down calls wait for the timer, not in the client.
 */
public final class Redis implements AutoCloseable {
    /** First wait before a call is sent again; doubled each time and jittered over its whole length. */
    private static final long FIRST_RETRY_MILLIS = 20;

    /** Longest wait before a call is sent again: short, because the call's own deadline is what bounds the load. */
    private static final long LONGEST_RETRY_MILLIS = 1_000;

    /** How often calls are looked at for a passed deadline; so a deadline is kept to within this. */
    private static final Duration SWEEP = Duration.ofMillis(100);

    private final RedisConfig config;
    private final Clock clock;
    private final Connection connection;
    private final Latency latency = new Latency();
    private final Subscriber subscriber;
    private final Set<Attempt> outstanding = ConcurrentHashMap.newKeySet();
    private final Task sweep;
    private final Object planning = new Object();
    private long plannedNanos; // guarded by planning: when the next sweep is due
    private volatile boolean closed;
    private volatile boolean back; // the connection is up again: whatever waits may go at once

    private Redis(RedisConfig config, Clock clock, Timer timer, Connection connection) {
        this.config = config;
        this.clock = clock;
        this.connection = connection;
        this.subscriber = new Subscriber(connection::connectPubSub);
        this.plannedNanos = clock.nanos() + SWEEP.toNanos();
        this.sweep = timer.every("redis-deadlines", SWEEP, this::sweep);
        connection.onUp(() -> {
            back = true;
            sweepBy(clock.nanos());
        });
    }

    /**
     * Connects, waiting at most the configured timeout.
     *
     * @throws RedisException if Redis cannot be reached or does not let us in
     */
    public static Redis connect(RedisConfig config, Clock clock, Timer timer) {
        return new Redis(config, clock, timer, Connection.open(config, clock));
    }

    /** Runs a script; see the class for what is retried. */
    public CompletionStage<List<Object>> eval(Script script, Call call) {
        return start(new Attempt(script.toString(), whole -> RespCommand.script(script, call, whole)));
    }

    /** Runs a command; see the class for what is retried. */
    public CompletionStage<List<Object>> command(String name, Call call) {
        return start(new Attempt(name, whole -> RespCommand.plain(name, call)));
    }

    /** Returns the subscriptions of this process. */
    public Subscriber subscriber() {
        return subscriber;
    }

    /** Returns where and how this client connects. */
    public RedisConfig config() {
        return config;
    }

    /** Tells whether the command connection is up. */
    public boolean connected() {
        return connection.connected();
    }

    /** Returns for how long the command connection has been up; zero while it is down. */
    public Duration connectedFor() {
        return connection.connectedFor();
    }

    /** Returns a key for each server that holds keys, which leads a script that declares it there; one unless it is a Cluster. */
    public List<byte[]> homes() {
        return connection.homes();
    }

    /** Returns how many sockets this client has open. */
    public int connections() {
        return connection.sockets();
    }

    /**
     * Waits for a stage, at most the configured timeout and a little more, since the call has its own deadline.
     *
     * @throws RedisException what went wrong
     */
    public <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture()
                    .get(config.timeout().toMillis() * 2 + SWEEP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw unwrapped(failed);
        } catch (TimeoutException late) {
            throw new RedisException.Unreachable(
                    "Redis at " + config.shown() + " did not answer within twice " + config.timeout()
                            + "; the outcome is not known; see redis.timeout",
                    late);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new RedisException.Unreachable("waiting for Redis was interrupted; the outcome is not known", stop);
        }
    }

    /** Returns the fault inside a completion or execution exception as one that can be thrown. */
    public static RedisException unwrapped(Throwable error) {
        Throwable cause = error;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof RedisException known
                ? known
                : new RedisException("Redis call failed: " + cause.getMessage(), cause);
    }

    /** Writes text in UTF-8. */
    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Reads UTF-8. */
    public static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    Connection connection() {
        return connection;
    }

    /** How long Redis took to answer, from the last sending of a call; whoever looks at it rolls its windows. */
    Latency latency() {
        return latency;
    }

    private CompletionStage<List<Object>> start(Attempt attempt) {
        outstanding.add(attempt);
        attempt.send(false);
        return attempt.result;
    }

    /** Ends the calls whose deadline has passed, and sends again those that have waited for it. */
    private void sweep() {
        long now = clock.nanos();
        synchronized (planning) {
            plannedNanos = now + SWEEP.toNanos();
        }
        boolean all = back;
        back = false;
        boolean silent = false;
        long next = SWEEP.toNanos();
        for (Attempt attempt : outstanding) {
            silent |= now - attempt.deadlineNanos >= 0 && attempt.unanswered(now) && connection.connected();
        }
        if (silent) {
            // A connection that is up and does not answer is half open or leads nowhere: only a new one helps.
            connection.reset("no answer within " + config.timeout());
        }
        for (Attempt attempt : outstanding) {
            if (now - attempt.deadlineNanos >= 0) {
                attempt.expire();
            } else {
                next = Math.min(next, attempt.resend(now, all));
            }
        }
        sweepBy(now + next);
    }

    /** Brings the next sweep forward, if it would come later than this. */
    private void sweepBy(long nanos) {
        synchronized (planning) {
            if (nanos - plannedNanos < 0) {
                plannedNanos = nanos;
                sweep.reschedule(Duration.ofNanos(Math.max(0, nanos - clock.nanos())));
            }
        }
    }

    /** One call from its first sending to its answer or deadline. */
    private final class Attempt {
        final String what;
        final Function<Boolean, RespCommand> command;
        final CompletableFuture<List<Object>> result = new CompletableFuture<>();
        final long startNanos = clock.nanos();
        final long deadlineNanos = startNanos + config.timeout().toNanos();
        private volatile long sentNanos;
        private volatile boolean sent;
        private volatile long againNanos;
        private volatile boolean waiting;
        private volatile @Nullable Throwable lastFault;
        private int tries;

        Attempt(String what, Function<Boolean, RespCommand> command) {
            this.what = what;
            this.command = command;
        }

        void send(boolean whole) {
            if (result.isDone()) {
                return;
            }
            sentNanos = clock.nanos();
            sent = true;
            var unused = connection.dispatch(command.apply(whole)).whenComplete((reply, error) -> {
                sent = false;
                if (error == null) {
                    latency.record(clock.nanos() - sentNanos);
                    outstanding.remove(this);
                    result.complete(reply);
                } else {
                    failed(error);
                }
            });
        }

        private void failed(Throwable error) {
            lastFault = error;
            Fault fault = error instanceof RedisCommandExecutionException said
                    ? Fault.of(String.valueOf(said.getMessage()))
                    : Fault.PASSING;
            switch (fault) {
                case NO_SCRIPT -> send(true);
                case FULL ->
                    end(new RedisException.Full(
                            what + ": Redis at " + config.shown()
                                    + " is at its maxmemory and stores nothing more; nothing"
                                    + " was written; let consumers drain it or raise maxmemory",
                            error));
                case READ_ONLY -> {
                    connection.reset("it leads to a read-only replica");
                    again();
                }
                case PASSING -> again();
                case NOT_ALLOWED ->
                    end(new RedisException(
                            what + ": Redis at " + config.shown() + " refuses: " + error.getMessage()
                                    + "; nothing was done; check user, password and ACL",
                            error));
                case OTHER ->
                    end(new RedisException(
                            what + ": Redis at " + config.shown() + " answered: " + error.getMessage(), error));
            }
        }

        /** Waits for the sweep: no timer task for each call, because thousands may wait at once. */
        private void again() {
            long ceiling = Math.min(LONGEST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(tries++, 10));
            long wait = 1 + ThreadLocalRandom.current().nextLong(ceiling);
            againNanos = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(wait);
            waiting = true;
            sweepBy(againNanos);
            if (closed) {
                expire();
            }
        }

        /** Sends it again if its wait is over, or anyway; answers how many nanoseconds it still waits. */
        long resend(long now, boolean anyway) {
            if (!waiting) {
                return Long.MAX_VALUE;
            }
            long left = againNanos - now;
            if (left > 0 && !anyway) {
                return left;
            }
            waiting = false;
            send(false);
            return Long.MAX_VALUE;
        }

        /**
         * Whether this call shows that its connection does not answer. One that was sent only just before its deadline,
         * say over a connection that has just come back, shows nothing.
         */
        boolean unanswered(long now) {
            return sent && now - sentNanos >= config.timeout().toNanos() / 2;
        }

        void expire() {
            end(new RedisException.Unreachable(
                    what + ": no answer from Redis at " + config.shown() + " within " + config.timeout() + " ("
                            + (tries + 1) + " tries); whether it was done is not known; sending it again is safe",
                    lastFault == null ? new TimeoutException() : lastFault,
                    connection.toldSince(startNanos)));
        }

        private void end(RedisException error) {
            outstanding.remove(this);
            result.completeExceptionally(error);
        }
    }

    @Override
    public void close() {
        closed = true;
        sweep.close();
        subscriber.close();
        connection.close();
        outstanding.forEach(Attempt::expire);
    }
}
