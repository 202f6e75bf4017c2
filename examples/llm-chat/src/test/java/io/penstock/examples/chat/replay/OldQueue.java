package io.penstock.examples.chat.replay;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** An old queue: 5 workers with two timers each, results and listeners that are kept for ever. */
final class OldQueue {
    static final int WORKERS = 5;

    /** So long a poll holds its connection when there is no job, in seconds. */
    private static final String POLL_SECONDS = "1";

    private static final Duration AGAIN = Duration.ofMillis(10);

    interface Handler {
        String handle(String job, String payload) throws Exception;
    }

    private final String key;
    private final OldPool pool;
    private final List<BiConsumer<String, String>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, String> results = new ConcurrentHashMap<>();

    OldQueue(String name, OldPool pool, OldTimers timers, Handler handler) {
        this.key = "old:" + name;
        this.pool = pool;
        for (int worker = 0; worker < WORKERS; worker++) {
            timers.every("poll-" + name, AGAIN, () -> poll(handler));
            timers.every("stalled-" + name, AGAIN, () -> pool.poll("BRPOP", key + ":stalled", POLL_SECONDS));
        }
    }

    /** Adds a job; its payload must not begin with its id and a colon by chance. */
    void add(String job, String payload) throws IOException, InterruptedException {
        pool.call("LPUSH", key, job + ":" + payload);
    }

    /** Nobody can take a listener away again. */
    void onProgress(BiConsumer<String, String> listener) {
        listeners.add(listener);
    }

    void progress(String job, String what) {
        listeners.forEach(listener -> listener.accept(job, what));
    }

    int listeners() {
        return listeners.size();
    }

    int kept() {
        return results.size();
    }

    long waiting() throws IOException, InterruptedException {
        return (Long) pool.call("LLEN", key);
    }

    private void poll(Handler handler) throws Exception {
        if (pool.poll("BRPOP", key, POLL_SECONDS) instanceof List<?> found) {
            String[] parts = ((String) found.get(1)).split(":", 2);
            String result = handler.handle(parts[0], parts[1]);
            results.put(parts[0], result);
            pool.call("SET", key + ":result:" + parts[0], result);
        }
    }
}
