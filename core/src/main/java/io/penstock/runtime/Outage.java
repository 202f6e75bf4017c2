package io.penstock.runtime;

import org.slf4j.Logger;

/**
 * Tells a log about something that keeps failing: one line when it begins, one when it ends, with its length.
 *
 * <p>Threads: safe.
 */
public final class Outage {
    private final Logger log;
    private final Clock clock;
    private final String what;

    private volatile long failures; // written under this
    private boolean told;
    private long sinceNanos;

    /** A fault whose begin and end somebody else logs, so that one outage is not told by everybody whom it stops. */
    public interface Told {
        /** Tells whether it is. */
        boolean told();
    }

    /** @param what what fails and of which queue, as the log line shall name it */
    public Outage(Logger log, Clock clock, String what) {
        this.log = log;
        this.clock = clock;
        this.what = what;
    }

    /** Notes a failure; the first one that nobody else tells of is logged with its cause. */
    public synchronized void failed(Throwable cause) {
        if (failures++ == 0) {
            sinceNanos = clock.nanos();
            told = false;
        }
        if (!told && !toldElsewhere(cause)) {
            told = true;
            // a stack says nothing about a Redis that is down, and everything about a fault of ours
            Throwable shown = cause.getClass().getName().startsWith("java.") ? cause : null;
            log.warn("{} failed: {}; it goes on as planned, further failures are only counted", what, cause, shown);
        }
    }

    private static boolean toldElsewhere(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof Told known) {
                return known.told();
            }
        }
        return false;
    }

    /** Notes a success; the first one after failures is logged with their number and length. */
    public void worked() {
        if (failures > 0) {
            ended();
        }
    }

    private synchronized void ended() {
        if (failures > 0) {
            long millis = (clock.nanos() - sinceNanos) / 1_000_000;
            if (told) {
                log.info("{} works again after failures={} over millis={}", what, failures, millis);
            } else {
                log.debug("{} works again after failures={} over millis={}", what, failures, millis);
            }
            failures = 0;
        }
    }

    /** Returns how often it has failed since it last worked. */
    public long failures() {
        return failures;
    }
}
