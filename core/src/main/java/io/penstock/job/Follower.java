package io.penstock.job;

/**
 * One who hears what a job emits while it runs, piece by piece.
 *
 * <p>Threads: called by those of the connection, one call at a time and in order; it must be quick and must not wait. One that
 * cannot keep up closes, and follows again from the last {@link Place} it has.
 */
public interface Follower {
    /**
     * Hears a piece. One of another run than the last says that the job has begun anew: it was tried again, or goes on after a
     * sleep.
     */
    void piece(Place place, String text);

    /**
     * Learns that pieces of a run, the first and the last of them included, are not kept any more: it came too late, or was
     * cut off for too long. The next piece is the one behind them.
     */
    default void missed(long run, long first, long last) {}

    /** Learns how the job ended, or that the time is over; the last call. */
    void ended(Awaited end);
}
