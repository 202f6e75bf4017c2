package io.penstock.examples.chat;

import io.penstock.Penstock;
import io.penstock.job.JobId;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Subscription;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Answers while they are being given: from the process that runs the job to whoever listens, in whatever process.
 *
 * <p>Goes over Penstock's own connections, as messages that Redis does not keep: who misses one sees the whole at the end,
 * as the result of the job. Bound: the text of the turns that run here, and of those who listen here a reference each.
 */
final class LiveAnswers implements AutoCloseable {
    private static final String CHANNEL = "llm-chat:live";

    private final Redis redis;
    private final Subscription subscription;
    private final Map<String, Voice> voices = new ConcurrentHashMap<>();
    private final Map<String, List<Listener>> listeners = new ConcurrentHashMap<>();

    /** One who wants to hear a job. */
    interface Listener {
        /**
         * Hears a piece; quick, from any thread.
         *
         * @param at how many characters came before; 0 = from the beginning, also anew
         */
        void heard(int at, String text);
    }

    /** One run of a job, speaking. */
    final class Voice implements AutoCloseable {
        private final String job;
        private final StringBuilder said = new StringBuilder();

        private Voice(String job) {
            this.job = job;
        }

        /** Returns how many characters have been said. */
        synchronized int say(String piece) {
            int at = said.length();
            said.append(piece);
            redis.command("PUBLISH", new Call(128).arg(CHANNEL).arg(job + " " + at + " " + piece));
            return said.length();
        }

        synchronized String soFar() {
            return said.toString();
        }

        @Override
        public void close() {
            voices.remove(job, this);
        }
    }

    LiveAnswers(Penstock penstock) {
        this.redis = penstock.redis();
        this.subscription = redis.subscriber().subscribe(CHANNEL, message -> told(Redis.text(message)));
    }

    Voice speak(JobId job) {
        Voice voice = new Voice(job.toString());
        voices.put(voice.job, voice);
        return voice;
    }

    void join(JobId job, Listener listener) {
        listeners.compute(job.toString(), (id, all) -> {
            List<Listener> more = all == null ? new CopyOnWriteArrayList<>() : all;
            more.add(listener);
            return more;
        });
        Voice voice = voices.get(job.toString());
        if (voice != null) {
            listener.heard(0, voice.soFar());
        }
    }

    /** Tells whether that was the last one here. */
    boolean leave(JobId job, Listener listener) {
        boolean[] last = {false};
        listeners.computeIfPresent(job.toString(), (id, all) -> {
            last[0] = all.remove(listener) && all.isEmpty();
            return all.isEmpty() ? null : all;
        });
        return last[0];
    }

    int size() {
        return listeners.values().stream().mapToInt(List::size).sum();
    }

    private void told(String message) {
        int first = message.indexOf(' ');
        int second = message.indexOf(' ', first + 1);
        List<Listener> all = listeners.get(message.substring(0, Math.max(0, first)));
        if (all != null && second > 0) {
            int at = Integer.parseInt(message.substring(first + 1, second));
            all.forEach(listener -> listener.heard(at, message.substring(second + 1)));
        }
    }

    @Override
    public void close() {
        subscription.close();
    }
}
