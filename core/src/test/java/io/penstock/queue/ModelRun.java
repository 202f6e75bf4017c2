package io.penstock.queue;

import static io.penstock.redis.Redis.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.Priority;
import io.penstock.job.Retention;
import io.penstock.job.Unique;
import io.penstock.payload.Sealed;
import io.penstock.queue.QueueReplies.Finished;
import io.penstock.queue.QueueSettings.Keep;
import io.penstock.queue.ReferenceQueue.Entry;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;

/** Runs steps on a real queue and on the reference side by side, and fails at the first difference. */
final class ModelRun {
    private static final int CHECK_EVERY = 25;
    private static final JobError ERROR = new JobError("boom", "it broke", null);

    private final Redis redis;
    private final QueueStore store;
    private final Queue queue;
    private final ManualClock clock = new ManualClock();
    private final ReferenceQueue model = new ReferenceQueue();
    private final List<Hand> hands = new ArrayList<>();
    private final boolean repliesAreLost;
    private final StringBuilder told = new StringBuilder();
    private double due = 1;

    /** A worker of the test: what it holds and what it once held. */
    private static final class Hand {
        final Lease lease;
        final Map<String, LeasedJob> held = new LinkedHashMap<>();
        final List<LeasedJob> past = new ArrayList<>();
        boolean expired;
        boolean lost;
        boolean forgotten;

        Hand(Lease lease) {
            this.lease = lease;
        }
    }

    private final ModelGates gates;

    ModelRun(Redis redis, String name, boolean repliesAreLost) {
        this(redis, name, repliesAreLost, false);
    }

    ModelRun(Redis redis, String name, boolean repliesAreLost, boolean gated) {
        this.redis = redis;
        this.store = new QueueStore(redis, clock, name);
        this.queue = new Queue(store);
        this.repliesAreLost = repliesAreLost;
        this.gates = gated ? new ModelGates(queue, model) : null;
    }

    QueueStore store() {
        return store;
    }

    /** Returns the fault that these steps lead to, or null; {@link #story} tells what was done. */
    String run(List<Step> steps) {
        int at = 0;
        try {
            for (Step step : steps) {
                clock.advance(Duration.ofMillis(1));
                say(++at + ". " + step.kind() + " ");
                if (gates != null) {
                    say(gates.change(step));
                }
                execute(step);
                dueTimes();
                say("\n");
                if (at % CHECK_EVERY == 0 || at == steps.size()) {
                    compare();
                }
            }
            return null;
        } catch (AssertionError | RuntimeException wrong) {
            return wrong instanceof AssertionError ? wrong.getMessage() : trace(wrong);
        }
    }

    static String trace(Throwable wrong) {
        StringBuilder text = new StringBuilder(wrong.toString());
        Arrays.stream(wrong.getStackTrace())
                .limit(12)
                .forEach(frame -> text.append("\n    at ").append(frame));
        return wrong.getCause() == null ? text.toString() : text + "\n  by " + trace(wrong.getCause());
    }

    String story() {
        return told.toString();
    }

