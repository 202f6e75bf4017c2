package io.penstock.schedule;

import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Unique;
import io.penstock.queue.Queue;
import io.penstock.schedule.ScheduleStore.Change;
import io.penstock.schedule.ScheduleStore.Entry;
import io.penstock.schedule.ScheduleStore.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns schedules that were claimed into jobs.
 *
 * <p>Nobody is leader. Whoever finds a schedule due claims it, which makes it due again a lease later; enqueues the job under a
 * unique key made of the run id; and then, if nothing has changed meanwhile, writes that the schedule waits for its next run.
 * A process that dies
 * <ul>
 *   <li>before it claims: the others find it due;
 *   <li>between claim and enqueue: it is due again after the lease, and the next one enqueues it;
 *   <li>between enqueue and write: it is due again after the lease, the next one asks for the same key, is answered
 *       {@link Enqueued.Duplicate} with the id of the same job, and writes that;
 *   <li>after the write: all is done.
 * </ul>
 * The key is kept for a year, because a crash may be followed by a long silence, and shortened to {@link #ECHO} once the write
 * is done. That leaves one way to enqueue a run twice: a process that stops for longer than that between its last look at the lease and
 * its socket, while another finishes its work.
 *
 * <p>By the clock of Redis alone. When it jumps back nothing is due until it has come again to where it was; when it jumps on, the
 * runs in between are due, or have misfired. Neither makes two runs of one id. Threads: called by one at a time, which waits.
 */
final class Firing {
    /** How long the key of a run outlives its being written: far beyond any pause that a process survives with its sockets. */
    static final Duration ECHO = Duration.ofMinutes(10);

    private static final Duration KEPT = Duration.ofDays(365);
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(250);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(Firing.class);

    private final ScheduleStore store;
    private final Function<JobSpec, CompletionStage<Enqueued>> producer;
    private final Function<String, Queue> queues;
    private final Map<String, String> unreadable = new HashMap<>(); // told already; cleared when it grows

    Firing(ScheduleStore store, Function<JobSpec, CompletionStage<Enqueued>> producer, Function<String, Queue> queues) {
        this.store = store;
        this.producer = producer;
        this.queues = queues;
    }

    /** One claimed schedule on its way. */
    private static final class Shot {
        final Entry entry;
        final Schedule schedule;
        final Plan plan;
        final Instant now;
        final List<ScheduleRun> history = new ArrayList<>();
        ScheduleState state;

        @Nullable
        Instant run;

        int granted;

        @Nullable
        CompletionStage<Enqueued> answer;

        Shot(Entry entry, Instant now) {
            this.entry = entry;
            this.now = now;
            this.schedule = ScheduleText.read(entry.id(), entry.definition());
            this.state = ScheduleState.read(entry.state());
            this.plan = new Plan(schedule, Instant.ofEpochMilli(state.made()));
        }
    }

    /**
     * Enqueues what is to be enqueued of these and writes what became of it; returns how many jobs are new.
     *
     * @param fresh whether the claim still holds
     */
    int fire(List<Entry> claimed, Instant now, BooleanSupplier fresh) {
        List<Shot> shots = new ArrayList<>();
        List<CompletionStage<Written>> writes = new ArrayList<>();
        for (Entry entry : claimed) {
            Shot shot = shot(entry, now);
            if (shot == null) {
                continue;
            }
            Change change = aim(shot);
            if (change != null) {
                writes.add(store.write(change));
            } else if (fresh.getAsBoolean()) {
                shot.answer = producer.apply(spec(shot.schedule, Objects.requireNonNull(shot.run)));
                shots.add(shot);
            }
        }
        int fired = 0;
        List<Shot> done = new ArrayList<>();
        for (Shot shot : shots) {
            Enqueued answer = store.redis().await(Objects.requireNonNull(shot.answer));
            fired += answer instanceof Enqueued.Accepted ? 1 : 0;
            writes.add(store.write(settle(shot, answer)));
            if (!(answer instanceof Enqueued.Refused)) {
                done.add(shot);
            }
        }
        writes.forEach(store.redis()::await);
        done.forEach(this::shorten);
        return fired;
    }

    private @Nullable Shot shot(Entry entry, Instant now) {
        try {
            Shot shot = new Shot(entry, now);
            unreadable.remove(entry.id());
            return shot;
        } catch (IllegalArgumentException foreign) {
            if (unreadable.size() > 100) {
                unreadable.clear();
            }
            if (!entry.definition().equals(unreadable.put(entry.id(), entry.definition()))) {
                LOG.warn(
                        "schedule={} cannot be read: {}; a process that can may run it; write it again",
                        entry.id(),
                        foreign.getMessage());
            }
            return null;
        }
    }

    /** Decides; returns what is to be written, or null if the job of {@code shot.run} is to be enqueued. */
    private @Nullable Change aim(Shot shot) {
        if (shot.state.watching()) {
            return watch(shot);
        }
        Turn turn = Turn.of(shot.schedule, shot.plan, shot.state, shot.now);
        shot.run = turn.run();
        shot.granted = turn.granted();
        if (turn.missed() > 0) {
            shot.state = shot.state.leftOut(0, turn.missed());
            shot.history.add(new ScheduleRun(
                    Objects.requireNonNull(turn.firstMissed()),
                    shot.now,
                    ScheduleRun.Outcome.MISSED,
                    null,
                    turn.missed(),
                    "nobody could start it within " + Schedule.PATIENCE.toSeconds() + " s"));
        }
        if (shot.run == null) {
            return next(shot, turn.next());
        }
        return apart(shot, shot.run);
    }

    /** Waits for this run. */
    private static Change next(Shot shot, @Nullable Instant run) {
        return Change.of(
                shot.entry, shot.state.awaits(run, shot.granted), run == null ? null : shot.plan.at(run), shot.history);
    }

    /** A fixed delay begins when the last job has ended. Looking once in its length is enough: what ends later is due later. */
    private @Nullable Change watch(Shot shot) {
        Duration pause = ((Rhythm.FixedDelay) shot.schedule.rhythm()).pause();
        Optional<Job> job = last(shot);
        if (job.isPresent() && !job.get().state().terminal()) {
            Instant look = shot.now.plus(pause);
            return Change.of(shot.entry, shot.state.watches(look), look, shot.history);
        }
        // one that is forgotten already may have ended just now
        Instant ended = job.map(Job::finishedAt).orElse(shot.now);
        Instant run = shot.plan.open((ended == null ? shot.now : ended).plus(pause));
        Instant end = shot.schedule.end();
        if (run == null || (end != null && !run.isBefore(end))) {
            return next(shot, null);
        }
        if (run.isAfter(shot.now)) {
            return next(shot, run);
        }
        shot.run = run;
        return null;
    }

    private Optional<Job> last(Shot shot) {
        JobId id = shot.state.lastJob();
        return id == null ? Optional.empty() : queues.apply(id.queue()).get(id);
    }

    /** What the overlap policy says, if the run before has not ended; null = enqueue. */
    private @Nullable Change apart(Shot shot, Instant run) {
        Schedule.Overlap policy = shot.schedule.overlap();
        if (policy == Schedule.Overlap.ALLOW || shot.schedule.rhythm() instanceof Rhythm.FixedDelay) {
            return null;
        }
        Optional<Job> before = last(shot).filter(job -> !job.state().terminal());
        if (before.isEmpty()
                || run.toString().equals(before.get().options().metadata().get("run"))) {
            return null; // ended, or this very run, which somebody enqueued and could not write down
        }
        if (policy == Schedule.Overlap.REPLACE) {
            queues.apply(before.get().id().queue()).cancel(before.get().id());
            return null;
        }
        if (policy == Schedule.Overlap.QUEUE) {
            Instant look = shot.now.plus(patience(Duration.between(run, shot.now)));
            ScheduleState holds = shot.state.awaits(run, shot.granted + 1).holds();
            return Change.of(shot.entry, holds, look, shot.history);
        }
        shot.state = shot.state.leftOut(1, 0);
        shot.history.add(new ScheduleRun(
                run,
                shot.now,
                ScheduleRun.Outcome.OVERLAPPED,
                null,
                1,
                "job " + before.get().id() + " was " + before.get().state().wire()));
        return next(shot, shot.plan.next(run));
    }

    /** A tenth of what it has waited: a look is cheap, and a tenth is not felt. */
    private static Duration patience(Duration waited) {
        Duration tenth = waited.dividedBy(10);
        return tenth.compareTo(SHORTEST_WAIT) < 0
                ? SHORTEST_WAIT
                : tenth.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : tenth;
    }

    /** The wish for the job of a run: under the run's key, and with notes that say which run it is. */
    private static JobSpec spec(Schedule schedule, Instant run) {
        return noted(schedule, run, options -> options.unique(key(schedule, run)));
    }

    private static Unique key(Schedule schedule, Instant run) {
        return Unique.throttle("schedule:" + schedule.runId(run), KEPT);
    }

    /** The wish for a job of this schedule that knows its run. */
    static JobSpec noted(Schedule schedule, Instant run, Function<JobOptions, JobOptions> change) {
        JobSpec job = schedule.job();
        Map<String, String> notes = new HashMap<>(job.options().metadata());
        notes.put("schedule", schedule.id());
        notes.put("run", run.toString());
        return new JobSpec(
                job.queue(),
                job.type(),
                job.payload(),
                change.apply(job.options().metadata(notes)),
                job.encoding());
    }

    /** What is to be written now that the queue has answered. */
    private static Change settle(Shot shot, Enqueued answer) {
        Instant run = Objects.requireNonNull(shot.run);
        if (answer instanceof Enqueued.Refused refused) {
            return refused(shot, run, refused);
        }
        JobId id = answer instanceof Enqueued.Duplicate known ? known.id() : ((Enqueued.Accepted) answer).id();
        shot.state = shot.state.enqueued(run, id);
        shot.history.add(new ScheduleRun(run, shot.now, ScheduleRun.Outcome.ENQUEUED, id, 1, null));
        return then(shot, run);
    }

    private static Change then(Shot shot, Instant run) {
        if (shot.schedule.rhythm() instanceof Rhythm.FixedDelay delay) {
            Instant look = shot.now.plus(delay.pause());
            return Change.of(shot.entry, shot.state.watches(look), look, shot.history);
        }
        return next(shot, shot.plan.next(run));
    }

    /** Tried again while that may help; then the misfire policy has the word. */
    private static Change refused(Shot shot, Instant run, Enqueued.Refused refused) {
        String why = refused.reason().wire() + ": " + refused.message();
        if (refused.reason() == Enqueued.Reason.TOO_LARGE) {
            shot.state = shot.state.leftOut(0, 1);
            shot.history.add(new ScheduleRun(run, shot.now, ScheduleRun.Outcome.REFUSED, null, 1, why));
            return then(shot, run);
        }
        Duration wait = refused.retryAfter();
        wait = wait.compareTo(Rhythm.SHORTEST) < 0 ? Rhythm.SHORTEST : wait;
        wait = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        int granted = shot.granted > 0 || shot.state.granted() > 0 ? shot.granted + 1 : 0;
        ScheduleState waits = shot.state.awaits(run, granted).fails(why);
        return Change.of(shot.entry, waits, shot.now.plus(wait), shot.history);
    }

    /** Nothing depends on it: a key that stays long is 100 bytes for a year. */
    private void shorten(Shot shot) {
        var unused = queues.apply(shot.schedule.job().queue())
                .shorten(key(shot.schedule, Objects.requireNonNull(shot.run)), ECHO)
                .exceptionally(lost -> false);
    }
}
