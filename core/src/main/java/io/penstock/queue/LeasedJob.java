package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.payload.PayloadCodec;
import io.penstock.payload.Sealed;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A job in the hands of a worker: its record and the lease that it is held by.
 *
 * <p>The payload is a part of the record, not a copy. Threads: immutable but for the mark that extras were written.
 */
public final class LeasedJob {
    /** More pieces than 64 KiB of log can have. */
    private static final long NOTES_A_RUN = 1 << 20;

    /** Times that a job may take its worker down before it is a dead letter with reason {@code poison}. */
    public static final int MAX_CRASHES = 3;

    private final JobId id;
    private final Lease lease;
    private final StoredJob stored;
    private final int crashes;
    private final AtomicBoolean wroteExtras = new AtomicBoolean();
    private int notes; // guarded by this
    private PayloadCodec codec = PayloadCodec.PLAIN;

    LeasedJob(JobId id, Lease lease, StoredJob stored, int crashes) {
        this.id = id;
        this.lease = lease;
        this.stored = stored;
        this.crashes = crashes;
    }

    /** Says what opens the payload; before anybody else has the job. */
    LeasedJob opensWith(PayloadCodec opener) {
        codec = opener;
        return this;
    }

    /** Returns the job's id. */
    public JobId id() {
        return id;
    }

    /** Returns the job's type, as its producer named it. */
    public String type() {
        return stored.type;
    }

    /** Returns the lease under which it runs. */
    public Lease lease() {
        return lease;
    }

    /** Returns the record; not to be changed. */
    public byte[] record() {
        return stored.record;
    }

    /** Returns where the payload begins in the record. */
    public int payloadOffset() {
        return stored.payloadOffset;
    }

    /** Returns the payload's length in bytes. */
    public int payloadLength() {
        return stored.payloadLength();
    }

    /** Returns how the payload in the record was sealed; empty = it is plain JSON. */
    public String encoding() {
        return stored.encoding();
    }

    /**
     * Returns a copy of the payload, opened: JSON text in UTF-8. Time: a sealed one may have to be fetched.
     *
     * @throws io.penstock.payload.PayloadException if it cannot be opened here
     */
    public byte[] payload() {
        byte[] stands = Arrays.copyOfRange(stored.record, stored.payloadOffset, stored.record.length);
        return stored.encoding().isEmpty()
                ? stands
                : codec.open(new Sealed(stored.encoding(), stands), Seal.bound(id.queue(), stored.type));
    }

    byte[] sealStep(String name, byte[] json) {
        return codec.sealValue(json, Seal.step(id, name));
    }

    /**
     * Opens the result of a step as {@link QueueStore#steps} read it.
     *
     * @throws io.penstock.payload.PayloadException if it cannot be opened here, as all of these
     */
    public byte[] openStep(String name, byte[] stored) {
        return codec.openValue(stored, Seal.step(id, name));
    }

    /** Opens the value of a signal as {@link QueueStore#awaitSignal} found it. */
    public byte[] openSignal(String name, byte[] stored) {
        return codec.openValue(stored, Seal.signal(id, name));
    }

    /** Makes its result ready to be stored, for an {@link Ending}. */
    public byte[] sealResult(byte[] json) {
        return codec.sealValue(json, Seal.result(id));
    }

    /** Opens the result of a job that this one needs, as it is stored. */
    public byte[] openResult(JobId child, byte[] stored) {
        return codec.openValue(stored, Seal.result(child));
    }

    /** Returns what the producer said about the job. */
    public JobOptions options() {
        return stored.options();
    }

    /** Returns the number of this run, from 1; runs that did not count (snoozed, handed back) have no number. */
    public int attempt() {
        return stored.attempts + 1;
    }

    /** Returns how often a worker got the job, this time included. */
    public int deliveries() {
        return stored.attempts + stored.snoozes + crashes + 1;
    }

    /** Returns how often a worker died while it held the job. */
    public int crashes() {
        return crashes;
    }

    /** Returns how often the job was put off without being charged. */
    public int snoozes() {
        return stored.snoozes;
    }

    /** Tells whether one more crash makes the job poison; such jobs run one at a time, so that none is blamed for another. */
    public boolean lastLife() {
        return crashes >= MAX_CRASHES - 1;
    }

    /** Returns the bytes of the record. */
    public int size() {
        return stored.record.length;
    }

    /** Returns when the job was added, in epoch millis. */
    public long createdMillis() {
        return stored.createdMillis;
    }

    /** Returns when the job became ready to run, in epoch millis by its producer's clock. */
    public long readyMillis() {
        return stored.readyMillis;
    }

    /** Tells whether steps, progress, logs or failed attempts of the job may be in Redis. */
    public boolean hasExtras() {
        return stored.extras || wroteExtras.get();
    }

    /**
     * Numbers what the run reports, so that a report that is sent again counts once; also above all numbers of earlier
     * runs, because the same worker may run the job again.
     */
    synchronized long nextNote() {
        return deliveries() * NOTES_A_RUN + ++notes;
    }

    void extrasWritten() {
        wroteExtras.setPlain(true);
    }

    /** Returns its place in a flow or batch; null = it is in none. */
    public @Nullable FlowPlace flow() {
        return FlowPlace.of(stored.flow());
    }

    StoredJob stored() {
        return stored;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return id + "#" + attempt();
    }
}
