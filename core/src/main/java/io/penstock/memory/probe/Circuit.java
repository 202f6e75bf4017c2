package io.penstock.memory.probe;

import io.penstock.runtime.Clock;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One probe and whether it may be asked: it is off after three failures or three slow readings in a row, and is tried
 * again after 30 s, then after twice as long each time up to 30 min.
 *
 * <p>Threads: its {@link Probes} lock.
 */
final class Circuit {
    /** One failure may be a moment's; three in a row are a state. */
    static final int FAILURES = 3;
    /** 50 times what the dearest of ours takes cold (0.1 ms); a pause of the collector counts once, not thrice. */
    static final long SLOW_NANOS = Duration.ofMillis(5).toNanos();

    static final long FIRST_REST_NANOS = Duration.ofSeconds(30).toNanos();
    static final long LONGEST_REST_NANOS = Duration.ofMinutes(30).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(Probes.class);

    private final Probe probe;
    private final Column[] columns;
    private final long everyNanos;
    private int strikes;
    private long restNanos = FIRST_REST_NANOS;
    private boolean off;
    private boolean read;
    private long nextNanos;
    private @Nullable String reason;

    Circuit(Probe probe) {
        this.probe = probe;
        this.columns = probe.columns();
        this.everyNanos = probe.everyNanos();
    }

    /** Reads the probe if it is due; its columns are unknown when it failed or is off. */
    @SuppressWarnings("CatchingUnchecked") // beans of the JVM throw what they like, and none of it may end the rest
    void read(Clock clock, long[] row) {
        long begin = clock.nanos();
        if (off && begin - nextNanos < 0) {
            return;
        }
        if (!off && read && everyNanos > 0 && begin - nextNanos < 0) {
            return;
        }
        try {
            probe.read(row);
            read = true;
            nextNanos = begin + everyNanos;
            long took = clock.nanos() - begin;
            if (took > SLOW_NANOS) {
                strike(begin, row, "took " + took / 1_000 + " us, more than " + SLOW_NANOS / 1_000, false);
            } else {
                worked();
            }
        } catch (Exception | LinkageError failed) {
            strike(begin, row, failed.toString(), true);
        }
    }

    private void worked() {
        if (off) {
            LOG.info("memory probe={} works again", probe.name());
        }
        off = false;
        strikes = 0;
        restNanos = FIRST_REST_NANOS;
        reason = null;
    }

    private void strike(long now, long[] row, String why, boolean failed) {
        strikes++;
        reason = why;
        if (failed) {
            forget(row);
        }
        if (off || strikes >= FAILURES) {
            forget(row);
            if (off) {
                restNanos = Math.min(restNanos * 2, LONGEST_REST_NANOS);
            } else {
                LOG.warn(
                        "memory probe={} is off after {} readings in a row: {}; its numbers are unknown, it is tried"
                                + " again in {} s",
                        probe.name(),
                        strikes,
                        why,
                        restNanos / 1_000_000_000);
            }
            off = true;
            nextNanos = now + restNanos;
        }
    }

    void forget(long[] row) {
        read = false;
        for (Column column : columns) {
            row[column.index()] = Column.UNKNOWN;
        }
    }

    ProbeState state() {
        return new ProbeState(probe.name(), !off, strikes, reason);
    }

    void close() {
        try {
            probe.close();
        } catch (IOException gone) {
            LOG.debug("memory probe={} was not closed: {}", probe.name(), gone.toString());
        }
    }
}
