package io.penstock.redis;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.penstock.runtime.Subscription;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All subscriptions of the process over one connection, opened with the first of them.
 *
 * <p>Messages are hints only: nothing is lost for good when one is. Bound: a message is handed to its listeners on the
 * connection's thread and not buffered, so listeners must be quick. Threads: safe.
 */
public final class Subscriber implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Subscriber.class);

    private final Supplier<StatefulRedisPubSubConnection<byte[], byte[]>> connect;
    private final Map<String, List<Consumer<byte[]>>> listeners = new ConcurrentHashMap<>();
    private final Map<String, List<Runnable>> begins = new ConcurrentHashMap<>();
    private final Set<String> begun = ConcurrentHashMap.newKeySet(); // channels that Redis has confirmed
    private @Nullable StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private boolean closed;

    Subscriber(Supplier<StatefulRedisPubSubConnection<byte[], byte[]>> connect) {
        this.connect = connect;
    }

    /**
     * Calls the listener with each message of the channel until the answer is closed.
     *
     * @throws RedisException if the connection is not open yet and Redis cannot be reached
     */
    public Subscription subscribe(String channel, Consumer<byte[]> listener) {
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("channel \"" + channel + "\" not subscribed: Redis client is closed");
            }
            var open = connection(); // before the listener is listed: a failure must leave nothing behind
            List<Consumer<byte[]>> all = listeners.computeIfAbsent(channel, name -> new CopyOnWriteArrayList<>());
            all.add(listener);
            if (all.size() == 1) {
                var unused = open.async().subscribe(Redis.utf8(channel));
            }
        }
        return () -> unsubscribe(channel, listener);
    }

    /**
     * Subscribes a listener and tells it when messages begin to come: at first, and again after each loss of the
     * connection, when some may have been missed. It may be told more often than that.
     *
     * @throws RedisException as {@link #subscribe(String, Consumer)}
     */
    public Subscription subscribe(String channel, Consumer<byte[]> listener, Runnable begins) {
        Subscription subscription;
        List<Runnable> told;
        synchronized (this) { // in one with the listener: one who leaves the channel just now takes what it had along
            subscription = subscribe(channel, listener);
            told = this.begins.computeIfAbsent(channel, name -> new CopyOnWriteArrayList<>());
            told.add(begins); // before the look at what is confirmed: whichever comes second tells it
        }
        if (begun.contains(channel)) {
            begins.run();
        }
        return () -> {
            told.remove(begins);
            subscription.close();
        };
    }

    /** Returns how many listeners there are; zero once every owner has closed its own. */
    public int size() {
        return listeners.values().stream().mapToInt(List::size).sum();
    }

    private synchronized void unsubscribe(String channel, Consumer<byte[]> listener) {
        List<Consumer<byte[]>> all = listeners.get(channel);
        if (all != null && all.remove(listener) && all.isEmpty()) {
            listeners.remove(channel);
            begun.remove(channel);
            begins.remove(channel);
            if (connection != null && !closed) {
                var unused = connection.async().unsubscribe(Redis.utf8(channel));
            }
        }
    }

    private StatefulRedisPubSubConnection<byte[], byte[]> connection() {
        StatefulRedisPubSubConnection<byte[], byte[]> open = connection;
        if (open == null) {
            open = connect.get();
            open.addListener(new RedisPubSubAdapter<byte[], byte[]>() {
                @Override
                public void message(byte[] channel, byte[] message) {
                    deliver(Redis.text(channel), message);
                }

                @Override
                public void subscribed(byte[] channel, long count) {
                    confirmed(Redis.text(channel));
                }
            });
            connection = open;
        }
        return open;
    }

    private void confirmed(String channel) {
        synchronized (this) {
            if (!listeners.containsKey(channel)) {
                return; // whoever asked for it has left
            }
            begun.add(channel);
        }
        begins.getOrDefault(channel, List.of()).forEach(Runnable::run);
    }

    private void deliver(String channel, byte[] message) {
        for (Consumer<byte[]> listener : listeners.getOrDefault(channel, List.of())) {
            try {
                listener.accept(message);
            } catch (RuntimeException e) {
                log.warn("listener of channel={} failed; the others go on", channel, e);
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        listeners.clear();
        if (connection != null) {
            connection.close();
        }
    }
}
