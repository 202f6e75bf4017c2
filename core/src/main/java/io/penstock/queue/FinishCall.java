package io.penstock.queue;

import io.penstock.job.Attempt;
import io.penstock.job.JobError;
import io.penstock.job.JobState;
import io.penstock.job.Payload;
import io.penstock.job.Retention;
import io.penstock.job.Unique;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds the arguments of finish.lua from endings: plain completed jobs in runs, all others one by one.
 *
 * <p>Plain is what nearly all jobs are: completed, at the first delivery, without unique key, extras or
 * retention of its own. A run is plain jobs of one block that began and ended in the same millisecond, so they share one
 * finish record and one entry of the index, and the script needs a few commands for hundreds of jobs. One that passed the
 * gate is plain too: all permits of a call are given back in one command.
 */
final class FinishCall {
    private static final byte[] EMPTY = {};
    private static final int FIXED_KEYS = 20;

    private final QueueKeys keys;
    private final QueueSettings settings;
    private final long now;
    private final List<byte[]> extraKeys = new ArrayList<>();
    private final Map<String, Integer> index = new HashMap<>();
    private final Map<Object, List<Ending>> plain = new LinkedHashMap<>();
    private final List<Special> specials = new ArrayList<>();
    private long plainBytes;
    private long runMillis;
    private long retried;

    /** Jobs of a run share their block and their times, and so their finish record. */
    private record Alike(String block, long startedMillis, long finishedMillis) {}

    private record Special(
            String kind,
            LeasedJob job,
            byte[] record,
            byte[] finish,
            String entry,
            long pause,
            int uniqueIndex,
            String uniqueField,
            int extrasIndex,
            String extrasField,
            byte[] extrasValue,
            long freed,
            long kept,
            String crashes,
            @Nullable Ending ending) {
        Special standIn() {
            return new Special(
                    kind,
                    job,
                    job.record(),
                    finish,
                    entry,
                    pause,
                    uniqueIndex,
                    uniqueField,
                    extrasIndex,
                    extrasField,
                    extrasValue,
                    0,
                    kept,
                    crashes,
                    ending);
        }
    }

    FinishCall(QueueKeys keys, QueueSettings settings, long nowMillis) {
        this.keys = keys;
        this.settings = settings;
        this.now = nowMillis;
    }

    void add(Ending ending) {
        runMillis += ending.startedAtMillis() == 0 ? 0 : ending.finishedAtMillis() - ending.startedAtMillis();
        LeasedJob job = ending.job();
        switch (ending.kind()) {
            case COMPLETED -> {
                boolean simple = job.deliveries() == 1
                        && !job.hasExtras()
                        && job.options().unique() == null
                        && job.stored().flow().isEmpty()
                        && job.options().retention() == null;
                if (simple) {
                    Object run = ending.result() == null
                            ? new Alike(job.id().block(), ending.startedAtMillis(), ending.finishedAtMillis())
                            : job;
                    plain.computeIfAbsent(run, unused -> new ArrayList<>()).add(ending);
                } else {
                    specials.add(terminal(ending, JobState.COMPLETED));
                }
            }
            case FAILED -> {
                retried++;
                specials.add(terminal(ending, JobState.FAILED));
            }
            case CANCELLED -> specials.add(terminal(ending, JobState.CANCELLED));
            case RETRIED -> {
                retried++;
                specials.add(again(ending, job.stored().attempts + 1, job.snoozes()));
            }
            case SNOOZED -> specials.add(again(ending, job.stored().attempts, job.snoozes() + 1));
            case RELEASED -> specials.add(back(job, "head", job.crashes() == 0 ? "" : Integer.toString(job.crashes())));
        }
    }

    /** A job of a dead worker goes to the end of its line, with one more crash against it. */
    void addReclaimed(LeasedJob job, int crashes) {
        specials.add(back(job, "waiting", Integer.toString(crashes)));
    }

    /** A job whose record is gone ends as a dead letter with a stand-in, so that somebody hears of it. */
    void addLost(LeasedJob job, JobError error) {
        retried++;
        specials.add(
                terminal(Ending.failed(job, 0, now, error), JobState.FAILED).standIn());
    }

    /** What the job has gathered must be found by its next run, so the record says that there is something. */
    private Special back(LeasedJob job, String kind, String crashes) {
        StoredJob stored = job.stored();
        byte[] record = job.hasExtras() && !stored.extras
                ? stored.again(stored.attempts, stored.snoozes, true, stored.readyMillis)
                : EMPTY;
        int freed = record.length == 0 ? 0 : job.size() - record.length;
        byte[] finish = superseded(job, 0, now, job.hasExtras());
        return new Special(
                kind,
                job,
                record,
                finish,
                "",
                0,
                keyIndex(losable(job)),
                keyField(losable(job)),
                0,
                "",
                EMPTY,
                freed,
                0,
                crashes,
                null);
    }

