package io.penstock.schedule;

import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.Names;
import io.penstock.queue.Queue;
import io.penstock.redis.Redis;
import io.penstock.runtime.Service;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.schedule.ScheduleStore.Change;
import io.penstock.schedule.ScheduleStore.Entry;
import io.penstock.schedule.ScheduleStore.Page;
import io.penstock.schedule.ScheduleStore.Written;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schedules of one Redis, shared by all its processes, each of which may start any run; see {@link Schedule} for what they
 * promise.
 *
 * <p>Threads: safe; methods wait for Redis, at most its timeout, and fail with {@link io.penstock.redis.RedisException}. Bound:
 * 20,000 schedules, the last 20 lines of history of each. Waiting schedules cost nothing but their bytes.
 */
public final class Schedules extends Service {
    /** Most schedules of one Redis. */
    public static final int MOST = ScheduleStore.MOST_SCHEDULES;

    /** Instants that are looked ahead at once. */
    public static final int MOST_PREVIEWED = 100;

    private static final int MOST_TRIES = 10;
    private static final int PAGE = 200;

    private static final Logger LOG = LoggerFactory.getLogger(Schedules.class);

    private final ScheduleStore store;
    private final Function<JobSpec, CompletionStage<Enqueued>> producer;
    private final Lookout lookout;
    private final Function<String, Queue> queues;

    /**
     * The schedules of this Redis; {@link #start} lets this process start their runs.
     *
     * @param producer adds a job; never fails
     * @param queues finds a queue, for the jobs of earlier runs
     */
    public Schedules(
            Redis redis,
            Timer timer,
            Threads threads,
            Function<JobSpec, CompletionStage<Enqueued>> producer,
            Function<String, Queue> queues) {
        this(new ScheduleStore(redis), timer, threads, producer, queues);
    }

    private Schedules(
            ScheduleStore store,
            Timer timer,
            Threads threads,
            Function<JobSpec, CompletionStage<Enqueued>> producer,
            Function<String, Queue> queues) {
        this.store = store;
        this.producer = producer;
        this.queues = queues;
        this.lookout = new Lookout(store, new Firing(store, producer, queues), timer, threads);
    }

    /** By a clock that a test holds. */
    static Schedules of(
            Redis redis,
            LongSupplier now,
            Timer timer,
            Threads threads,
            Function<JobSpec, CompletionStage<Enqueued>> producer,
            Function<String, Queue> queues) {
        return new Schedules(new ScheduleStore(redis, now), timer, threads, producer, queues);
    }

    @Override
    protected void onStart() {
        lookout.start();
    }

    @Override
    protected void onStop() {
        lookout.close();
    }

    /**
     * Calls the listener when something became of a run, in whichever process: its job was enqueued, or it was left out, missed
     * or refused. On the connection's thread, so it must be quick; a message can be lost, {@link #runs} has the last ones.
     */
    public Subscription onRun(Consumer<ScheduleEvent> listener) {
        return store.onRun(listener);
    }

    /** Fires all that is due, on the caller's thread. */
    int round() {
        return lookout.round();
    }

    /**
     * Makes the schedules of a program what its code says: those that are new or changed are written, those that it defined
     * before and does not any more are deleted, and what operators have made is left alone, unless it has one of these ids:
     * the code takes that over. A schedule that an operator has paused stays paused, and a deploy that changes nothing writes
     * nothing. During a rolling deploy the program that started last has the word.
     *
     * @param program the name under which this code is known, the same in each of its processes
     * @throws IllegalArgumentException if an id is there twice, or a schedule never fires
     * @throws IllegalStateException if there would be more than {@link #MOST}
     */
    public void define(String program, List<Schedule> schedules) {
        Names.check("program", program);
        Set<String> ids = new HashSet<>();
        for (Schedule schedule : schedules) {
            if (!ids.add(schedule.id())) {
                throw new IllegalArgumentException("schedule " + schedule.id() + " is defined twice by " + program
                        + "; nothing was written; give one of them another id");
            }
        }
        int changed = 0;
        for (Schedule schedule : schedules) {
            changed += converge(program, schedule) ? 1 : 0;
        }
        int deleted = 0;
        for (Entry entry : ofProgram(program)) {
            if (!ids.contains(entry.id()) && forget(entry.id(), null, program)) {
                deleted++;
            }
        }
        if (changed + deleted > 0) {
            LOG.info("program={} schedules={} changed={} deleted={}", program, ids.size(), changed, deleted);
        }
    }

