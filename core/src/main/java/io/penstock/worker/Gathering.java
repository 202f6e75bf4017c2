package io.penstock.worker;

import io.penstock.memory.admission.Permit;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in hand that wait for others of their kind, to be run by one call of a handler.
 *
 * <p>A job that has its place under the load line is put to those of its type, lease and (if so configured) group; they go
 * to a slot when they are enough by number or bytes, or when the first has waited for its linger: one timer task tells
 * that. A job that was in hand at a crash goes alone, so that no neighbour is blamed for it.
 *
 * <p>Bound: {@value #MOST_OPEN} that are being gathered; one more lets the oldest go. The jobs are bounded by the take
 * loop, which takes up to {@value #MOST_AHEAD} more while some are wanted. Threads: safe; a monitor.
 */
final class Gathering implements AutoCloseable {
    private static final int MOST_OPEN = 64;

    /** Jobs beyond those that run which a worker may hold for what it gathers: twice what it takes ahead else. */
    private static final int MOST_AHEAD = 2 * Prefetch.MOST;

    private static final Duration REST = Duration.ofHours(1);

    private final Timer timer;
    private final Clock clock;
    private final String name;
    private final Handlers handlers;
    private final JobRunner runner;
    private volatile Runnable due = () -> {};
    private volatile Runnable more = () -> {};

    // guarded by this
    private final Map<Kin, Gather> open = new LinkedHashMap<>(); // the oldest first
    private final ArrayDeque<Gather> full = new ArrayDeque<>();
    private @Nullable Task task;
    private long taskNanos;
    private boolean closed;

    private volatile int waiting;
    private volatile int wanted;
    private volatile boolean hungry;
    private final AtomicInteger beside = new AtomicInteger(); // jobs that run in a slot beside the one it counts for

    /** What jobs of one chunk have in common. */
    private record Kin(
            Handlers.Chunked<?> how, Hold hold, @Nullable String group) {}

    private static final class Gather {
        final Kin kin;
        final long dueNanos;
        final long sinceNanos;
        final List<Run> runs = new ArrayList<>();
        long bytes;

        Gather(Kin kin, long nowNanos) {
            this.kin = kin;
            this.sinceNanos = nowNanos;
            this.dueNanos = nowNanos + kin.how.config().linger().toNanos();
        }
    }

    Gathering(Timer timer, String worker, Handlers handlers, JobRunner runner) {
        this.timer = timer;
        this.clock = timer.clock();
        this.name = "chunks " + worker;
        this.handlers = handlers;
        this.runner = runner;
    }

    /** Names who is told when a chunk is ready, and when more jobs would be welcome. */
    void tell(Runnable whenDue, Runnable forMore) {
        due = whenDue;
        more = forMore;
    }

    /** Whether this job is to be gathered; one read for a worker without chunks. */
    boolean takes(Run run) {
        return handlers.anyChunked() && handlers.chunked(run.job.type()) != null && !run.permit.impossible();
    }

    /** Puts a job to its kin, from where {@link #poll} brings it. */
    void add(Run run) {
        try {
            put(run);
        } catch (Throwable noMemory) { // nobody else knows this run
            run.end(Outcome.RELEASED);
            throw noMemory;
        }
    }

    private synchronized void put(Run run) {
        Handlers.Chunked<?> how = handlers.chunked(run.job.type());
        if (how == null) {
            throw new IllegalStateException("job " + run + " is of no chunked type; see takes");
        }
        long now = clock.nanos();
        ChunkConfig config = how.config();
        Kin kin = new Kin(how, run.hold, config.byGroup() ? run.job.options().group() : null);
        if (run.allowed || run.job.crashes() > 0) {
            Gather alone = new Gather(kin, now);
            alone.runs.add(run);
            full.add(alone);
            count(1);
            return;
        }
        Gather gather = open.get(kin);
        if (gather != null && gather.bytes + run.job.size() > config.bytes()) {
            release(gather);
            gather = null;
        }
        if (gather == null) {
            gather = new Gather(kin, now);
            open.put(kin, gather);
            measure();
            if (open.size() > MOST_OPEN) {
                release(open.values().iterator().next());
            }
            plan(gather, now);
        }
        gather.runs.add(run);
        gather.bytes += run.job.size();
        count(1);
        if (gather.runs.size() >= config.size() || gather.bytes >= config.bytes()) {
            release(gather);
        } else {
            hungry = true;
        }
    }

    /** It is enough. Called under the lock. */
    private void release(Gather gather) {
        open.remove(gather.kin);
        full.add(gather);
        measure();
    }

    /** Called under the lock. */
    @SuppressWarnings({"NonAtomicVolatileUpdate", "NonAtomicOperationOnVolatileField"}) // written under the lock
    private void count(int added) {
        waiting += added;
    }

    /** Called under the lock whenever one was opened or is open no more. */
    private void measure() {
        int room = 0;
        for (Gather gather : open.values()) {
            room += gather.kin.how.config().size();
        }
        wanted = Math.min(MOST_AHEAD, room);
    }

    private void plan(Gather gather, long now) {
        if (closed) {
            return;
        }
        if (task == null) {
            task = timer.every(name, REST, this::look);
            taskNanos = now + REST.toNanos();
        }
        if (gather.dueNanos - taskNanos < 0) {
            taskNanos = gather.dueNanos;
            task.reschedule(Duration.ofNanos(Math.max(0, gather.dueNanos - now)));
        }
    }

    /** On the timer: lets go what has waited long enough, and comes again for the next. */
    private void look() {
        boolean some;
        synchronized (this) {
            long now = clock.nanos();
            releaseDue(now);
            long next = now + REST.toNanos();
            for (Gather gather : open.values()) {
                next = Math.min(next, gather.dueNanos);
            }
            taskNanos = next;
            if (task != null) {
                task.reschedule(Duration.ofNanos(next - now));
            }
            some = !full.isEmpty();
        }
        if (some) {
            due.run();
        }
    }

    private void releaseDue(long now) {
        List<Gather> over = new ArrayList<>(0);
        for (Gather gather : open.values()) {
            if (now - gather.dueNanos >= 0) {
                over.add(gather);
            }
        }
        over.forEach(this::release);
    }

    /** Takes jobs that are enough, behind one that stands for them in a slot. */
    @Nullable
    Run poll() {
        if (waiting == 0) {
            return null;
        }
        synchronized (this) {
            if (full.isEmpty()) {
                releaseDue(clock.nanos());
            }
            Gather gather = full.poll();
            if (gather == null) {
                return null;
            }
            Run carrier = carrier(gather.kin.how, gather.runs);
            count(-gather.runs.size());
            return carrier;
        }
    }

    private <P> Run carrier(Handlers.Chunked<P> how, List<Run> runs) {
        Run first = runs.get(0);
        Run carrier = new Run(first.job, first.hold, Permit.FREE);
        int others = runs.size() - 1;
        carrier.chunk = new Chunk<>(carrier, how, runs, runner, () -> beside.addAndGet(-others));
        beside.addAndGet(others);
        return carrier;
    }

    /** Whether a slot has something to run here. */
    boolean ready() {
        if (waiting == 0) {
            return false;
        }
        synchronized (this) {
            return !full.isEmpty();
        }
    }

    /** Asks for more jobs if some were gathered since the last time and are not enough yet. */
    void askForMore() {
        if (hungry) {
            hungry = false;
            more.run();
        }
    }

    /** How many jobs a worker may hold beyond one for each slot. */
    int room() {
        return wanted + beside.get();
    }

    /** Takes away what waits here under this hold (null = any) and was begun before this time. */
    List<Run> withdraw(@Nullable Hold hold, long sinceNanos) {
        if (waiting == 0) {
            return List.of();
        }
        List<Run> out = new ArrayList<>();
        synchronized (this) {
            withdraw(open.values().iterator(), hold, sinceNanos, out);
            withdraw(full.iterator(), hold, sinceNanos, out);
            count(-out.size());
            measure();
        }
        return out;
    }

    private static void withdraw(Iterator<Gather> all, @Nullable Hold hold, long sinceNanos, List<Run> out) {
        while (all.hasNext()) {
            Gather gather = all.next();
            if ((hold == null || gather.kin.hold == hold) && gather.sinceNanos - sinceNanos <= 0) {
                out.addAll(gather.runs);
                all.remove();
            }
        }
    }

    int size() {
        return waiting;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (task != null) {
            task.close();
        }
    }
}
