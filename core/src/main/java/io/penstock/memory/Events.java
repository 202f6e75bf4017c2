package io.penstock.memory;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Subscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * Who listens to memory, and what was told last.
 *
 * <p>Threads: safe; listeners are called on the thread that tells, without any lock, and must return at once. Bound:
 * {@value #MOST_LISTENERS} listeners, {@value #KEPT} events.
 */
final class Events {
    /** The parts of one Penstock are a handful; more means that somebody subscribes again and again. */
    static final int MOST_LISTENERS = 64;
    /** A change of level is at most one a minute down and two readings up: hours of the worst day. */
    static final int KEPT = 100;
    /** An event with its text, for the statement of what is retained. */
    static final int BYTES = 512;

    private final List<Place> listeners = new CopyOnWriteArrayList<>();
    private final Deque<MemoryEvent> kept = new ArrayDeque<>(); // guarded by this
    private final Outage outage;

    Events(Clock clock) {
        outage = new Outage(LoggerFactory.getLogger(MemoryMonitor.class), clock, "listener to memory");
    }

    synchronized Subscription add(Consumer<MemoryEvent> listener) {
        if (listeners.size() >= MOST_LISTENERS) {
            throw new IllegalStateException("listener to memory was not added: there are " + listeners.size()
                    + ", the most there may be; nothing was changed; close those that are no longer needed");
        }
        Place place = new Place(listener);
        listeners.add(place);
        return () -> listeners.remove(place);
    }

    void tell(MemoryEvent event) {
        synchronized (this) {
            if (kept.size() >= KEPT) {
                kept.removeFirst();
            }
            kept.addLast(event);
        }
        for (Place each : listeners) {
            try {
                each.listener.accept(event);
                outage.worked();
            } catch (RuntimeException failed) {
                outage.failed(failed);
            }
        }
    }

    /** Returns the newest first. */
    synchronized List<MemoryEvent> last(int most) {
        List<MemoryEvent> last = new ArrayList<>();
        kept.descendingIterator().forEachRemaining(event -> {
            if (last.size() < most) {
                last.add(event);
            }
        });
        return List.copyOf(last);
    }

    void clear() {
        listeners.clear();
    }

    /** An object of its own, so that one listener may have two places, and giving one back twice takes no other. */
    private static final class Place {
        private final Consumer<MemoryEvent> listener;

        private Place(Consumer<MemoryEvent> listener) {
            this.listener = listener;
        }
    }
}