    private void say(String words) {
        told.append(words);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** The due time of a delayed job is set by the clock of Redis; the model takes it over if all else is as it should be. */
    private void dueTimes() {
        model.jobs.values().stream().filter(job -> job.dated).forEach(job -> {
            job.dated = false;
            byte[] records = store.keys().records(JobId.blockOf(job.serial));
            Object found =
                    command("HGET", new Call(64).key(records).arg(job.serial)).get(0);
            byte[] mine = job.stored.record;
            if (found instanceof byte[] real
                    && real.length == mine.length
                    && real[0] == mine[0]
                    && Arrays.equals(real, 10, real.length, mine, 10, mine.length)) {
                job.stored = new StoredJob(real);
                job.score = job.score < ReferenceQueue.FAR ? job.stored.readyMillis : job.score;
            }
        });
    }

    private <T> T await(CompletionStage<T> stage) {
        return redis.await(stage);
    }

    private List<Object> command(String name, Call call) {
        return await(redis.command(name, call));
    }

    private void execute(Step s) {
        switch (s.kind()) {
            case ENQUEUE -> enqueue(s);
            case BATCH -> batch(s);
            case JOIN -> join();
            case TAKE -> take(s);
            case FINISH -> finish(s, false);
            case FINISH_TWICE -> finish(s, true);
            case EXTEND -> extend(s);
            case LEAVE -> leave(s);
            case EXPIRE -> expire(s);
            case RECLAIM -> reclaim(s);
            case MARK -> mark(s);
            case NOTE -> note(s);
            case MAKE_DUE -> makeDue(s);
            case PROMOTE_DUE -> promoteDue(s);
            case CANCEL, PROMOTE, RETRY, REMOVE -> move(s);
            case EDIT -> edit(s);
            case PURGE -> purge(s);
            case PRUNE -> prune(s);
            case RETRY_ALL -> retryAll();
            case CONFIGURE -> configure(s);
            case PAUSE -> {
                queue.pause();
                model.paused = true;
            }
            case RESUME -> {
                queue.resume();
                model.paused = false;
                model.draining = false;
            }
            case DRAIN -> {
                queue.drain();
                model.draining = true;
            }
            case FREE_THROTTLE -> freeThrottle(s);
            case PASS_TIME -> clock.advance(Duration.ofMinutes(s.a() % 90));
            case LIST -> list(s);
            case LOOK -> look(s);
        }
    }

    // ---- producers

    private JobSpec spec(Step s) {
        JobOptions o = JobOptions.NONE;
        if (s.a() % 3 == 0) {
            o = o.priority(Priority.ofLevel(s.a() / 3 % 4));
        }
        int when = s.b() % 7;
        if (when == 0) {
            o = o.in(Duration.ofDays(1));
        } else if (when == 1) {
            o = o.at(Instant.ofEpochMilli((long) due++));
        } else if (when == 2) {
            o = o.in(Duration.ZERO);
        }
        if (s.c() % 3 == 0) {
            String key = "k" + s.c() / 3 % 4;
            o = switch (s.c() / 12 % 4) {
                case 0 -> o.unique(Unique.whilePending(key));
                case 1 -> o.unique(Unique.throttle(key, Duration.ofHours(1)));
                case 2 -> when > 2 ? o.unique(Unique.debounce(key, Duration.ofHours(1))) : o;
                default -> o.unique(Unique.keepLast(key));
            };
        }
        if (s.c() % 11 == 0) {
            o = o.retain(new Retention(Duration.ofMinutes(s.a() % 3 * 30L), Duration.ofMinutes(s.b() % 3 * 30L)));
        }
        return new JobSpec(store.queue(), "t" + s.a() % 3, payload(s.b()), gates == null ? o : gates.options(s, o));
    }

    private static byte[] payload(int b) {
        int size = b % 9 == 0 ? 2_000 : b % 200;
        return ("{\"n\":" + b + ",\"x\":\"" + "y".repeat(size) + "\"}").getBytes(UTF_8);
    }

    private byte[] record(JobSpec spec) {
        return StoredJob.encode(spec, clock.millis(), clock.millis() + delayOf(spec));
    }

    private static boolean late(JobOptions o) {
        Unique u = o.unique();
        return o.runAt() != null
                || o.delay() != null && !o.delay().isZero()
                || u != null && u.mode() == Unique.Mode.DEBOUNCE;
    }

    private static long delayOf(JobSpec spec) {
        JobOptions o = spec.options();
        if (o.delay() != null) {
            return o.delay().toMillis();
        }
        Unique u = o.unique();
        return u != null && u.mode() == Unique.Mode.DEBOUNCE && o.runAt() == null
                ? u.ttl().toMillis()
                : 0;
    }

    private Entry added(String serial, JobSpec spec, byte[] record) {
        Entry job = new Entry(serial, record);
        model.jobs.put(serial, job);
        model.added++;
        if (late(spec.options())) {
            Instant at = spec.options().runAt();
            model.later(job, at == null ? ReferenceQueue.FAR : at.toEpochMilli());
        } else {
            model.waits(job);
        }
        return job;
    }

    private void enqueue(Step s) {
        JobSpec spec = spec(s);
        byte[] record = record(spec);
        Unique unique = spec.options().unique();
        Enqueued answer = queue.enqueue(spec);
        say(shown(spec.options()) + " -> " + answer);
        String refusal = refusal(1, record.length);
        if (!refusal.isEmpty()) {
            check(answer instanceof Enqueued.Refused no && no.reason().name().equals(refusal), "not " + refusal);
            return;
        }
        boolean throttle = unique != null && unique.mode() == Unique.Mode.THROTTLE;
        String holder =
                unique == null ? null : throttle ? model.throttles.get(unique.key()) : model.unique.get(unique.key());
        boolean last = unique != null && !throttle && unique.mode() != Unique.Mode.DROP;
        if (holder != null && !(last && model.jobs.get(holder).state.equals("active"))) {
            check(
                    answer instanceof Enqueued.Duplicate twin
                            && twin.id().serial().equals(holder)
                            && twin.replaced() == last,
                    "not the duplicate of " + holder);
            if (last) {
                replace(model.jobs.get(holder), spec);
            }
            return;
        }
        check(answer instanceof Enqueued.Accepted, "not accepted");
        String serial = ((Enqueued.Accepted) answer).id().serial();
        check(!model.jobs.containsKey(serial), "serial given twice");
        added(serial, spec, record);
        if (unique != null) {
            (throttle ? model.throttles : model.unique).put(unique.key(), serial);
        }
    }

    private static String shown(JobOptions o) {
        return (o + "").replaceAll("\\w+=(null|0|\\{\\}),? ?", "");
    }

    private String refusal(int jobs, long bytes) {
        QueueSettings s = model.settings;
        return model.draining
                ? "DRAINING"
                : s.maxJobs() > 0 && model.pending() + jobs > s.maxJobs()
                        ? "QUEUE_FULL"
                        : s.maxBytes() > 0 && model.bytes() + bytes > s.maxBytes() ? "QUEUE_BYTES" : "";
    }

    private void replace(Entry job, JobSpec spec) {
        boolean debounce = spec.options().unique().mode() == Unique.Mode.DEBOUNCE;
        long ready = debounce ? clock.millis() + spec.options().unique().ttl().toMillis() : job.stored.readyMillis;
        JobOptions options = Replacement.sameLine(spec.options(), job.stored);
        StoredJob now = new StoredJob(
                debounce
                        ? job.stored.debounced(options, Seal.of(spec), ready)
                        : job.stored.edited(options, Seal.of(spec), ready));
        if (debounce) {
            model.leaves(job);
            model.later(job, ReferenceQueue.FAR);
        }
        job.stored = now;
    }

    private void batch(Step s) {
        List<JobSpec> specs = new ArrayList<>();
        List<CompletableFuture<Enqueued>> answers = new ArrayList<>();
        for (int i = 0; i < 2 + s.a() % 7; i++) {
            int key = i % 2 == 0 ? 1 : s.c() % 4 * 3; // none, or one that drops
            specs.add(spec(new Step(s.kind(), s.a() + i, s.b() + i, key)));
        }
        specs.forEach(spec -> answers.add(queue.enqueueAsync(spec).toCompletableFuture()));
        model.firm();
        int accepted = 0;
        int duplicates = 0;
        for (int i = 0; i < specs.size(); i++) {
            if (await(answers.get(i)) instanceof Enqueued.Accepted in) {
                JobSpec spec = specs.get(i);
                String key = added(in.id().serial(), spec, record(spec)).key();
                check(key.isEmpty() || model.unique.put(key, in.id().serial()) == null, "two hold " + key);
                accepted++;
            }
        }
        for (int i = 0; i < specs.size(); i++) {
            if (await(answers.get(i)) instanceof Enqueued.Duplicate twin) {
                String holder = model.unique.get(specs.get(i).options().unique().key());
                check(twin.id().serial().equals(holder), "not the duplicate of " + holder);
                duplicates++;
            }
        }
        say(accepted + " of " + specs.size() + ", duplicates " + duplicates);
        QueueSettings limits = model.settings;
        check(limits.maxJobs() == 0 || accepted == 0 || model.pending() <= limits.maxJobs(), "over the limit");
        check(limits.maxBytes() == 0 || accepted == 0 || model.bytes() <= limits.maxBytes(), "over the bytes");
        if (!model.draining && limits.maxBytes() == 0 && (limits.maxJobs() == 0 || duplicates == 0)) {
            long room = limits.maxJobs() == 0 ? 99 : Math.max(0, limits.maxJobs() - model.pending() + accepted);
            check(accepted == Math.min(room, specs.size() - duplicates), "there was room for " + room);
        }
        syncLines();
    }

    private void syncLines() {
        for (int line = 0; line < 4; line++) {
            Call call = new Call(64).key(store.keys().lines[line]).arg(0).arg(-1);
            String fault = model.sync(
                    line, command("LRANGE", call).stream().map(Redis::text).toList());
            check(fault.isEmpty(), fault);
        }
        syncGate();
    }

    /** Ghosts at the gate go when they are met; all else that stands there is known. */
    private void syncGate() {
        if (gates == null) {
            return;
        }
        KeyDump real = KeyDump.of(store);
        for (int line = 4; line < 8; line++) {
            List<String> mine = model.lines.get(line);
            List<String> left = new ArrayList<>(real.entries(line));
            for (String serial : List.copyOf(mine)) {
                if (!left.remove(serial) && model.ghosts.remove(line + serial)) {
                    mine.remove(serial);
                }
            }
            mine.sort(null);
            List<String> sorted = real.entries(line).stream().sorted().toList();
            check(mine.equals(sorted), "gate " + line + " is " + sorted + ", should be " + mine);
        }
    }

    private void freeThrottle(Step s) {
        String key = "k" + s.a() % 4;
        command("DEL", new Call(64).key(store.keys().unique(Unique.throttle(key, Duration.ofHours(1)))));
        model.throttles.remove(key);
    }

    // ---- workers

    private Hand hand(int n, Predicate<Hand> which) {
        List<Hand> fit = hands.stream().filter(which).toList();
        return fit.isEmpty() ? null : fit.get(n % fit.size());
    }

    private void join() {
        if (hands.stream().filter(hand -> !hand.lost).count() < 3) {
            hands.add(new Hand(await(store.join(Duration.ofHours(1)))));
        }
        if (hands.size() > 8) {
            hands.removeIf(hand -> hand.lost && hand.forgotten);
        }
    }

    private boolean losesLease(CompletionStage<?> stage) {
        try {
            stage.toCompletableFuture().get();
            return false;
        } catch (ExecutionException expected) {
            return expected.getCause() instanceof LeaseLostException;
        } catch (InterruptedException stop) {
            throw new CompletionException(stop);
        }
    }

    private void take(Step s) {
        Hand hand = hand(s.a(), any -> true);
        if (hand == null) {
            join();
            hand = hands.get(0);
        }
        int most = 1 + s.b() % (s.b() % 5 == 0 ? 40 : 6);
        long budget = s.c() % 4 == 0 ? s.c() : s.c() % 4 == 1 ? model.weight(2) - s.c() / 4 % 2 : 1 << 20;
        CompletionStage<List<LeasedJob>> stage = store.take(hand.lease, most, budget);
        if (hand.lost) {
            check(losesLease(stage), "a lost lease takes");
            return;
        }
        List<LeasedJob> jobs = await(stage);
        say(hand.lease.number() + " most " + most + ", " + budget + " bytes -> " + jobs);
        if (gates != null) {
            String fault = gates.took(hand.lease.number(), jobs, hand.lease);
            check(fault.isEmpty(), fault);
            for (LeasedJob job : jobs) {
                hand.held.put(job.id().serial(), job);
            }
            dropGhosts();
            return;
        }
        List<Entry> expected = model.take(hand.lease.number(), most, budget);
        check(
                serials(jobs).equals(expected.stream().map(job -> job.serial).toList()),
                "should be " + expected.stream().map(job -> job.serial).toList());
        for (int i = 0; i < jobs.size(); i++) {
            LeasedJob job = jobs.get(i);
            Entry entry = expected.get(i);
            check(Arrays.equals(job.record(), entry.stored.record), "record of " + job);
            check(job.crashes() == entry.crashCount(), "crashes of " + job);
            hand.held.put(entry.serial, job);
        }
        dropGhosts();
    }

    private static List<String> serials(List<LeasedJob> jobs) {
        return jobs.stream().map(job -> job.id().serial()).toList();
    }

    /** Ghosts go as a take meets them; how far it looked is its own affair. */
    private void dropGhosts() {
        for (int line = 0; line < 4 && !model.ghosts.isEmpty(); line++) {
            List<String> mine = model.lines.get(line);
            Call call = new Call(64).key(store.keys().lines[line]).arg(0).arg(-1);
            List<String> real =
                    command("LRANGE", call).stream().map(Redis::text).toList();
            Set<String> left = new HashSet<>(real);
            for (String serial : List.copyOf(mine)) {
                if (!left.contains(serial) && model.ghosts.remove(line + serial)) {
                    mine.remove(serial);
                }
            }
            check(mine.equals(real), "line " + line + " is " + real + ", should be " + mine);
        }
        syncGate();
    }

    private Ending ending(LeasedJob job, int how) {
        long now = clock.millis();
        long began = how % 5 == 0 ? 0 : now - how % 3;
        byte[] result = how % 4 == 0 ? "{\"ok\":true}".getBytes(UTF_8) : null;
        return switch (how % 10) {
            case 0 -> Ending.retried(job, now, now, Duration.ZERO, ERROR);
            case 1 -> Ending.retried(job, now - 1, now, Duration.ofDays(1), ERROR);
            case 2 -> Ending.snoozed(job, now, now, Duration.ofDays(2));
            case 3 -> Ending.failed(job, began, now, ERROR);
            case 4 -> Ending.cancelled(job, began, now, how % 3 == 0 ? ERROR : null);
            case 5 -> Ending.released(job);
            default -> Ending.completed(job, now - how % 2, now, result);
        };
    }

    private void finish(Step s, boolean twice) {
        Hand hand = hand(s.a(), any -> !any.held.isEmpty() || twice && !any.past.isEmpty());
        if (hand == null) {
            return;
        }
        List<Ending> endings = new ArrayList<>();
        List<LeasedJob> held = new ArrayList<>(hand.held.values());
        for (int i = 0; i < Math.min(held.size(), s.c() % 7); i++) {
            endings.add(ending(held.get((s.b() + i) % held.size()), s.c() % 2 == 0 ? 6 : s.b() + i));
        }
        Set<String> strange = new TreeSet<>();
        for (int i = 0; twice && i < Math.min(hand.past.size(), 3); i++) {
            LeasedJob old = hand.past.get((s.b() + i) % hand.past.size());
            if (!hand.held.containsKey(old.id().serial())
                    && strange.add(old.id().serial())) {
                endings.add(ending(old, s.c() / 7 + i));
            }
        }
        say(hand.lease.number() + " "
                + endings.stream()
                        .map(e -> e.job().id().serial() + ":" + e.kind())
                        .toList());
        CompletionStage<Finished> stage = store.finish(hand.lease, endings);
        if (hand.lost && !endings.isEmpty()) {
            check(losesLease(stage), "a lost lease finishes");
            hand.held.clear();
            return;
        }
        Finished done = await(stage);
        List<Ending> counted = endings.stream()
                .filter(e -> !strange.contains(e.job().id().serial()))
                .toList();
        if (!repliesAreLost) {
            check(done.applied() == counted.size(), "applied " + done.applied() + " of " + counted.size());
            check(new TreeSet<>(done.refused()).equals(strange), "refused " + done.refused() + ", not " + strange);
        }
        model.firm();
        counted.stream().filter(ModelRun::plain).forEach(this::ended);
        counted.stream().filter(e -> !plain(e)).forEach(this::ended);
        counted.forEach(e -> hand.past.add(hand.held.remove(e.job().id().serial())));
    }

    /** Those go first, in runs. */
    private static boolean plain(Ending e) {
        LeasedJob job = e.job();
        return e.kind() == Ending.Kind.COMPLETED
                && job.deliveries() == 1
                && !job.hasExtras()
                && job.options().unique() == null
                && job.options().retention() == null;
    }

    private static boolean losable(Entry job) {
        Unique unique = job.stored.options().unique();
        return unique != null && unique.mode() != Unique.Mode.DROP && unique.mode() != Unique.Mode.THROTTLE;
    }

    /** A job that goes on takes its key again if it is free, and ends if a newer one has it. */
    private boolean superseded(Entry job, long finished) {
        if (!losable(job)) {
            return false;
        }
        Unique unique = job.stored.options().unique();
        if (model.unique.putIfAbsent(unique.key(), job.serial) == null
                || job.serial.equals(model.unique.get(unique.key()))) {
            return false;
        }
        Retention own = job.stored.options().retention();
        job.keepUntil = own == null ? 0 : clock.millis() + own.failed().toMillis();
        model.ends(job, "cancelled", finished, true);
        return true;
    }

    private void ended(Ending e) {
        Entry job = model.jobs.get(e.job().id().serial());
        LeasedJob leased = e.job();
        boolean history = e.error() != null;
        long now = clock.millis();
        switch (e.kind()) {
            case COMPLETED, FAILED, CANCELLED -> terminal(job, e);
            case RELEASED -> {
                if (job.extras && !job.stored.extras) {
                    job.stored = new StoredJob(
                            job.stored.again(job.stored.attempts, job.stored.snoozes, true, job.stored.readyMillis));
                }
                uncrash(job);
                if (!superseded(job, now)) {
                    model.leaves(job);
                    model.first(job);
                }
            }
            case RETRIED, SNOOZED -> {
                boolean charged = e.kind() == Ending.Kind.RETRIED;
                job.extras |= history;
                job.stored = new StoredJob(job.stored.again(
                        job.stored.attempts + (charged ? 1 : 0),
                        job.stored.snoozes + (charged ? 0 : 1),
                        leased.hasExtras() || history,
                        now + e.pause().toMillis()));
                uncrash(job);
                if (superseded(job, e.finishedAtMillis())) {
                    return;
                }
                model.leaves(job);
                if (e.pause().isZero()) {
                    model.waits(job);
                } else {
                    model.later(job, ReferenceQueue.FAR);
                }
            }
        }
    }

    private static void uncrash(Entry job) {
        job.crashes = job.crashCount() == 0 ? job.crashes : Integer.toString(job.crashCount());
    }

    private void terminal(Entry job, Ending e) {
        boolean success = e.kind() == Ending.Kind.COMPLETED;
        Retention own = job.stored.options().retention();
        Keep keep = success ? model.settings.completed() : model.settings.failed();
        Duration ownKeep = own == null ? null : success ? own.completed() : own.failed();
        boolean kept = ownKeep == null ? !keep.none() : !ownKeep.isZero();
        job.keepUntil = ownKeep == null ? 0 : clock.millis() + ownKeep.toMillis();
        job.extras |= e.error() != null && kept;
        if (kept && e.kind() == Ending.Kind.FAILED && e.startedAtMillis() > 0) {
            job.stored = new StoredJob(
                    job.stored.again(job.stored.attempts + 1, job.stored.snoozes, job.extras, job.stored.readyMillis));
        }
        model.ends(job, e.kind().name().toLowerCase(java.util.Locale.ROOT), e.finishedAtMillis(), kept);
    }

    private void extend(Step s) {
        Hand hand = hand(s.a(), any -> true);
        if (hand == null) {
            return;
        }
        QueueReplies.Extended reply = await(store.extend(hand.lease, Duration.ofHours(1), "{}".getBytes(UTF_8)));
        check(reply.held() != hand.lost, "held " + reply.held());
        if (reply.held()) {
            hand.expired = false;
            Set<String> asked = new HashSet<>();
            model.jobs.values().stream().filter(job -> job.asked).forEach(job -> asked.add(job.serial));
            check(reply.cancelRequested().equals(asked), "asked " + reply.cancelRequested() + ", not " + asked);
            check(reply.paused() == model.paused, "paused");
        }
    }

    private void leave(Step s) {
        Hand hand = hand(s.a(), any -> true);
        if (hand == null) {
            return;
        }
        boolean held = await(store.leave(hand.lease, hand.held.size()));
        check(repliesAreLost || held != hand.lost, "left");
        say(hand.lease.number() + " with " + hand.held.size());
        hand.forgotten |= hand.held.isEmpty() && !hand.lost;
        hand.lost = true;
    }

    private void expire(Step s) {
        Hand hand = hand(s.a(), any -> !any.lost);
        if (hand != null) {
            say(hand.lease.number());
            command(
                    "ZADD",
                    new Call(96).key(store.keys().leases).arg("XX").arg(1).arg(hand.lease.token()));
            hand.expired = true;
        }
    }

    private void reclaim(Step s) {
        model.firm();
        int moved = 0;
        for (int slice; (slice = await(store.reclaim(1 + s.a() % 20))) > 0; ) {
            moved += slice;
        }
        int expected = 0;
        KeyDump now = KeyDump.of(store);
        Map<String, String> holders = Map.copyOf(model.unique);
        for (Hand hand : hands) {
            if ((hand.expired || hand.lost) && !hand.forgotten) {
                List<Entry> jobs = model.jobs.values().stream()
                        .filter(job -> job.owner.equals(hand.lease.number()))
                        .toList();
                say(hand.lease.number() + " held "
                        + jobs.stream().map(job -> job.serial).toList() + " ");
                expected += jobs.size();
                jobs.forEach(job -> reclaimed(job, now, holders));
                hand.past.addAll(hand.held.values());
                hand.held.clear();
                hand.lost = true;
                hand.forgotten = true;
            }
        }
        check(repliesAreLost || moved == expected, "moved " + moved + ", not " + expected);
        syncLines();
    }

    /** Which of two jobs of one key comes first is not known, so that is taken over from the real queue. */
    private void reclaimed(Entry job, KeyDump real, Map<String, String> holders) {
        boolean charged = job.crashes.isEmpty() || job.crashes.endsWith("!");
        int crashes = job.crashCount() + (charged ? 1 : 0);
        long now = clock.millis();
        if (job.asked || crashes >= LeasedJob.MAX_CRASHES) {
            Ending.Kind kind = job.asked ? Ending.Kind.CANCELLED : Ending.Kind.FAILED;
            JobError error = job.asked ? null : ERROR;
            terminal(
                    job,
                    new Ending(
                            new LeasedJob(new JobId(store.queue(), job.serial), hands.get(0).lease, job.stored, 0),
                            kind,
                            0,
                            now,
                            Duration.ZERO,
                            error,
                            null));
            return;
        }
        job.crashes = Integer.toString(crashes);
        if (job.extras && !job.stored.extras) {
            job.stored = new StoredJob(
                    job.stored.again(job.stored.attempts, job.stored.snoozes, true, job.stored.readyMillis));
        }
        if (losable(job) && real.finishes.containsKey(job.serial)) {
            check(!job.serial.equals(holders.get(job.key())), job.serial + " ended though it had its key");
            model.unique.putIfAbsent(job.key(), "a newer one");
            superseded(job, now);
            model.unique.remove(job.key(), "a newer one");
            return;
        }
        if (losable(job)) {
            model.unique.put(job.key(), job.serial);
        }
        model.leaves(job);
        model.waits(job);
    }

    private void mark(Step s) {
        Hand hand = hand(s.a(), any -> any.held.values().stream().anyMatch(job -> job.crashes() > 0));
        if (hand == null) {
            return;
        }
        LeasedJob job = hand.held.values().stream()
                .filter(any -> any.crashes() > 0)
                .findFirst()
                .orElseThrow();
        boolean kept = await(store.markStarted(job));
        check(kept != hand.lost, "marked " + kept);
        if (kept) {
            model.jobs.get(job.id().serial()).crashes = job.crashes() + "!";
        }
    }

    private void note(Step s) {
        boolean old = s.b() % 4 == 0;
        Hand hand = hand(s.a(), any -> old ? !any.past.isEmpty() : !any.held.isEmpty());
        if (hand == null) {
            return;
        }
        List<LeasedJob> jobs = old ? hand.past : new ArrayList<>(hand.held.values());
        LeasedJob job = jobs.get(s.b() % jobs.size());
        boolean mine = hand.held.containsKey(job.id().serial());
        if (old && mine) {
            return;
        }
        byte[] text = "\"x\"".getBytes(UTF_8);
        boolean kept = await(
                switch (s.c() % 3) {
                    case 0 -> store.progress(job, text);
                    case 1 -> store.log(job, text);
                    default -> store.saveStep(job, "s", text);
                });
        check(kept == (mine && !hand.lost), "kept " + kept + " for " + job);
        if (kept) {
            model.jobs.get(job.id().serial()).extras = true;
        }
    }

    // ---- the clock

    private void makeDue(Step s) {
        model.jobs.values().stream()
                .filter(job -> job.state.equals("delayed"))
                .skip(s.b() % 2)
                .limit(1 + s.a() % 4)
                .forEach(job -> {
                    DueTimes.set(store, job.serial, (long) due);
                    model.later(job, due++);
                });
    }

    private void promoteDue(Step s) {
        int most = 1 + s.a() % 5;
        List<Entry> moving = new ArrayList<>(model.due(repliesAreLost ? most * 2 : most));
        QueueReplies.Promoted reply = await(store.promote(most));
        say(moving.stream().map(job -> job.serial).toList().toString());
        check(repliesAreLost || reply.moved() == moving.size(), "moved " + reply.moved());
        moving.forEach(model::waits);
    }

    // ---- operators

    private Entry any(int n) {
        List<Entry> all = new ArrayList<>(model.jobs.values());
        return all.isEmpty() ? null : all.get(n % all.size());
    }

    private void move(Step s) {
        Entry job = any(s.a());
        JobId id = new JobId(store.queue(), job == null ? "vv01" : job.serial);
        String was = job == null ? "" : job.state;
        Change change = switch (s.kind()) {
            case CANCEL -> queue.cancel(id);
            case PROMOTE -> queue.promote(id);
            case RETRY -> queue.retry(id);
            default -> queue.remove(id);
        };
        say(id + " " + was + " -> " + change);
        Change.Result expected = job == null
                ? Change.Result.NOT_FOUND
                : switch (s.kind()) {
                    case CANCEL -> cancelled(job);
                    case PROMOTE -> promoted(job);
                    case RETRY -> retried(job);
                    default -> removed(job);
                };
        check(change.result() == expected, "should be " + expected);
    }

    private Change.Result cancelled(Entry job) {
        if (job.state.equals("active")) {
            job.asked = true;
            return Change.Result.ASKED;
        }
        if (job.ended()) {
            return Change.Result.CONFLICT;
        }
        Retention own = job.stored.options().retention();
        model.ends(job, "cancelled", clock.millis(), true);
        job.keepUntil = own == null ? 0 : clock.millis() + own.failed().toMillis();
        return Change.Result.DONE;
    }

    private Change.Result promoted(Entry job) {
        if (!job.state.equals("delayed")) {
            return Change.Result.CONFLICT;
        }
        model.waits(job);
        return Change.Result.DONE;
    }

    private Change.Result retried(Entry job) {
        if (!job.state.equals("failed") && !job.state.equals("cancelled")) {
            return Change.Result.CONFLICT;
        }
        String key = job.key();
        if (!key.isEmpty() && !job.serial.equals(model.unique.getOrDefault(key, job.serial))) {
            return Change.Result.CONFLICT;
        }
        if (!key.isEmpty()) {
            model.unique.put(key, job.serial);
        }
        job.stored = new StoredJob(job.stored.again(0, 0, job.extras, clock.millis()));
        model.waits(job);
        return Change.Result.DONE;
    }

    private Change.Result removed(Entry job) {
        if (job.state.equals("active")) {
            return Change.Result.CONFLICT;
        }
        model.removes(job);
        return Change.Result.DONE;
    }

    private void edit(Step s) {
        Entry job = any(s.a());
        if (job == null) {
            return;
        }
        byte[] payload = s.b() % 2 == 0 ? payload(s.c()) : null;
        Priority priority = s.b() % 3 == 0 ? Priority.ofLevel(s.b() / 3 % 4) : null;
        Duration delay = s.c() % 3 == 0 ? Duration.ofDays(s.c() / 3 % 2) : null;
        Change change = queue.edit(new JobId(store.queue(), job.serial), new JobEdit(payload, priority, delay));
        say(job.serial + " " + job.state + " priority " + priority + " delay " + delay + " -> " + change);
        boolean legal = job.state.equals("waiting") || job.state.equals("delayed");
        check(change.result() == (legal ? Change.Result.DONE : Change.Result.CONFLICT), "should be " + legal);
        if (!legal) {
            return;
        }
        boolean late = delay == null ? job.state.equals("delayed") : !delay.isZero();
        boolean stays = job.state.equals("waiting") && !late && (priority == null || priority == job.stored.priority);
        long ready = delay == null ? job.stored.readyMillis : clock.millis() + delay.toMillis();
        StoredJob now = new StoredJob(job.stored.edited(
                job.stored.options().priority(priority == null ? job.stored.priority : priority),
                payload == null ? null : new Sealed("", payload),
                ready));
        if (!stays) {
            model.leaves(job);
        }
        job.stored = now;
        if (late) {
            model.later(job, delay == null ? job.score : ReferenceQueue.FAR);
        } else if (!stays) {
            model.waits(job);
        }
    }

    private void purge(Step s) {
        List<JobState> states =
                List.of(JobState.WAITING, JobState.DELAYED, JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED);
        JobState state = states.get(s.a() % states.size());
        List<Entry> jobs = model.jobs.values().stream()
                .filter(job -> job.state.equals(state.wire()))
                .toList();
        long dropped = queue.purge(state);
        say(state + " -> " + dropped);
        check(repliesAreLost || dropped == jobs.size(), "dropped " + dropped + " of " + jobs.size());
        for (Entry job : jobs) {
            if (job.ended()) {
                model.jobs.remove(job.serial);
            } else {
                model.removes(job);
            }
        }
        if (state == JobState.WAITING) {
            model.lines.forEach(List::clear);
            model.ghosts.clear();
        }
    }

    private void prune(Step s) {
        int most = 1 + s.a() % 9;
        int dropped = await(store.prune(most));
        KeyDump now = KeyDump.of(store);
        List<Entry> gone = model.jobs.values().stream()
                .filter(job -> !now.records.containsKey(job.serial))
                .toList();
        say(most + " -> "
                + gone.stream().map(job -> job.serial + ":" + job.state).toList());
        check(repliesAreLost || dropped == gone.size(), "pruned " + dropped + ", gone are " + gone.size());
        Map<String, Long> before = new LinkedHashMap<>();
        gone.forEach(job -> before.computeIfAbsent(job.state, model::count));
        for (Entry job : gone) {
            check(job.ended(), "pruned " + job.serial + ", which is " + job.state);
            Keep keep = job.state.equals("completed") ? model.settings.completed() : model.settings.failed();
            long age = clock.millis() - job.endedMillis;
            boolean aged = job.keepUntil > 0
                    ? job.keepUntil <= clock.millis() || keep.none()
                    : age >= keep.age().toMillis() - 1_000;
            check(
                    aged || before.get(job.state) > keep.count() || keep.bytes() < 100_000,
                    "pruned " + job.serial + " " + job.state + " of age " + age + " without need");
            model.jobs.remove(job.serial);
        }
    }

    private void retryAll() {
        List<Entry> failed = model.jobs.values().stream()
                .filter(job -> job.state.equals("failed"))
                .toList();
        model.firm();
        long count = queue.retryAll(null, null);
        KeyDump now = KeyDump.of(store);
        int retried = 0;
        for (Entry job : failed) {
            String key = job.key();
            if (!now.finishes.containsKey(job.serial)) {
                check(key.isEmpty() || job.serial.equals(now.unique.get(key)), job.serial + " has not its key");
                check(retried(job) == Change.Result.DONE, job.serial + " could not be retried");
                retried++;
            } else {
                check(
                        !key.isEmpty() && now.unique.containsKey(key),
                        job.serial + " was not retried though nothing stood in its way");
            }
        }
        check(retried == count, "retried " + count + ", really " + retried);
        syncLines();
    }

    private void configure(Step s) {
        Keep some = new Keep(Duration.ofHours(1), s.b() % 4 * 2L, s.b() % 5 == 0 ? 900 : 1 << 20);
        QueueSettings d = QueueSettings.DEFAULT;
        QueueSettings next = switch (s.a() % 4) {
            case 0 -> d;
            case 1 ->
                new QueueSettings(5 + s.c() % 20, 0, d.maxPayloadBytes(), d.completed(), some, Duration.ofSeconds(1));
            case 2 -> new QueueSettings(0, 2_000 + s.c(), d.maxPayloadBytes(), some, d.failed(), d.aging());
            default -> new QueueSettings(0, 0, d.maxPayloadBytes(), some, some, Duration.ofHours(1));
        };
        queue.configure(next);
        say(next.toString());
        model.settings = next;
        if (gates != null) {
            gates.queueLimits(next);
        }
    }

    private void list(Step s) {
        List<JobState> states = List.of(
                JobState.WAITING,
                JobState.DELAYED,
                JobState.ACTIVE,
                JobState.COMPLETED,
                JobState.FAILED,
                JobState.CANCELLED);
        JobState state = states.get(s.a() % states.size());
        List<String> seen = new ArrayList<>();
        String cursor = null;
        int pages = 0;
        do {
            JobPage page = queue.list(state, cursor, 1 + s.b() % 7);
            page.jobs().forEach(job -> seen.add(job.id().serial()));
            cursor = page.next();
            check(++pages < 1_000, "no end of pages");
        } while (cursor != null);
        List<String> expected = new ArrayList<>();
        if (state == JobState.WAITING) {
            for (int line = 0; line < 8; line++) {
                for (String serial : model.lines.get(line)) {
                    if (!model.ghosts.contains(line + serial)) {
                        expected.add(serial);
                    }
                }
            }
            if (gates != null) {
                expected.sort(null);
                seen.sort(null);
            }
        } else {
            model.jobs.values().stream()
                    .filter(job -> job.state.equals(state.wire()))
                    .forEach(job -> expected.add(job.serial));
            expected.sort(null);
            seen.sort(null);
        }
        check(seen.equals(expected), "listed " + state + " " + seen + ", should be " + expected);
    }

    private void look(Step s) {
        Entry entry = any(s.a());
        if (entry == null) {
            return;
        }
        Optional<Job> found = queue.get(new JobId(store.queue(), entry.serial));
        check(found.isPresent(), entry.serial + " is not found");
        Job job = found.orElseThrow();
        check(job.state().wire().equals(entry.state), job.id() + " is " + job.state() + ", should be " + entry.state);
        check(job.cancelRequested() == entry.asked, job.id() + " asked " + job.cancelRequested());
        check(
                job.deliveries() <= entry.deliveries,
                job.id() + " was delivered " + entry.deliveries + " times, it says " + job.deliveries());
    }

    // ---- the whole

    private void compare() {
        KeyDump real = KeyDump.of(store);
        List<String> broken = new ArrayList<>(KeyInvariants.brokenIn(real));
        Set<String> all = new TreeSet<>(real.records.keySet());
        all.addAll(model.jobs.keySet());
        for (String serial : all) {
            Entry job = model.jobs.get(serial);
            byte[] record = real.records.get(serial);
            if (job == null || record == null) {
                broken.add(serial + (job == null ? " should be gone" : " is gone, should be " + job.state));
                continue;
            }
            String state = real.stateOf(serial);
            if (!state.equals(job.state)) {
                broken.add(serial + " is " + state + ", should be " + job.state);
            }
            if (!Arrays.equals(record, job.stored.record)) {
                broken.add(serial + " has the record " + text(record).lines().findFirst() + ", should have "
                        + text(job.stored.record).lines().findFirst());
            }
            same(broken, serial + " crashes", real.crashes.getOrDefault(serial, ""), job.crashes);
            same(broken, serial + " owner", real.active.getOrDefault(serial, ""), job.owner);
            same(broken, serial + " extras", real.extras.containsKey(serial), job.extras);
        }
        same(broken, "lines", real.lines, model.lines.subList(0, 4));
        for (int line = 4; line < 8; line++) {
            same(
                    broken,
                    "gate " + line,
                    real.entries(line).stream().sorted().toList(),
                    model.lines.get(line).stream().sorted().toList());
        }
        same(broken, "unique keys", real.unique, model.unique);
        same(broken, "throttles", real.throttles, model.throttles);
        if (!repliesAreLost) {
            same(broken, "addedTotal", real.counters.getOrDefault("addedTotal", 0L), model.added);
            same(broken, "completedTotal", real.counters.getOrDefault("completedTotal", 0L), model.completed);
            same(broken, "failedTotal", real.counters.getOrDefault("failedTotal", 0L), model.failed);
            same(broken, "cancelledTotal", real.counters.getOrDefault("cancelledTotal", 0L), model.cancelled);
        }
        check(broken.isEmpty(), String.join("\n", broken));
    }

    private static void same(List<String> broken, String what, Object real, Object expected) {
        if (!real.equals(expected)) {
            broken.add(what + ": " + real + ", should be " + expected);
        }
    }
}
