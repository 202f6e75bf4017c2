package io.penstock.queue;

/** A lease was reclaimed: its holder was silent for too long, and its jobs belong to others now. */
public final class LeaseLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LeaseLostException(Lease lease, Throwable rejection) {
        super(
                "lease " + lease + " is given up: Redis rejected its report for good (" + rejection.getMessage()
                        + "); its jobs run again when it has run out; mend the keys of the queue (fsck)",
                rejection);
    }

    LeaseLostException(Lease lease) {
        super("lease " + lease
                + " is lost: it was not renewed before its deadline and its jobs were handed on; what this"
                + " worker still runs of them does not count; join anew, and look for long pauses of the JVM or Redis");
    }
}
