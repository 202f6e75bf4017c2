package io.penstock.server.engine;

import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Rates out of totals that only grow, from looks that come when somebody asks.
 *
 * <p>Bound: {@value #MOST_QUEUES} queues, those looked at last, with at most {@value #MOST_LOOKS} looks each. Threads:
 * safe.
 */
final class Rates {
    private static final int MOST_QUEUES = 1_000;
    private static final int MOST_LOOKS = 64;

    /** A rate is over the last minute, or since the last look before it. */
    private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();

    /** Looks closer than this are one: a difference of a few jobs over a millisecond is no rate. */
    private static final long APART_NANOS = Duration.ofSeconds(1).toNanos();

    private final Clock clock;
    private final Map<String, Deque<Look>> looks = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<Look>> eldest) {
            return size() > MOST_QUEUES;
        }
    };

    private record Look(long nanos, long total) {}

    Rates(Clock clock) {
        this.clock = clock;
    }

    /** Notes a total and returns its growth per second; 0 at the first look. */
    synchronized double perSecond(String queue, long total) {
        long now = clock.nanos();
        Deque<Look> all = looks.computeIfAbsent(queue, any -> new ArrayDeque<>());
        Look first = all.peekFirst();
        while (first != null && (first.total() > total || all.size() > MOST_LOOKS || secondIsOld(all, now))) {
            all.removeFirst(); // a smaller total means that the queue was deleted and made anew
            first = all.peekFirst();
        }
        Look last = all.peekLast();
        if (last == null || now - last.nanos() >= APART_NANOS) {
            all.addLast(new Look(now, total));
        }
        double seconds = first == null ? 0 : (now - first.nanos()) / 1e9;
        return first == null || seconds < 0.5 ? 0 : Math.round((total - first.total()) / seconds * 100) / 100.0;
    }

    /** The oldest look is needed only while the one after it is younger than the window. */
    private static boolean secondIsOld(Deque<Look> all, long now) {
        return all.size() > 1
                && now - all.stream().skip(1).findFirst().map(Look::nanos).orElse(now) > WINDOW_NANOS;
    }
}
