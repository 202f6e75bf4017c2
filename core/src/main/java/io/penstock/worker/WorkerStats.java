package io.penstock.worker;

import io.penstock.queue.Ending;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one worker is doing and has done since it started.
 *
 * @param running handlers that run
 * @param ready jobs in hand that wait for a runner
 * @param bytesInHand bytes of jobs and unsent results held
 * @param abandoned threads left behind by handlers that ignore their interrupt
 * @param refused ends that came after the lease was lost
 */
public record WorkerStats(
        int concurrency,
        int running,
        int ready,
        long bytesInHand,
        int abandoned,
        long completed,
        long retried,
        long snoozed,
        long failed,
        long cancelled,
        long released,
        long refused) {
    /** Counts how runs ended; written by the take loop once a run, read by anybody. */
    static final class Tally {
        private final Map<Ending.Kind, AtomicLong> counts =
                new EnumMap<>(Ending.Kind.class); // filled at once, then only read
        private final AtomicLong refused = new AtomicLong();

        Tally() {
            for (Ending.Kind kind : Ending.Kind.values()) {
                counts.put(kind, new AtomicLong());
            }
        }

        void count(Ending.Kind kind) {
            AtomicLong count = counter(kind);
            count.lazySet(count.get() + 1); // one writer
        }

        void refused(int runs) {
            refused.lazySet(refused.get() + runs);
        }

        long of(Ending.Kind kind) {
            return counter(kind).get();
        }

        long refused() {
            return refused.get();
        }

        private AtomicLong counter(Ending.Kind kind) {
            return Objects.requireNonNull(counts.get(kind));
        }
    }
}
