package io.penstock.server.web;

import io.penstock.runtime.Clock;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts sign-ins that failed: so many a minute from one address, then none.
 *
 * <p>A token of 256 bits is not guessed; this keeps the log readable and a short token of somebody's own from being
 * tried. Bound: the last {@value #MOST_PEERS} addresses. Threads: safe.
 */
final class Attempts {
    static final int MOST = 10;
    private static final int MOST_PEERS = 1_024;
    private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();

    private final Clock clock;
    private final Map<String, Failures> failures = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > MOST_PEERS;
        }
    };

    private record Failures(int count, long sinceNanos) {}

    Attempts(Clock clock) {
        this.clock = clock;
    }

    /** @throws Problem RATE_LIMITED if the address has failed too often within a minute */
    synchronized void check(String peer) {
        Failures known = failures.get(peer);
        long left = known == null ? 0 : known.sinceNanos() + WINDOW_NANOS - clock.nanos();
        if (known != null && left > 0 && known.count() >= MOST) {
            throw Problem.later(
                    ProblemType.RATE_LIMITED,
                    MOST
                            + " sign-ins from this address failed within a minute; nothing was tried; wait until the minute is over",
                    Duration.ofNanos(left));
        }
    }

    synchronized void failed(String peer) {
        long now = clock.nanos();
        Failures known = failures.get(peer);
        if (known != null && now - known.sinceNanos() < WINDOW_NANOS) {
            failures.put(peer, new Failures(known.count() + 1, known.sinceNanos()));
        } else {
            failures.put(peer, new Failures(1, now));
        }
    }
}
