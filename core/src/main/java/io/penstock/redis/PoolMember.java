package io.penstock.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One dedicated connection of a {@link RedisPool} and what is known of it.
 *
 * <p>It never reconnects: a transaction, a watch or a blocking call does not survive its socket, so a lost connection is
 * closed for good and its unanswered calls fail. Threads: safe.
 */
final class PoolMember {
    /** They leave something behind on the connection that the next holder must not meet, so it is closed after them. */
    private static final Set<String> LEAVE_STATE = Set.of(
            "AUTH",
            "CLIENT",
            "HELLO",
            "MONITOR",
            "PSUBSCRIBE",
            "QUIT",
            "READONLY",
            "READWRITE",
            "RESET",
            "SELECT",
            "SSUBSCRIBE",
            "SUBSCRIBE");

    private final StatefulConnection<byte[], byte[]> connection;
    private final Map<Long, RespCommand> unanswered = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private volatile boolean broken;
    private volatile boolean inTransaction;
    private volatile @Nullable CompletableFuture<Void> closing;

    volatile long idleSinceNanos; // written by the pool
    volatile @Nullable PooledConnection loan; // written by the pool

    PoolMember(StatefulConnection<byte[], byte[]> connection) {
        this.connection = connection;
    }

    /** @param onLost called once, on a thread of the client, when the connection is lost without having been closed */
    void watch(Runnable onLost) {
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> which) {
                boolean news = closing == null;
                breakUp();
                if (news) {
                    onLost.run();
                }
            }
        });
        if (!connection.isOpen() && closing == null) { // lost before anybody listened
            breakUp();
            onLost.run();
        }
    }

    CompletableFuture<List<Object>> send(String name, RespCommand command) {
        note(name.toUpperCase(Locale.ROOT));
        long number = numbers.incrementAndGet();
        unanswered.put(number, command);
        var answered = command.whenComplete((reply, error) -> unanswered.remove(number));
        if (closing != null) {
            command.completeExceptionally(lost());
        } else {
            try {
                // not by the connection's own dispatch: it holds the replies of a transaction back until EXEC
                ((RedisChannelHandler<?, ?>) connection).getChannelWriter().write(command);
            } catch (RuntimeException rejected) {
                command.completeExceptionally(rejected);
            }
            if (closing != null) {
                command.completeExceptionally(lost()); // it was closed meanwhile and may not know this one
            }
        }
        return answered.toCompletableFuture();
    }

    private void note(String name) {
        switch (name) {
            case "MULTI", "WATCH" -> inTransaction = true;
            case "EXEC", "DISCARD", "UNWATCH" -> inTransaction = false;
            default -> {
                if (LEAVE_STATE.contains(name)) {
                    broken = true;
                }
            }
        }
    }

    /** Whether the next holder would find it as if new. */
    boolean clean() {
        return !broken && closing == null && !inTransaction && unanswered.isEmpty();
    }

    /** It shall not be lent again. */
    void taint() {
        broken = true;
    }

    /** Closes it and fails what is unanswered; the same answer each time. */
    CompletionStage<Void> breakUp() {
        CompletableFuture<Void> mine;
        synchronized (unanswered) {
            CompletableFuture<Void> begun = closing;
            if (begun != null) {
                return begun;
            }
            mine = new CompletableFuture<>();
            closing = mine;
        }
        var unused = connection.closeAsync().whenComplete((done, error) -> mine.complete(null));
        unanswered.values().forEach(call -> call.completeExceptionally(lost()));
        return mine;
    }

    private static RedisException lost() {
        return new RedisException.Unreachable(
                "the dedicated connection was lost or closed; whether the command was done is not known; it is not sent"
                        + " again, because a transaction or a lock may have gone with it; acquire a new connection",
                null);
    }
}