    private boolean converge(String program, Schedule schedule) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Page page = read(schedule.id());
            Entry entry = page.entries().isEmpty() ? null : page.entries().get(0);
            if (entry != null && ScheduleText.says(entry, schedule, program, queues)) {
                return false;
            }
            if (entry != null && !program.equals(ScheduleText.definedBy(entry.definition()))) {
                LOG.warn("schedule={} was made by others and now belongs to program={}", schedule.id(), program);
            }
            boolean over = schedule.end() != null && schedule.end().toEpochMilli() <= page.now();
            if (saved(entry, schedule, program, Instant.ofEpochMilli(page.now()), over)) {
                return true;
            }
        }
        throw overtaken(schedule.id());
    }

    private List<Entry> ofProgram(String program) {
        List<Entry> found = new ArrayList<>();
        String last = null;
        while (true) {
            List<Entry> page = await(store.page(last, false, PAGE)).entries();
            for (Entry entry : page) {
                if (program.equals(ScheduleText.definedBy(entry.definition()))) {
                    found.add(entry);
                }
                last = entry.id();
            }
            if (page.size() < PAGE) {
                return found;
            }
        }
    }

    /**
     * Makes a schedule, or changes one that an operator made. Its next run is found anew only if the times change.
     *
     * @param seen what the caller saw; null = there was none
     * @return false if that has changed meanwhile
     * @throws IllegalArgumentException if it never fires
     * @throws IllegalStateException if code defines it, or there are {@link #MOST} others
     */
    public boolean put(@Nullable ScheduleView seen, Schedule schedule) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Page page = read(schedule.id());
            Entry entry = page.entries().isEmpty() ? null : page.entries().get(0);
            if (!same(seen, entry)) {
                return false;
            }
            if (entry != null) {
                ScheduleText.operators(entry, "changed");
            }
            if ((entry != null && ScheduleText.says(entry, schedule, null, queues))
                    || saved(entry, schedule, null, Instant.ofEpochMilli(page.now()), false)) {
                return true;
            }
        }
        throw overtaken(schedule.id());
    }

    private static boolean same(@Nullable ScheduleView seen, @Nullable Entry entry) {
        return seen == null ? entry == null : entry != null && seen.version().equals(ScheduleView.version(entry));
    }

    private boolean saved(
            @Nullable Entry entry, Schedule schedule, @Nullable String program, Instant now, boolean mayBeOver) {
        ScheduleState state = entry == null
                ? ScheduleState.made(now)
                : ScheduleState.read(entry.state()).changedAt(now.toEpochMilli());
        boolean keep = entry != null && sameTimes(entry, schedule);
        Instant due = null;
        if (!state.paused() && !keep) {
            state = begins(schedule, state, now);
            due = due(schedule, state);
            if (due == null && !mayBeOver) {
                throw new IllegalArgumentException("schedule " + schedule.id() + " never fires after " + now
                        + ": start, end and the days to skip leave no run; nothing was scheduled; change one of them");
            }
        }
        String text = ScheduleText.write(ScheduleText.sealed(schedule, queues), program);
        Written written = await(store.write(
                new Change(schedule.id(), entry == null ? "" : entry.state(), state, text, due, keep, List.of())));
        if (written == Written.TOO_MANY) {
            throw new IllegalStateException("schedule " + schedule.id() + " was not made: there are " + MOST
                    + ", the most; nothing was written; delete some");
        }
        lookout.wake();
        return written == Written.DONE;
    }

    private static boolean sameTimes(Entry entry, Schedule schedule) {
        try {
            Schedule old = ScheduleText.read(entry.id(), entry.definition());
            return old.rhythm().equals(schedule.rhythm())
                    && old.zone().equals(schedule.zone())
                    && old.jitter().equals(schedule.jitter())
                    && Objects.equals(old.start(), schedule.start())
                    && Objects.equals(old.end(), schedule.end())
                    && old.skip().equals(schedule.skip());
        } catch (IllegalArgumentException foreign) {
            return false;
        }
    }

    /** From now on, as if it had just been made; a fixed delay first looks whether the last job has ended. */
    static ScheduleState begins(Schedule schedule, ScheduleState state, Instant now) {
        if (schedule.rhythm() instanceof Rhythm.FixedDelay && state.job() != null) {
            return state.watches(now);
        }
        return state.awaits(new Plan(schedule, Instant.ofEpochMilli(state.made())).next(now));
    }

    static @Nullable Instant due(Schedule schedule, ScheduleState state) {
        Instant next = state.nextRun();
        if (next == null || state.watching()) {
            return next;
        }
        return new Plan(schedule, Instant.ofEpochMilli(state.made())).at(next);
    }

    /** Looks for schedules that have lost a part of themselves, and mends them if told so; may run while they fire. */
    public ScheduleCheck fsck(boolean repair) {
        Instant now = Instant.ofEpochMilli(await(store.page(null, false, 1)).now());
        ScheduleCheck check = new ScheduleFsck(store, repair, now).run();
        lookout.wake();
        return check;
    }

    /** Finds a schedule. */
    public Optional<ScheduleView> get(String id) {
        return read(id).entries().stream().findFirst().flatMap(ScheduleView::of).map(view -> view.opened(queues));
    }

    /**
     * Lists schedules by id.
     *
     * @param after the {@code next} of the page before, null for the first page
     * @param limit 1 to 500, clamped
     */
    public SchedulePage list(@Nullable String after, int limit) {
        int most = Math.max(1, Math.min(500, limit));
        List<Entry> entries = await(store.page(after, false, most)).entries();
        String next =
                entries.size() < most ? null : entries.get(entries.size() - 1).id();
        return new SchedulePage(
                entries.stream()
                        .map(ScheduleView::of)
                        .flatMap(Optional::stream)
                        .map(view -> view.opened(queues))
                        .toList(),
                next);
    }

    /** Starts no runs until {@link #resume}; those that fall due meanwhile are not made up for. False = there is none. */
    public boolean pause(String id) {
        return change(id, (schedule, state, now) -> state.paused() ? null : state.paused(true));
    }

    /** Starts runs again, those after now. False = there is none. */
    public boolean resume(String id) {
        return change(id, (schedule, state, now) -> state.paused() ? begins(schedule, state.paused(false), now) : null);
    }

    private interface Changing {
        /** Null = it is so already. */
        @Nullable
        ScheduleState of(Schedule schedule, ScheduleState state, Instant now);
    }

    private boolean change(String id, Changing changing) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Page page = read(id);
            if (page.entries().isEmpty()) {
                return false;
            }
            Entry entry = page.entries().get(0);
            Schedule schedule = ScheduleText.read(id, entry.definition());
            Instant now = Instant.ofEpochMilli(page.now());
            ScheduleState state = changing.of(schedule, ScheduleState.read(entry.state()), now);
            if (state == null) {
                return true;
            }
            Change change = Change.of(
                    entry, state.changedAt(page.now()), state.paused() ? null : due(schedule, state), List.of());
            if (await(store.write(change)) == Written.DONE) {
                lookout.wake();
                return true;
            }
        }
        throw overtaken(id);
    }

    /**
     * Enqueues its job at once, beside its runs and also while it is paused; the overlap policy counts it as the last run.
     * Empty = there is none.
     */
    public Optional<Enqueued> run(String id) {
        Page page = read(id);
        if (page.entries().isEmpty()) {
            return Optional.empty();
        }
        Instant now = Instant.ofEpochMilli(page.now());
        Schedule schedule = ScheduleText.read(id, page.entries().get(0).definition());
        Enqueued answer = await(producer.apply(Firing.noted(schedule, now, options -> options)));
        if (answer instanceof Enqueued.Accepted accepted) {
            noteByHand(id, now, accepted.id());
        }
        return Optional.of(answer);
    }

    private void noteByHand(String id, Instant now, JobId job) {
        ScheduleRun run = new ScheduleRun(now, now, ScheduleRun.Outcome.BY_HAND, job, 1, null);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            List<Entry> entries = read(id).entries();
            if (entries.isEmpty()) {
                return;
            }
            Entry entry = entries.get(0);
            ScheduleState state = ScheduleState.read(entry.state()).enqueued(now, job);
            if (await(store.write(new Change(id, entry.state(), state, null, null, true, List.of(run))))
                    == Written.DONE) {
                return;
            }
        }
    }

    /**
     * Deletes a schedule that an operator made, with its history; its jobs stay.
     *
     * @return false if it has changed since it was seen, or is gone
     * @throws IllegalStateException if code defines it
     */
    public boolean delete(ScheduleView seen) {
        return forget(seen.schedule().id(), seen, null);
    }

    private boolean forget(String id, @Nullable ScheduleView seen, @Nullable String program) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            List<Entry> entries = read(id).entries();
            if (entries.isEmpty() || (seen != null && !same(seen, entries.get(0)))) {
                return false;
            }
            Entry entry = entries.get(0);
            if (program == null) {
                ScheduleText.operators(entry, "deleted");
            }
            if (await(store.forget(entry)) == Written.DONE) {
                return true;
            }
        }
        throw overtaken(id);
    }

    /** Returns what became of its last runs, the newest first; at most 20. */
    public List<ScheduleRun> runs(String id) {
        return await(store.runs(id));
    }

    /**
     * Returns the instants of the next runs without jitter, as if the schedule had been made at {@code from}; nothing is asked of
     * Redis. A fixed delay is told as if its runs took no time.
     *
     * @param count 1 to {@value #MOST_PREVIEWED}, clamped
     */
    public static List<Instant> preview(Schedule schedule, Instant from, int count) {
        return preview(new Plan(schedule, from), from, count);
    }

    /** Returns the instants of the next runs of a schedule that is there; see {@link #preview(Schedule, Instant, int)}. */
    public static List<Instant> preview(ScheduleView view, Instant from, int count) {
        return preview(new Plan(view.schedule(), view.createdAt()), from, count);
    }

    private static List<Instant> preview(Plan plan, Instant from, int count) {
        int most = Math.max(1, Math.min(MOST_PREVIEWED, count));
        List<Instant> runs = new ArrayList<>();
        for (Instant next = plan.next(from); next != null && runs.size() < most; next = plan.next(next)) {
            runs.add(next);
        }
        return runs;
    }

    private Page read(String id) {
        Page page = await(store.page(id, true, 1));
        return page.entries().isEmpty() || page.entries().get(0).id().equals(id)
                ? page
                : new Page(page.now(), List.of());
    }

    private static IllegalStateException overtaken(String id) {
        return new IllegalStateException(
                "schedule " + id + " is being changed by others all the time; nothing was done; try again in a second");
    }

    private <T> T await(CompletionStage<T> stage) {
        return store.redis().await(stage);
    }
}
