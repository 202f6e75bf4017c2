package io.penstock.queue;

import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.Unique;
import io.penstock.memory.admission.Pressure;
import io.penstock.payload.PayloadException;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Brings jobs to Redis: callers that come while a call is under way share the next one (group commit).
 *
 * <p>There are {@value #LANES} lanes. A lane has one call outstanding and writes into a block of serials of its own, so
 * that serials of a block reach Redis in order; add.lua remembers the last one, which makes sending again harmless. The
 * caller's thread starts an idle lane; afterwards the thread of the connection keeps lanes going while jobs are pending,
 * so no thread of ours waits for producers. With one caller a job costs one round trip; with 200 they share calls.
 *
 * <p>Bound: {@value #MAX_PENDING} jobs and {@value #MAX_PENDING_BYTES} bytes not sent yet; beyond it jobs are refused
 * with BUFFER_FULL. Threads: safe.
 */
final class Enqueuer {
    /** Two keep Redis busy while a reply is read; more make calls smaller (measured in bench/). */
    private static final int LANES = 2;

    static final int MAX_PENDING = 20_000;
    static final long MAX_PENDING_BYTES = 16 << 20;

    /** Payload bytes of one call: what a script may touch without stalling Redis for a millisecond. */
    private static final long MAX_CALL_BYTES = 256 << 10;

    /** How often a batch is cut to what still fits before all of it is refused. */
    private static final int MAX_CUTS = 3;

    private final QueueStore store;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Entry> pending = new ArrayDeque<>();
    private final ArrayDeque<Lane> idle = new ArrayDeque<>();
    private long pendingBytes;

    /** One job on its way, and whom to tell; told exactly once, on the caller's or the connection's thread. */
    abstract static class Entry {
        JobSpec spec;
        final String flow;
        final boolean blocked;
        int replaceTries;
        boolean again;

        Entry(JobSpec spec) {
            this(spec, "", false);
        }

        /** @param flow place in a flow or batch, or "" */
        Entry(JobSpec spec, String flow, boolean blocked) {
            this.spec = spec;
            this.flow = flow;
            this.blocked = blocked;
        }

        /** Its record when it is ready at this time. */
        byte[] record(long nowMillis, long readyMillis) {
            return StoredJob.encode(spec, nowMillis, readyMillis, flow, blocked);
        }

        /** What at most one job may hold. */
        @Nullable
        Unique unique() {
            return spec.options().unique();
        }

        abstract void accepted(String serial);

        abstract void duplicate(String holder, boolean replaced);

        abstract void refused(Enqueued.Refused why);

        /** Called when the entry is drawn; false if its caller has gone away and it must not be sent. */
        boolean wanted() {
            return true;
        }
    }

    Enqueuer(QueueStore store) {
        this.store = store;
        for (int i = 0; i < LANES; i++) {
            idle.add(new Lane());
        }
    }

    void add(Entry entry) {
        Pressure pressure = store.pressure();
        if (pressure != null) {
            entry.refused(Refusals.pressure(entry.spec, pressure));
            return;
        }
        try {
            entry.spec = Seal.seal(store, entry.spec);
        } catch (PayloadException closed) {
            entry.refused(Seal.refused(store.queue(), closed));
            return;
        }
        int size = entry.spec.payload().length;
        int limit = store.settings().now().maxPayloadBytes();
        if (size > limit) {
            entry.refused(Refusals.tooLarge(entry.spec, limit));
            return;
        }
        Lane lane = null;
        boolean full;
        lock.lock();
        try {
            full = pending.size() >= MAX_PENDING || pendingBytes + size > MAX_PENDING_BYTES;
            if (!full) {
                pending.add(entry);
                pendingBytes += size;
                lane = idle.poll();
            }
        } finally {
            lock.unlock();
        }
        if (full) {
            entry.refused(Refusals.bufferFull(store.queue(), MAX_PENDING, MAX_PENDING_BYTES));
        } else if (lane != null) {
            lane.run();
        }
    }

    /** Draws what one call of this lane may carry; the lane goes idle, under the same lock, when there is nothing. */
    private List<Entry> draw(Lane lane, int most) {
        lock.lock();
        try {
            List<Entry> batch = new ArrayList<>(Math.min(most, pending.size()));
            long bytes = 0;
            while (batch.size() < most && !pending.isEmpty()) {
                int size = pending.peek().spec.payload().length;
                if (!batch.isEmpty() && bytes + size > MAX_CALL_BYTES) {
                    break;
                }
                Entry entry = pending.remove();
                pendingBytes -= size;
                if (entry.wanted()) {
                    batch.add(entry);
                    bytes += size;
                }
            }
            if (batch.isEmpty()) {
                idle.add(lane);
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void putBack(List<Entry> batch) {
        lock.lock();
        try {
            for (int i = batch.size() - 1; i >= 0; i--) {
                pending.addFirst(batch.get(i));
                pendingBytes += batch.get(i).spec.payload().length;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A block of serials and at most one call on its way. */
    private final class Lane {
        /** Blocks reserved ahead at most, once a lane uses one up in less than this. */
        private static final long QUICK_NANOS = 250_000_000;

        private static final int MOST_BLOCKS = 16;

        private final String nonce =
                HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        private String block = "";
        private String previous = "";
        private int place = JobId.BLOCK;
        private long nextBlock;
        private int blocksLeft;
        private int reserve = 1;
        private long reservedNanos;

        void run() {
            if (place == JobId.BLOCK) {
                open();
                return;
            }
            List<Entry> batch = draw(this, Math.min(QueueStore.MAX_BATCH, JobId.BLOCK - place));
            if (!batch.isEmpty()) {
                send(batch, 0);
            }
        }

        private void open() {
            if (blocksLeft > 0) {
                blocksLeft--;
                begin(nextBlock++);
                run();
                return;
            }
            long now = store.clock().nanos();
            reserve = now - reservedNanos < QUICK_NANOS ? Math.min(MOST_BLOCKS, reserve * 2) : 1;
            reservedNanos = now;
            int many = reserve;
            Call call = new Call(128).key(store.keys().blocks).key(store.keys().marks);
            store.redis().eval(Scripts.RESERVE, call.arg(nonce).arg(many)).whenComplete((reply, error) -> {
                if (error == null) {
                    long last = (Long) reply.get(0);
                    nextBlock = last - many + 1;
                    blocksLeft = many - 1;
                    begin(nextBlock++);
                    run();
                } else {
                    refuse(draw(this, QueueStore.MAX_BATCH), error);
                }
            });
        }

        private void begin(long number) {
            previous = block;
            block = JobId.block(number);
            place = 0;
        }

        private void refuse(List<Entry> batch, Throwable error) {
            Enqueued.Refused why = Refusals.of(store.queue(), Redis.unwrapped(error));
            batch.forEach(entry -> entry.refused(why));
            if (!batch.isEmpty()) {
                run();
            }
        }

        private void send(List<Entry> batch, int cuts) {
            AddCall call = new AddCall(store, batch, block, previous, place, nonce);
            CompletionStage<List<Object>> answer = store.redis().eval(call.script(), call.build());
            if (call.ready()) {
                store.hints().seen(block);
                store.arrivals().sent(block);
            }
            answer.whenComplete((reply, error) -> {
                if (error != null) {
                    // Whether it was done is not known, so its serials must not be used for anything else.
                    place = JobId.BLOCK;
                    refuse(batch, error);
                    return;
                }
                switch (Redis.text(reply.get(0))) {
                    case "ok" -> {
                        place += batch.size();
                        previous = "";
                        store.hints().seen(block);
                        call.soonest().ifPresent(store::delayed);
                        if (call.ready()) {
                            store.arrivals().arrived();
                        }
                        call.tell(reply, Enqueuer.this::replace);
                        run();
                    }
                    case "taken" -> {
                        // A failover or a crash of Redis forgot that this block was given out, and gave it out again.
                        block = previous;
                        place = JobId.BLOCK;
                        blocksLeft = 0;
                        putBack(batch);
                        run();
                    }
                    case "draining" -> {
                        batch.forEach(entry -> entry.refused(Refusals.draining(store.queue())));
                        run();
                    }
                    default -> cut(batch, call, reply, cuts);
                }
            });
        }

        /** The queue's limit lets only the first part of the batch in. */
        private void cut(List<Entry> batch, AddCall call, List<Object> reply, int cuts) {
            boolean byBytes = Redis.text(reply.get(0)).equals("bytes");
            int fit = cuts == MAX_CUTS ? 0 : call.fits((Long) reply.get(1), byBytes);
            QueueSettings s = store.settings().now();
            for (Entry entry : batch.subList(fit, batch.size())) {
                entry.refused(
                        byBytes
                                ? Refusals.bytes(store.queue(), s.maxBytes(), entry.spec.payload().length)
                                : Refusals.full(store.queue(), s.maxJobs()));
            }
            if (fit > 0) {
                send(batch.subList(0, fit), cuts + 1);
            } else {
                run();
            }
        }
    }

    /** Gives the holder of the entry's key the entry's payload; if the holder has gone meanwhile, adds anew. */
    private void replace(Entry entry, String holder) {
        Replacement.of(store, entry.spec, holder).whenComplete((done, error) -> {
            if (error != null) {
                entry.refused(Refusals.of(store.queue(), Redis.unwrapped(error)));
            } else if (done) {
                entry.duplicate(holder, true);
            } else if (entry.replaceTries++ < MAX_CUTS) {
                add(entry);
            } else {
                entry.duplicate(holder, false);
            }
        });
    }

    /** One job whose caller waits for the answer. */
    static class Waiting extends Entry {
        private static final int SENT = 1;
        private static final int GONE = 2;

        final CompletableFuture<Enqueued> answer = new CompletableFuture<>();
        private final AtomicInteger state = new AtomicInteger();

        Waiting(JobSpec spec) {
            super(spec);
        }

        Waiting(JobSpec spec, String flow, boolean blocked) {
            super(spec, flow, blocked);
        }

        @Override
        boolean wanted() {
            return state.getAndSet(SENT) != GONE;
        }

        /** The caller stops waiting; true if the job was not sent and never will be. */
        boolean abandon() {
            return state.compareAndSet(0, GONE);
        }

        @Override
        void accepted(String serial) {
            answer.complete(new Enqueued.Accepted(new JobId(spec.queue(), serial)));
        }

        @Override
        void duplicate(String holder, boolean replaced) {
            answer.complete(new Enqueued.Duplicate(new JobId(spec.queue(), holder), replaced, again));
        }

        @Override
        void refused(Enqueued.Refused why) {
            answer.complete(why);
        }
    }
}
