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
    private final Timer timer;
    private final Connection connection;
    private final Subscriber subscriber;
    private final Set<Attempt> outstanding = ConcurrentHashMap.newKeySet();
    private final Task sweep;

    private Redis(RedisConfig config, Clock clock, Timer timer, Connection connection) {
        this.config = config;
        this.clock = clock;
        this.timer = timer;
        this.connection = connection;
        this.subscriber = new Subscriber(connection::connectPubSub);
        this.sweep = timer.every("redis-deadlines", SWEEP, this::expire);
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

    private CompletionStage<List<Object>> start(Attempt attempt) {
        outstanding.add(attempt);
        attempt.send(false);
        return attempt.result;
    }

    private void expire() {
        long now = clock.nanos();
        boolean silent = false;
        for (Attempt attempt : outstanding) {
            if (now - attempt.deadlineNanos >= 0) {
                silent |= attempt.sent != null && connection.connected();
                attempt.expire();
            }
        }
        if (silent) {
            // A connection that is up and does not answer is half open or leads nowhere: only a new one helps.
            connection.reset("no answer within " + config.timeout());
        }
    }

    /** One call from its first sending to its answer or deadline. */
    private final class Attempt {
        final String what;
        final Function<Boolean, RespCommand> command;
        final CompletableFuture<List<Object>> result = new CompletableFuture<>();
        final long deadlineNanos = clock.nanos() + config.timeout().toNanos();
        volatile @Nullable RespCommand sent;
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
            RespCommand next = command.apply(whole);
            sent = next;
            var unused = connection.dispatch(next).whenComplete((reply, error) -> {
                sent = null;
                if (error == null) {
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

        private void again() {
            long ceiling = Math.min(LONGEST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(tries++, 10));
            long wait = 1 + ThreadLocalRandom.current().nextLong(ceiling);
            long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - clock.nanos());
            if (left <= wait) {
                return; // the sweep ends it at its deadline, which no earlier answer could beat
            }
            try {
                timer.after("redis-retry", Duration.ofMillis(wait), () -> send(false));
            } catch (IllegalStateException closing) {
                expire();
            }
        }

        void expire() {
            end(new RedisException.Unreachable(
                    what + ": no answer from Redis at " + config.shown() + " within " + config.timeout() + " ("
                            + (tries + 1) + " tries); whether it was done is not known; sending it again is safe",
                    lastFault == null ? new TimeoutException() : lastFault));
        }

        private void end(RedisException error) {
            outstanding.remove(this);
            result.completeExceptionally(error);
        }
    }

    @Override
    public void close() {
        sweep.close();
        subscriber.close();
        connection.close();
        outstanding.forEach(Attempt::expire);
    }
}
