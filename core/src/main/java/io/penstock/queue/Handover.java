package io.penstock.queue;

import io.penstock.job.Enqueued.Refused;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Unique;
import io.penstock.memory.admission.Pressure;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Adds batches of jobs to one queue so that each batch is added once, whoever dies when.
 *
 * <p>A relay draws a ticket for a batch and writes it down where it keeps the jobs; then it adds the batch under the ticket;
 * then it forgets jobs and ticket together. Whoever finds a ticket that was left behind asks {@link #settle}: either the
 * batch is in, or it is not and never will be, not even by a call that is still on its way or by a relay that wakes up after
 * an hour, and the jobs may go into a new batch. So a batch is never sent twice, and nothing has to be remembered per job.
 *
 * <p>A ticket is a range of serials in a block that the relay reserved, which add.lua marks as used up to a serial in the
 * step that adds the jobs. The mark lives in a key of the relay's own for {@link #REMEMBERED} after the relay's last sign of
 * life, out of reach of what tidies the marks of other producers. If Redis lost the mark (its data with it), the batch
 * counts as not in: a job is then rather run twice than lost.
 *
 * <p>Threads: one at a time. Time: drawing waits for Redis once in {@value JobId#BLOCK} jobs.
 */
public final class Handover {
    /** How long a ticket that was left behind can be settled for certain. */
    public static final Duration REMEMBERED = Duration.ofDays(30);

    /** Bytes of a batch: see Enqueuer. */
    private static final long MAX_CALL_BYTES = 256 << 10;

    private static final long RENEW_NANOS = Duration.ofDays(1).toNanos();

    private final QueueStore store;
    private final String nonce =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    private final byte[] marks;
    private String block = "";
    private String previous = "";
    private int place = JobId.BLOCK;
    private int unsettled;
    private long renewedNanos;

    /**
     * What became of a batch.
     *
     * @param accepted jobs that are in
     * @param duplicates jobs whose unique key another one holds
     * @param refused why none of them is in, null if they are
     * @param fits how many of them would have been let in, if that is why
     */
    public record Answer(
            int accepted, int duplicates, @Nullable Refused refused, int fits) {}

    /** For the queue behind this; holds nothing that must be closed, but see {@link #retire}. */
    public Handover(Queue queue) {
        this.store = queue.store();
        this.marks = store.keys().relayMarks(nonce);
    }

    /**
     * Tells how many of these jobs, from the first, may go as one batch that keeps their order; 0 = the first one replaces
     * others (debounce, keep-last) and must be enqueued by itself, which does no harm when it is done twice.
     */
    public static int reach(List<JobSpec> specs) {
        boolean special = false;
        long bytes = 0;
        int most = Math.min(specs.size(), QueueStore.MAX_BATCH);
        for (int i = 0; i < most; i++) {
            JobSpec spec = specs.get(i);
            JobOptions options = spec.options();
            Unique unique = options.unique();
            boolean last = unique != null && unique.mode().replaces();
            boolean plain = AddCall.plain(options);
            bytes += spec.payload().length;
            // a call adds its plain jobs before all others
            if (last || plain && special || i > 0 && bytes > MAX_CALL_BYTES) {
                return i;
            }
            special |= !plain;
        }
        return most;
    }

    /** Says why a job will be refused as long as the queue's settings stay; null = it will not. */
    public @Nullable Refused fault(JobSpec spec) {
        int limit = store.settings().now().maxPayloadBytes();
        return spec.payload().length > limit ? Refusals.tooLarge(spec, limit) : null;
    }

    /**
     * Draws a ticket for a batch of so many jobs; {@link #done} ends it. One at a time is open, or each has a block of its own.
     *
     * @throws RedisException if a block was needed and could not be had
     */
    public String ticket(int jobs) {
        Redis redis = store.redis();
        // behind an open ticket's serials there must be none that are used: its block's mark would say that it is in
        if (place + jobs > JobId.BLOCK || unsettled > 0) {
            long number = (Long) redis.await(redis.eval(
                            Scripts.RESERVE,
                            new Call(128)
                                    .key(store.keys().blocks)
                                    .key(marks)
                                    .arg(nonce)
                                    .arg(1)))
                    .get(0);
            previous = unsettled == 0 ? block : "";
            block = JobId.block(number);
            place = 0;
            renewedNanos = store.clock().nanos() - RENEW_NANOS;
        }
        if (store.clock().nanos() - renewedNanos >= RENEW_NANOS) {
            redis.await(redis.command("PEXPIRE", new Call(64).key(marks).arg(REMEMBERED.toMillis())));
            renewedNanos = store.clock().nanos();
        }
        String ticket = nonce + "." + block + "." + place + "." + jobs;
        place += jobs;
        unsettled++;
        return ticket;
    }

    /**
     * Adds a batch under its ticket, all or none. If the stage fails, whether it is in is not known: {@link #settle} says.
     * What comes back without jobs added will not be in later either, and the ticket is of no more use.
     */
    public CompletionStage<Answer> add(String ticket, List<JobSpec> specs) {
        Pressure pressure = store.pressure();
        if (pressure != null) {
            return CompletableFuture.completedFuture(refused(Refusals.pressure(specs.get(0), pressure)));
        }
        String[] part = ticket.split("\\.", -1);
        String in = part[1];
        List<Enqueuer.Entry> batch = new ArrayList<>(specs.size());
        specs.forEach(spec -> batch.add(new Told(spec)));
        String before = in.equals(block) ? previous : "";
        AddCall call = new AddCall(store, batch, in, before, Integer.parseInt(part[2]), nonce).markedAt(marks);
        CompletionStage<List<Object>> sent = store.redis().eval(call.script(), call.build());
        if (call.ready()) {
            store.hints().seen(in);
            store.arrivals().sent(in);
        }
        return sent.handle((reply, error) -> answer(in, batch, call, reply, error));
    }

    private Answer answer(
            String in,
            List<Enqueuer.Entry> batch,
            AddCall call,
            @Nullable List<Object> reply,
            @Nullable Throwable error) {
        if (reply == null) {
            RedisException failure = Redis.unwrapped(error == null ? new IllegalStateException("no reply") : error);
            if (failure instanceof RedisException.Full) {
                return refused(Refusals.of(store.queue(), failure)); // refused before the first write
            }
            throw failure;
        }
        switch (Redis.text(reply.get(0))) {
            case "ok" -> {
                previous = "";
                call.soonest().ifPresent(store::delayed);
                if (call.ready()) {
                    store.hints().seen(in);
                    store.arrivals().arrived();
                }
                call.tell(reply, (entry, holder) -> entry.duplicate(holder, false));
                int accepted = (int)
                        batch.stream().filter(entry -> ((Told) entry).accepted).count();
                return new Answer(accepted, batch.size() - accepted, null, 0);
            }
            case "taken" -> {
                place = JobId.BLOCK;
                return refused(Refusals.settled(store.queue()));
            }
            case "draining" -> {
                return refused(Refusals.draining(store.queue()));
            }
            case "bytes" -> {
                int fits = call.fits((Long) reply.get(1), true);
                long size = batch.get(0).spec.payload().length;
                return new Answer(
                        0,
                        0,
                        Refusals.bytes(store.queue(), store.settings().now().maxBytes(), size),
                        fits);
            }
            default -> {
                int fits = call.fits((Long) reply.get(1), false);
                return new Answer(
                        0,
                        0,
                        Refusals.full(store.queue(), store.settings().now().maxJobs()),
                        fits);
            }
        }
    }

    private static Answer refused(Refused why) {
        return new Answer(0, 0, why, 0);
    }

    /** The ticket was forgotten, with its jobs or because they are not in: nobody will ask for it. */
    public void done() {
        unsettled = Math.max(0, unsettled - 1);
    }

    /** Tells whether the batch of this ticket, of whatever relay, is in; if not, it never will be. */
    public CompletionStage<Boolean> settle(String ticket) {
        String[] part = ticket.split("\\.", -1);
        if (part.length != 4) {
            return CompletableFuture.completedFuture(false); // of a job that was to be enqueued by itself
        }
        if (part[1].equals(block) && part[0].equals(nonce)) {
            place = JobId.BLOCK; // if it is not in, the block is gone
        }
        int last = Integer.parseInt(part[2]) + Integer.parseInt(part[3]) - 1;
        Call call = new Call(128).key(store.keys().relayMarks(part[0]));
        call.arg(part[1]).arg(part[0]).arg(JobId.serial(part[1], last));
        return store.redis().eval(Scripts.SETTLE, call).thenApply(reply -> (Long) reply.get(0) == 1);
    }

    /** Takes the relay's marks away, unless a ticket of it was left behind; it draws a new block if it goes on. */
    public CompletionStage<Boolean> retire() {
        place = JobId.BLOCK;
        if (unsettled > 0 || block.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        return store.redis()
                .command("DEL", new Call(64).key(marks))
                .thenApply(reply -> true)
                .exceptionally(away -> false); // it expires
    }

    /** One job of a batch; remembers what it was told. */
    private static final class Told extends Enqueuer.Entry {
        boolean accepted;

        Told(JobSpec spec) {
            super(spec);
        }

        @Override
        void accepted(String serial) {
            accepted = true;
        }

        @Override
        void duplicate(String holder, boolean replaced) {
            accepted = false;
        }

        @Override
        void refused(Refused why) {
            accepted = false;
        }
    }
}
