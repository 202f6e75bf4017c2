package io.penstock.queue;

import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobState;
import io.penstock.job.Priority;
import io.penstock.job.Retention;
import io.penstock.job.Unique;
import io.penstock.payload.Sealed;
import io.penstock.queue.JobReader.Seen;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what operators want of one job: look, decide, and move.lua does it only if the job is still as it was seen;
 * if it changed meanwhile, look again, at most {@value #MAX_LOOKS} times. A job that then stands where it was to go has been
 * moved: by this very call, whose reply was lost, or by somebody who wanted the same.
 */
final class JobMover {
    private static final int MAX_LOOKS = 5;

    private static final JobError CANCELLED = new JobError("cancelled", "cancelled before it ran", null);

    private final QueueStore store;
    private final JobReader reader;

    JobMover(QueueStore store, JobReader reader) {
        this.store = store;
        this.reader = reader;
    }

    /** Where a job is to go. */
    private record Move(
            String to,
            Priority priority,
            byte @Nullable [] record,
            String due,
            @Nullable FinishRecord finish) {
        static Move to(String state, Seen seen) {
            return new Move(state, seen.stored().priority, null, "+0", null);
        }
    }

    /** Either a move or the reason why there is none. */
    private record Plan(@Nullable Move move, @Nullable Change change) {
        static Plan of(Move move) {
            return new Plan(move, null);
        }

        static Plan no(Seen seen, String message) {
            return new Plan(null, Change.conflict(seen.job().state(), message));
        }
    }

    /** Says of a job that was to be moved and is not where it was any more whether that is what was wanted; null = it is gone. */
    private interface Goal {
        boolean reached(@Nullable JobState state);
    }

    CompletionStage<Change> cancel(String serial) {
        return cancel(serial, CANCELLED);
    }

    CompletionStage<Change> cancel(String serial, JobError why) {
        return change(serial, state -> state == JobState.CANCELLED, seen -> switch (seen.job()
                .state()) {
            case WAITING, DELAYED, BLOCKED ->
                Plan.of(new Move("cancelled", seen.stored().priority, null, "", finish(seen, why)));
            case ACTIVE -> Plan.of(Move.to("asked", seen));
            default -> Plan.no(seen, "it has ended already; only jobs that have not ended can be cancelled");
        });
    }

    private FinishRecord finish(Seen seen, JobError why) {
        long now = store.clock().millis();
        Retention own = seen.stored().options().retention();
        return new FinishRecord(
                JobState.CANCELLED,
                now,
                0,
                "-",
                seen.job().deliveries(),
                seen.stored().extras,
                own == null ? 0 : now + own.failed().toMillis(),
                why,
                null);
    }

    /** Makes a job that was parked until this instant the dead letter that it is; of any other job nothing is changed. */
    CompletionStage<Change> bury(String serial, long parkedMillis, FinishRecord finish) {
        return change(
                serial,
                state -> state == JobState.FAILED,
                seen -> seen.job().state() == JobState.DELAYED && seen.stored().readyMillis == parkedMillis
                        ? Plan.of(new Move("failed", seen.stored().priority, null, "", finish))
                        : Plan.no(seen, "it is not parked"));
    }

    CompletionStage<Change> promote(String serial) {
        return change(
                serial,
                state -> state == JobState.WAITING || state == JobState.ACTIVE,
                seen -> seen.job().state() == JobState.DELAYED
                        ? Plan.of(Move.to("waiting", seen))
                        : Plan.no(
                                seen,
                                seen.job().state() == JobState.BLOCKED
                                        ? "it waits for other jobs of its flow, which lets it go when they have ended;"
                                                + " cancel or retry those"
                                        : "only a delayed job can be promoted"));
    }

    /** A dead letter or cancelled job starts a new life: attempts begin anew, its history stays. */
    CompletionStage<Change> retry(String serial) {
        return change(serial, state -> state == JobState.WAITING || state == JobState.ACTIVE, seen -> switch (seen.job()
                .state()) {
            case FAILED, CANCELLED -> {
                long now = store.clock().millis();
                byte[] record = seen.stored().again(0, 0, seen.stored().extras || extras(seen), now);
                yield Plan.of(new Move("waiting", seen.stored().priority, record, "+0", null));
            }
            default -> Plan.no(seen, "only failed and cancelled jobs can be retried; clone a completed one");
        });
    }

    /** A cancelled job waits for its flow again, as it did before. */
    CompletionStage<Change> block(String serial) {
        return change(serial, state -> state == JobState.BLOCKED, seen -> switch (seen.job()
                .state()) {
            case FAILED, CANCELLED -> {
                long now = store.clock().millis();
                byte[] record = seen.stored().again(0, 0, seen.stored().extras || extras(seen), now);
                yield Plan.of(new Move("blocked", seen.stored().priority, record, "", null));
            }
            default -> Plan.no(seen, "only failed and cancelled jobs can be blocked again");
        });
    }

    private static boolean extras(Seen seen) {
        return seen.finish() != null && FinishRecord.decode(seen.finish()).extras();
    }

    CompletionStage<Change> remove(String serial) {
        return change(
                serial,
                state -> state == null,
                seen -> seen.job().state() == JobState.ACTIVE
                        ? Plan.no(seen, "it is running; cancel it first, then delete it")
                        : Plan.of(Move.to("gone", seen)));
    }

    /** A job that nothing lets go any more is removed; whoever saw it blocked may be late, and what has run since stays. */
    CompletionStage<Change> drop(String serial) {
        return change(
                serial,
                state -> state == null,
                seen -> seen.job().state() == JobState.BLOCKED
                        ? Plan.of(Move.to("gone", seen))
                        : Plan.no(seen, "it is not blocked any more"));
    }

    /** @param payload the new one, sealed for the job's type; null = it stays */
    CompletionStage<Change> edit(String serial, JobEdit edit, @Nullable Sealed payload) {
        return change(serial, state -> false, seen -> {
            JobState state = seen.job().state();
            boolean blocked = state == JobState.BLOCKED;
            if (state != JobState.WAITING && state != JobState.DELAYED && !blocked) {
                return Plan.no(seen, "only waiting, delayed and blocked jobs can be edited");
            }
            Duration delay = edit.delay();
            if (blocked && delay != null) {
                return Plan.no(seen, "it waits for other jobs of its flow; its delay cannot be changed");
            }
            boolean late = delay == null ? state == JobState.DELAYED : !delay.isZero();
            Priority line = edit.priority() == null ? seen.stored().priority : edit.priority();
            long ready =
                    delay == null ? seen.stored().readyMillis : store.clock().millis() + delay.toMillis();
            JobOptions options = seen.stored().options().priority(line);
            byte[] record = seen.stored().edited(options, payload, ready);
            String due = delay == null
                    ? "@"
                            + Objects.requireNonNullElseGet(
                                            seen.job().runAt(),
                                            () -> java.time.Instant.ofEpochMilli(
                                                    store.clock().millis()))
                                    .toEpochMilli()
                    : "+" + delay.toMillis();
            return Plan.of(new Move(blocked ? "blocked" : late ? "delayed" : "waiting", line, record, due, null));
        });
    }

    private CompletionStage<Change> change(String serial, Goal goal, Function<Seen, Plan> plan) {
        return change(serial, MAX_LOOKS, goal, plan, null);
    }

    /** @param before state of the job when it was tried to move it; null = not yet */
    private CompletionStage<Change> change(
            String serial, int looksLeft, Goal goal, Function<Seen, Plan> plan, @Nullable JobState before) {
        return reader.look(serial).thenCompose(found -> {
            JobState state = found.map(seen -> seen.job().state()).orElse(null);
            if (before != null && before != state && goal.reached(state)) {
                return CompletableFuture.completedFuture(Change.done(state == null ? before : state));
            }
            if (found.isEmpty()) {
                return CompletableFuture.completedFuture(Change.notFound());
            }
            Seen seen = found.get();
            Plan decided = plan.apply(seen);
            if (decided.move == null) {
                return CompletableFuture.completedFuture(Objects.requireNonNull(decided.change));
            }
            Move move = decided.move;
            return store.redis().eval(Scripts.MOVE, call(seen, move)).thenCompose(reply -> switch (Redis.text(
                    reply.get(0))) {
                case "done" -> {
                    if (!seen.stored().flow().isEmpty()) {
                        store.flowEnded();
                    }
                    yield CompletableFuture.completedFuture(result(seen, move));
                }
                case "held" ->
                    CompletableFuture.completedFuture(Change.conflict(
                            seen.job().state(), "another job holds its unique key now; cancel that one first"));
                default ->
                    looksLeft > 1
                            ? change(
                                    serial,
                                    looksLeft - 1,
                                    goal,
                                    plan,
                                    seen.job().state())
                            : reader.look(serial).thenApply(last -> settled(seen, move, last.orElse(null)));
            });
        });
    }

    /**
     * After the last try: a delay counts from when Redis hears of it, so an edit that is sent again with each try finds
     * another due time each time, and all else as it wants it.
     */
    private static Change settled(Seen seen, Move move, @Nullable Seen last) {
        byte[] wanted = move.record;
        boolean done = false;
        if (wanted != null && last != null) {
            byte[] is = last.stored().record;
            done = wanted[0] == is[0]
                    && last.job().state().wire().equals(move.to)
                    && Arrays.equals(wanted, StoredJob.TYPE_AT, wanted.length, is, StoredJob.TYPE_AT, is.length);
        }
        return done
                ? result(seen, move)
                : Change.conflict(seen.job().state(), "it changed while it was being changed; look at it again");
    }

    private static Change result(Seen seen, Move move) {
        return switch (move.to) {
            case "asked" -> new Change(Change.Result.ASKED, JobState.ACTIVE, "its worker was asked to stop it");
            case "gone" -> Change.done(seen.job().state());
            default -> Change.done(JobState.of(move.to));
        };
    }

    private Call call(Seen seen, Move move) {
        QueueKeys keys = store.keys();
        JobId id = seen.job().id();
        Unique unique = seen.stored().options().unique();
        Call call = new Call(1024 + seen.stored().record.length);
        call.key(keys.counters).key(keys.active).key(keys.delayed);
        for (byte[] line : keys.lines) {
            call.key(line);
        }
        call.key(keys.ghosts)
                .key(keys.completed)
                .key(keys.failed)
                .key(keys.cancelled)
                .key(keys.crashes);
        call.key(keys.requests).key(keys.watched).key(keys.recordsOf(id)).key(keys.finishesOf(id));
        call.key(keys.extras(id.serial()));
        call.key(unique == null ? keys.recordsOf(id) : keys.unique(unique)).key(keys.retained);
        call.key(keys.blocked).key(keys.flowEnds).key(keys.inbox);
        byte[] finish = move.finish == null ? new byte[0] : move.finish.encode();
        int size = seen.stored().record.length;
        byte[] ended = seen.finish();
        long kept = ended != null ? size + ended.length : move.finish != null ? size + finish.length : 0;
        call.arg(id.serial()).arg(seen.job().state().wire()).arg(move.to);
        call.arg(Replacement.sha1(seen.stored().record));
        int gate = seen.stored().line() & StoredJob.GATED;
        call.arg(seen.stored().line()).arg(move.priority.level() + gate);
        call.arg(move.record == null ? new byte[0] : move.record)
                .arg(move.due)
                .arg(finish)
                .arg(store.clock().millis());
        call.arg(keys.wakeChannel).arg(keys.eventChannel).arg(kept);
        // One with a retention of its own stands alone in the index; all others are part of a run.
        boolean run = seen.job().state() == JobState.COMPLETED
                && seen.stored().options().retention() == null;
        call.arg(run ? "run" : "");
        call.arg(unique == null ? "" : unique.mode() == Unique.Mode.THROTTLE ? "throttle" : "field");
        call.arg(unique == null ? "" : unique.key());
        call.arg(seen.stored().flow());
        return call;
    }
}
