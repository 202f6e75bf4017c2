package io.penstock.server.engine;

import io.penstock.queue.QueueStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * The clock's work for queues that are too many to have tasks of their own: each is visited in turn.
 *
 * <p>Cost: at most {@value #A_VISIT} queues every {@value #EVERY_MILLIS} ms, a call each; so a due job of 1,000 such queues waits
 * 5 s longer, not for ever. Threads: safe; nothing here waits.
 */
final class SlowRounds {
    private static final int A_VISIT = 50;
    private static final int EVERY_MILLIS = 250;
    private static final int A_SLICE = 500;

    /** Dead workers and old jobs can wait longer than due ones. */
    private static final int THOROUGH = 20;

    private final Engine engine;
    private final Set<String> names = new ConcurrentSkipListSet<>();
    private List<String> left = new ArrayList<>(); // the timer's
    private long rounds; // the timer's

    SlowRounds(Engine engine) {
        this.engine = engine;
        engine.timer().every("rounds", Duration.ofMillis(EVERY_MILLIS), this::visit);
    }

    void add(String queue) {
        names.add(queue);
    }

    void remove(String queue) {
        names.remove(queue);
    }

    private void visit() {
        if (left.isEmpty()) {
            left = new ArrayList<>(names);
            rounds++;
        }
        for (int i = 0; i < A_VISIT && !left.isEmpty(); i++) {
            QueueStore store = engine.store(left.remove(left.size() - 1));
            store.promote(A_SLICE);
            if (rounds % THOROUGH == 0) {
                store.reclaim(A_SLICE);
                store.prune(A_SLICE);
            }
        }
    }
}