    private Special again(Ending ending, int attempts, int snoozes) {
        LeasedJob job = ending.job();
        long wait = ending.pause().toMillis();
        boolean history = ending.error() != null;
        String signal = ending.awaits();
        byte[] record = job.stored().again(attempts, snoozes, job.hasExtras() || history, now + wait);
        return new Special(
                wait == 0 ? "waiting" : "delayed",
                job,
                record,
                superseded(job, ending.startedAtMillis(), ending.finishedAtMillis(), job.hasExtras() || history),
                "",
                wait,
                keyIndex(losable(job)),
                keyField(losable(job)),
                history || signal != null ? extrasIndex(job) : 0,
                history ? attemptField(job) : signal != null ? "w" : "",
                history ? attempt(ending) : signal != null ? Redis.utf8(signal) : EMPTY,
                job.size() - record.length,
                0,
                job.crashes() == 0 ? "" : Integer.toString(job.crashes()),
                null);
    }

    /** How a job ends that was to go on, if a newer one took its key while it ran; only keep-last and debounce lose theirs. */
    private byte[] superseded(LeasedJob job, long started, long finished, boolean extras) {
        if (losable(job) == null) {
            return EMPTY;
        }
        Retention own = job.options().retention();
        long until = own == null ? 0 : now + own.failed().toMillis();
        JobError why = new JobError("superseded", "a newer job took its unique key while it ran", null);
        String worker = job.lease().number();
        int runs = job.deliveries();
        return new FinishRecord(JobState.CANCELLED, finished, started, worker, runs, extras, until, why, null).encode();
    }

    private static @Nullable Unique losable(LeasedJob job) {
        Unique key = job.options().unique();
        return key == null || key.mode() == Unique.Mode.DROP || key.mode() == Unique.Mode.THROTTLE ? null : key;
    }

    private int keyIndex(@Nullable Unique key) {
        return key == null ? 0 : index("u" + key.mode() + key.key(), keys.unique(key));
    }

    private static String keyField(@Nullable Unique key) {
        return key == null || key.mode() == Unique.Mode.THROTTLE ? "" : key.key();
    }

    private Special terminal(Ending ending, JobState state) {
        LeasedJob job = ending.job();
        Retention own = job.options().retention();
        boolean success = state == JobState.COMPLETED;
        boolean keep = own == null
                ? !(success ? settings.completed() : settings.failed()).none()
                : !(success ? own.completed() : own.failed()).isZero();
        long until = own == null ? 0 : now + (success ? own.completed() : own.failed()).toMillis();
        boolean history = ending.error() != null && keep;
        boolean extras = job.hasExtras() || history;
        byte[] finish = keep
                ? new FinishRecord(
                                state,
                                ending.finishedAtMillis(),
                                ending.startedAtMillis(),
                                job.lease().number(),
                                job.deliveries(),
                                extras,
                                until,
                                ending.error(),
                                ending.result())
                        .encode()
                : EMPTY;
        // A dead letter shows how many attempts it had, so its record is written once more.
        byte[] record = keep && state == JobState.FAILED && ending.startedAtMillis() > 0
                ? job.stored().again(job.attempt(), job.snoozes(), extras, job.readyMillis())
                : EMPTY;
        int size = record.length == 0 ? job.size() : record.length;
        Unique unique = job.options().unique();
        boolean dropExtras = !keep && extras;
        return new Special(
                state.wire(),
                job,
                record,
                finish,
                keep && success ? entry(ending.finishedAtMillis(), (long) size + finish.length, List.of(ending)) : "",
                success ? until : 0,
                keyIndex(unique),
                keyField(unique),
                history || dropExtras ? extrasIndex(job) : 0,
                history ? attemptField(job) : "",
                history ? attempt(ending) : EMPTY,
                job.size(),
                keep ? size + finish.length : 0,
                "",
                ending);
    }

    /** One entry of the index of completed jobs: second of completion, bytes of the run, serials. */
    private static String entry(long finishedMillis, long bytes, List<Ending> run) {
        StringBuilder entry = new StringBuilder(24 + run.size() * 7);
        entry.append(finishedMillis / 1000).append(':').append(bytes).append(':');
        for (int i = 0; i < run.size(); i++) {
            entry.append(i == 0 ? "" : ",").append(run.get(i).job().id().serial());
        }
        return entry.toString();
    }

    private static String attemptField(LeasedJob job) {
        return "a" + job.attempt() % Attempt.MAX_KEPT;
    }

    private byte[] attempt(Ending ending) {
        return Payload.encode(new Attempt(
                ending.job().attempt(),
                Instant.ofEpochMilli(ending.startedAtMillis()),
                Instant.ofEpochMilli(ending.finishedAtMillis()),
                ending.job().lease().number(),
                ending.error()));
    }

    private int extrasIndex(LeasedJob job) {
        return index("s" + job.id().serial(), keys.extras(job.id().serial()));
    }

