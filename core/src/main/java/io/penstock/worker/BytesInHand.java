package io.penstock.worker;

/**
 * The bytes of jobs and results that a worker holds, within its own limit and what its {@link Admission} grants.
 *
 * <p>A take always gets its first job, however large, so a grant can be overdrawn; the overdraft is paid off by the next
 * releases, and the admission never gets back more than it granted.
 *
 * <p>Threads: safe; called once a batch, never once a job.
 */
final class BytesInHand {
    private final long most;
    private final Admission admission;
    private long held;
    private long overdraft;

    BytesInHand(long most, Admission admission) {
        this.most = most;
        this.admission = admission;
    }

    /** Asks for bytes for one take; 0 = none now. */
    synchronized long ask() {
        long wanted = most - held;
        if (wanted <= 0) {
            return 0;
        }
        long granted = Math.min(wanted, admission.admit(wanted));
        if (granted <= 0) {
            return 0;
        }
        held += granted;
        return granted;
    }

    /** Settles a take: so much was granted, so much came. */
    synchronized void took(long granted, long came) {
        held += came - granted;
        if (came < granted) {
            giveBack(granted - came);
        } else {
            overdraft += came - granted;
        }
    }

    /** Counts a result that waits to be sent; the admission is not asked, the run was granted already. */
    synchronized void add(long bytes) {
        held += bytes;
    }

    /** Gives back what ended: so many bytes of records, and so many of results. */
    synchronized void gone(long records, long results) {
        held -= records + results;
        long paid = Math.min(overdraft, records);
        overdraft -= paid;
        giveBack(records - paid);
    }

    private void giveBack(long bytes) {
        if (bytes > 0) {
            admission.release(bytes);
        }
    }

    Admission admission() {
        return admission;
    }

    synchronized long held() {
        return held;
    }
}
