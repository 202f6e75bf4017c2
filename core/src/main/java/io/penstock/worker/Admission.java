package io.penstock.worker;

/**
 * Says how many bytes of jobs a worker may take; what is granted is given back in full once the jobs have ended.
 *
 * <p>Threads: called from the take loop and from I/O threads; must not block.
 */
public interface Admission {
    /** Grants whatever is asked for: the worker's own limit on bytes in hand is then the only one. */
    Admission OPEN = wantedBytes -> wantedBytes;

    /**
     * Grants bytes for the next take.
     *
     * @param wantedBytes above 0
     * @return 0 (take nothing now, ask again in a while) to {@code wantedBytes}
     */
    long admit(long wantedBytes);

    /** Takes back bytes that were granted. */
    default void release(long bytes) {}
}