    /** The place of a key in KEYS; each key is declared once. */
    private int index(String name, byte[] key) {
        return index.computeIfAbsent(name, unused -> {
            extraKeys.add(key);
            return FIXED_KEYS + extraKeys.size();
        });
    }

    private static int index(Map<String, Integer> index, String name) {
        return Objects.requireNonNull(index.get(name), name);
    }

    Call build(String token, String number, @Nullable Long callNumber) {
        boolean keep = !settings.completed().none();
        List<byte[]> finishes = new ArrayList<>();
        long keptBytes = 0;
        for (List<Ending> run : plain.values()) {
            Ending first = run.get(0);
            byte[] finish = new FinishRecord(
                            JobState.COMPLETED,
                            first.finishedAtMillis(),
                            first.startedAtMillis(),
                            number,
                            1,
                            false,
                            0,
                            null,
                            first.result())
                    .encode();
            finishes.add(finish);
            long bytes = bytes(run);
            plainBytes += bytes;
            keptBytes += bytes + (long) finish.length * run.size();
            declare(first.job().id().block());
        }
        specials.forEach(special -> declare(special.job.id().block()));
        Call call = new Call(1024 + plain.size() * 96 + specials.size() * 512);
        fixedKeys(call, number);
        extraKeys.forEach(call::key);
        call.arg(token).arg(number).arg(callNumber == null ? "" : Long.toString(callNumber));
        call.arg(keys.wakeChannel)
                .arg(keys.eventChannel)
                .arg(now)
                .arg(plainBytes)
                .arg(keep ? keptBytes : 0);
        call.arg(runMillis).arg(retried);
        permits(call);
        if (keep) {
            keptRuns(call, finishes);
        } else {
            droppedRuns(call);
        }
        specials.forEach(special -> append(call, special));
        return call;
    }

    private void declare(String block) {
        index("j" + block, keys.records(block));
        index("f" + block, keys.finishes(block));
    }

    private static long bytes(List<Ending> run) {
        return run.stream().mapToLong(ending -> ending.job().size()).sum();
    }

    private void fixedKeys(Call call, String number) {
        call.key(keys.counters)
                .key(keys.leases)
                .key(keys.dead)
                .key(keys.incarnation(number))
                .key(keys.active);
        call.key(keys.delayed);
        for (byte[] line : keys.lines) {
            call.key(line);
        }
        call.key(keys.completed)
                .key(keys.failed)
                .key(keys.cancelled)
                .key(keys.crashes)
                .key(keys.requests);
        call.key(keys.watched)
                .key(keys.retained)
                .key(keys.givenBack)
                .key(keys.flowEnds)
                .key(keys.inbox);
    }

    private void permits(Call call) {
        List<LeasedJob> gated = plain.values().stream()
                .flatMap(List::stream)
                .map(Ending::job)
                .filter(job -> !job.stored().permits().isEmpty())
                .toList();
        call.arg(gated.size());
        gated.forEach(job -> call.arg(job.id().serial()).arg(job.stored().permits()));
    }

    private void keptRuns(Call call, List<byte[]> finishes) {
        call.arg(plain.size());
        int at = 0;
        for (List<Ending> run : plain.values()) {
            byte[] finish = finishes.get(at++);
            String block = run.get(0).job().id().block();
            call.arg(index(index, "j" + block)).arg(index(index, "f" + block)).arg(finish);
            long bytes = bytes(run);
            call.arg(entry(run.get(0).finishedAtMillis(), bytes + (long) finish.length * run.size(), run));
            call.arg(bytes);
            serials(call, run);
        }
        call.arg(0);
    }

    private void droppedRuns(Call call) {
        call.arg(0).arg(plain.size());
        for (List<Ending> run : plain.values()) {
            call.arg(index(index, "j" + run.get(0).job().id().block())).arg(bytes(run));
            serials(call, run);
        }
    }

    private static void serials(Call call, List<Ending> run) {
        call.arg(run.size());
        run.forEach(ending -> call.arg(ending.job().id().serial()));
    }

    private void append(Call call, Special s) {
        String block = s.job.id().block();
        call.arg(s.kind).arg(s.job.id().serial()).arg(s.job.stored().line());
        call.arg(index(index, "j" + block))
                .arg(index(index, "f" + block))
                .arg(s.record)
                .arg(s.finish)
                .arg(s.entry)
                .arg(s.pause);
        call.arg(s.uniqueIndex)
                .arg(s.uniqueField)
                .arg(s.extrasIndex)
                .arg(s.extrasField)
                .arg(s.extrasValue);
        call.arg(s.freed).arg(s.kept).arg(s.crashes);
        call.arg(s.job.stored().permits()).arg(FlowPlace.end(s.job.stored().flow(), s.ending));
    }

    static List<String> refused(List<Object> reply) {
        List<String> serials = new ArrayList<>();
        for (int i = 3; i < reply.size(); i++) {
            serials.add(Redis.text(reply.get(i)));
        }
        return serials;
    }
}
