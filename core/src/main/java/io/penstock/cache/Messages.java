package io.penstock.cache;

import io.penstock.redis.Redis;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What processes tell each other about caches, and who of this one waits to be told that a load has ended.
 *
 * <p>A message is {@code sender kind cache rest}: {@code k} a key has another value or none, {@code t} a tag is outdated
 * (none named: the whole cache), {@code d} a load has ended. Bound: one who waits for each key that is being loaded.
 */
final class Messages {
    static final String CHANNEL = "pk:cache";

    /** What a message does. */
    interface Receiver {
        void key(NearKey key);

        void tag(String cache, String tag);
    }

    private final String sender = FarTier.nonce();
    private final Receiver receiver;
    private final Map<NearKey, CompletableFuture<Boolean>> waiting = new ConcurrentHashMap<>();

    Messages(Receiver receiver) {
        this.receiver = receiver;
    }

    String key(NearKey key) {
        return sender + " k " + key.cache() + " " + key.key();
    }

    String tag(String cache, String tag) {
        return sender + " t " + cache + " " + tag;
    }

    String done(NearKey key) {
        return sender + " d " + key.cache() + " " + key.key();
    }

    /** Acts on a message; one's own have been acted upon before they were sent. */
    void receive(byte[] message) {
        String[] part = Redis.text(message).split(" ", 4);
        if (part.length < 4) {
            return;
        }
        boolean own = part[0].equals(sender);
        NearKey key = new NearKey(part[2], part[3]);
        switch (part[1]) {
            case "k" -> {
                if (!own) {
                    receiver.key(key);
                }
                wake(key);
            }
            case "t" -> {
                if (!own) {
                    receiver.tag(part[2], part[3]);
                }
            }
            case "d" -> wake(key);
            default -> {
                // a newer release has more to say
            }
        }
    }

    /** Returns what completes when a load of the key has ended; made before Redis is asked, so that nothing is missed. */
    CompletableFuture<Boolean> end(NearKey key) {
        return waiting.computeIfAbsent(key, any -> new CompletableFuture<>());
    }

    void forget(NearKey key) {
        waiting.remove(key);
    }

    private void wake(NearKey key) {
        @Nullable CompletableFuture<Boolean> who = waiting.remove(key);
        if (who != null) {
            who.complete(true);
        }
    }
}
