package io.penstock.worker;

import io.penstock.memory.admission.LoadLine;
import io.penstock.memory.admission.Permit;

/**
 * Says how many bytes of jobs a worker may take, and when each of them may run.
 *
 * <p>What is granted for takes is given back in full once the jobs have ended. Threads: called from the take loop, from
 * runners and from I/O threads; must not block.
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

    /** Makes the place under the line of one job that was taken; {@code granted} is called if it has to wait for it. */
    default Permit permit(Permit.Request job, Runnable granted) {
        return Permit.FREE;
    }

    /** Lets this line govern. */
    static Admission by(LoadLine line) {
        return new Admission() {
            @Override
            public long admit(long wantedBytes) {
                return line.admit(wantedBytes);
            }

            @Override
            public void release(long bytes) {
                line.release(bytes);
            }

            @Override
            public Permit permit(Permit.Request job, Runnable granted) {
                return line.permit(job, granted);
            }
        };
    }
}
