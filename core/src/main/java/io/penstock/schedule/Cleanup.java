package io.penstock.schedule;

import io.penstock.job.Names;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueStats;
import io.penstock.queue.QueueStore;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Once a day, forgets in every queue of this Redis the ended jobs whose time is over, and tells what that freed.
 *
 * <p>Queues that a process serves are pruned all the time; this finds those that nobody serves, and looks through the whole
 * of each set of dead letters, of which the {@link Pruner} looks at a part a round. It goes slice by slice, each as large
 * as the pruner's, so that Redis is never held for longer. Each process of one Redis has a clean-up, and the first to come
 * claims the day in Redis; one that dies half way leaves the rest to the next day.
 *
 * <p>Threads: one while it runs. Bound: the last {@value #MOST_REPORTS} reports of this process, of {@value #MOST_STEPS} steps
 * each: 600 KB at most; {@value #MOST_CHORES} chores of the program.
 */
public final class Cleanup extends Service {
    static final int MOST_REPORTS = 31;
    static final int MOST_STEPS = 100;
    static final int MOST_CHORES = 20;

    /** The wall clock is looked at this often, because it may jump and a machine may sleep. */
    private static final Duration LOOK = Duration.ofMinutes(1);

    /** A claim outlives every time zone's idea of the same date, and then goes by itself. */
    private static final Duration CLAIM = Duration.ofDays(2);

    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    private final Timer timer;
    private final Threads threads;
    private final Redis redis;
    private final Supplier<Set<String>> names;
    private final Function<String, Queue> queues;
    private final ZoneId zone;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicLong runs = new AtomicLong();
    private final Deque<CleanupReport> reports = new ArrayDeque<>(); // guarded by itself
    private final Map<String, Chore> chores = new ConcurrentSkipListMap<>();
    private final Outage outage;
    private volatile @Nullable LocalTime at = LocalTime.of(3, 30); // when most have the least to do
    private volatile @Nullable Task task;
    private volatile @Nullable Thread runner;
    private long lookedMillis; // the timer's

    /** A clean-up of all queues with these names, at 03:30 of this machine's zone; {@link #start} starts it. */
    public Cleanup(
            Timer timer, Threads threads, Redis redis, Supplier<Set<String>> names, Function<String, Queue> queues) {
        this.timer = timer;
        this.threads = threads;
        this.redis = redis;
        this.names = names;
        this.queues = queues;
        this.zone = ZoneId.systemDefault();
        this.outage = new Outage(LOG, timer.clock(), "cleanup");
    }

    /** A program's own part of the clean-up, such as rows of its database whose time is over. */
    @FunctionalInterface
    public interface Chore {
        /** Forgets what is over, in slices; ends early when interrupted. Returns how many things went. */
        long forget() throws Exception;
    }

    /**
     * Does this too, after the queues, and tells it in the same report; one of that name is replaced.
     *
     * @param name 1 to 100 characters of {@link io.penstock.job.Names}
     * @throws IllegalStateException if there are {@value #MOST_CHORES} others
     */
    public void contribute(String name, Chore chore) {
        Names.check("chore", name);
        if (chores.size() >= MOST_CHORES && !chores.containsKey(name)) {
            throw new IllegalStateException("chore " + name + " was not added: there are " + chores.size()
                    + " of at most " + MOST_CHORES + "; nothing was changed; do several things in one");
        }
        chores.put(name, chore);
    }

    /** Sets the time of day; null = only by hand. At once. */
    public void at(@Nullable LocalTime time) {
        at = time;
    }

    /** Starts a run by hand, on a thread of its own; false = one is running. */
    public boolean runNow() {
        return begin("manual", null);
    }

    /** Tells whether one is running in this process. */
    public boolean busy() {
        return busy.get();
    }

    /** Returns the last reports of this process, the newest first. */
    public List<CleanupReport> reports() {
        synchronized (reports) {
            return List.copyOf(reports);
        }
    }

    @Override
    protected void onStart() {
        lookedMillis = timer.clock().millis();
        task = timer.every("cleanup", LOOK, this::look);
    }

    @Override
    protected void onStop() {
        Task looking = task;
        if (looking != null) {
            looking.close();
        }
        Thread running = runner;
        if (running != null) {
            running.interrupt();
            Threads.join(running);
        }
    }

    /** Begins if the time of day has passed since the last look. */
    private void look() {
        long now = timer.clock().millis();
        LocalTime time = at;
        if (time != null) {
            ZonedDateTime due = next(time, lookedMillis);
            if (due.toInstant().toEpochMilli() <= now) {
                begin("daily", due.toLocalDate().toString());
            }
        }
        lookedMillis = now;
    }

    /** The first such time after this instant; a time that a clock change leaves out comes as much later as it leaves out. */
    private ZonedDateTime next(LocalTime time, long afterMillis) {
        ZonedDateTime after = Instant.ofEpochMilli(afterMillis).atZone(zone);
        ZonedDateTime today = after.with(time);
        return today.isAfter(after) ? today : after.plusDays(1).with(time);
    }

    private boolean begin(String reason, @Nullable String day) {
        if (!busy.compareAndSet(false, true)) {
            return false;
        }
        try {
            runner = threads.start("cleanup", () -> {
                try {
                    if (day == null || claimed(day)) {
                        keep(clean(reason));
                    }
                    outage.worked();
                } catch (RuntimeException failed) {
                    outage.failed(failed);
                } finally {
                    runner = null;
                    busy.set(false);
                }
            });
            return true;
        } catch (RuntimeException noThread) {
            busy.set(false);
            throw noThread;
        }
    }

    /** True for the first process that comes on this day. */
    private boolean claimed(String day) {
        Call call = new Call(96)
                .key(Redis.utf8("pk:cleanup:" + day))
                .arg(Long.toString(ProcessHandle.current().pid()))
                .arg("NX")
                .arg("PX")
                .arg(CLAIM.toMillis());
        List<Object> answer = redis.await(redis.command("SET", call));
        return !answer.isEmpty() && answer.get(0) != null;
    }

    private CleanupReport clean(String reason) {
        Clock clock = timer.clock();
        Instant startedAt = Instant.ofEpochMilli(clock.millis());
        long began = clock.nanos();
        List<CleanupReport.Step> steps = new ArrayList<>();
        int looked = 0;
        long removed = 0;
        long freed = 0;
        boolean success = true;
        for (String name : names.get()) {
            if (Thread.currentThread().isInterrupted()) {
                success = false;
                break;
            }
            CleanupReport.Step step = step(name);
            looked++;
            removed += step.removed();
            freed += Math.max(0, step.freedBytes());
            success &= step.error() == null;
            if (steps.size() < MOST_STEPS && (step.removed() > 0 || step.error() != null)) {
                steps.add(step);
            }
        }
        for (Map.Entry<String, Chore> chore : chores.entrySet()) {
            CleanupReport.Step step = step(chore.getKey(), chore.getValue());
            removed += step.removed();
            success &= step.error() == null;
            steps.add(step);
        }
        return new CleanupReport(
                "cleanup-" + startedAt.toEpochMilli() + "-" + runs.incrementAndGet(),
                reason,
                startedAt,
                (clock.nanos() - began) / 1_000_000,
                looked,
                removed,
                freed,
                success,
                steps);
    }

    private CleanupReport.Step step(String name, Chore chore) {
        long began = timer.clock().nanos();
        long removed = 0;
        String error = null;
        try {
            removed = chore.forget();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            error = "interrupted";
        } catch (Exception failed) {
            error = String.valueOf(failed.getMessage());
            LOG.warn("cleanup={} failed; it is tried again at the next clean-up", name, failed);
        }
        return new CleanupReport.Step(name, removed, -1, (timer.clock().nanos() - began) / 1_000_000, error);
    }

    private CleanupReport.Step step(String name) {
        long began = timer.clock().nanos();
        long removed = 0;
        long freed = -1;
        String error = null;
        try {
            Queue queue = queues.apply(name);
            redis.await(
                    queue.store().refresh()); // else budgets of a queue that is not used here would be the usual ones
            QueueStats before = queue.stats();
            removed = prune(queue.store(), before);
            // what ended meanwhile is kept now and hides as much of what was forgotten
            freed = Math.max(0, before.keptBytes() - queue.stats().keptBytes());
        } catch (RuntimeException failed) {
            error = String.valueOf(failed.getMessage());
        }
        return new CleanupReport.Step(name, removed, freed, (timer.clock().nanos() - began) / 1_000_000, error);
    }

    /** Slice after slice until a walk over all that is kept has found nothing more. */
    private long prune(QueueStore store, QueueStats stats) {
        long kept = Math.max(
                stats.counts().completed(),
                Math.max(stats.counts().failed(), stats.counts().cancelled()));
        long walk = kept / QueueStore.PRUNE_LOOK + 2;
        long removed = 0;
        for (long idle = 0; idle < walk && !Thread.currentThread().isInterrupted(); ) {
            int slice = redis.await(store.prune(QueueStore.MAX_PRUNE));
            removed += slice;
            idle = slice == 0 ? idle + 1 : 0;
        }
        return removed;
    }

    private void keep(CleanupReport report) {
        synchronized (reports) {
            reports.addFirst(report);
            while (reports.size() > MOST_REPORTS) {
                reports.removeLast();
            }
        }
        LOG.info(
                "cleanup={} reason={} queues={} removed={} freedBytes={} millis={} success={}",
                report.id(),
                report.reason(),
                report.queues(),
                report.removed(),
                report.freedBytes(),
                report.durationMillis(),
                report.success());
    }
}
