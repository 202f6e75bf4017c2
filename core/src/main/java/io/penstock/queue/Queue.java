package io.penstock.queue;

import io.penstock.job.Attempt;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.payload.Sealed;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A named line of jobs, as producers and operators see it.
 *
 * <p>Threads: safe; one instance serves the whole process, and callers that enqueue at the same time share round trips.
 * Time: methods wait for Redis, at most its timeout. Fails with {@link io.penstock.redis.RedisException}, except that
 * enqueueing answers {@link Enqueued.Refused} instead.
 */
public final class Queue {
    private final QueueStore store;
    private final Enqueuer enqueuer;
    private final JobReader reader;
    private final JobLister lister;
    private final JobMover mover;
    private final QueueAdmin admin;
    private final Fsck fsck;
    private final Importer importer;
    private final FlowStore flows;
    private final Groups groups;

    /** The queue behind this store. */
    public Queue(QueueStore store) {
        this.store = store;
        this.enqueuer = new Enqueuer(store);
        this.reader = new JobReader(store);
        this.lister = new JobLister(store, reader);
        this.mover = new JobMover(store, reader);
        this.admin = new QueueAdmin(store, lister, mover);
        this.fsck = new Fsck(store);
        this.importer = new Importer(store, enqueuer, mover);
        this.flows = store.flows(store.queue());
        this.groups = new Groups(store);
    }

    /** Returns the names of all queues in this Redis. */
    public static Set<String> names(Redis redis) {
        return redis.await(namesAsync(redis));
    }

    /** Returns the names of all queues in this Redis, sorted, without waiting. */
    public static CompletionStage<Set<String>> namesAsync(Redis redis) {
        return redis.command("SMEMBERS", new Call(32).key(QueueKeys.QUEUES)).thenApply(names -> {
            Set<String> sorted = new TreeSet<>();
            names.forEach(name -> sorted.add(Redis.text(name)));
            return sorted;
        });
    }

    /** Returns a total that grows with all that happens to a queue, for whoever looks at many; nothing is kept here. */
    public static CompletionStage<Long> trafficAsync(Redis redis, String name) {
        Call call = new Call(128)
                .key(new QueueKeys(name).counters)
                .arg("addedTotal")
                .arg("completedTotal")
                .arg("retriedTotal");
        return redis.command("HMGET", call)
                .thenApply(totals -> totals.stream()
                        .mapToLong(total -> total == null ? 0 : Long.parseLong(Redis.text(total)))
                        .sum());
    }

    /**
     * Lists the queues whose names were lost but whose counters are there, by a walk over all keys; answers their names.
     * Time: about 1 s a million keys.
     */
    public static Set<String> recover(Redis redis) {
        return KeyScan.recover(redis, names(redis));
    }

    /** Returns the name. */
    public String name() {
        return store.queue();
    }

    /** Returns the protocol behind it, for workers. */
    public QueueStore store() {
        return store;
    }

    /** Returns its groups (tenants): what they do and what they may do. */
    public Groups groups() {
        return groups;
    }

    /** Makes the queue known, so that it is listed before its first job; does nothing if it is. */
    public void create() {
        redis().await(createAsync());
    }

    /** Makes the queue known without waiting; see {@link #create}. */
    public CompletionStage<QueueSettings> createAsync() {
        return redis().command("SADD", new Call(64).key(QueueKeys.QUEUES).arg(name()))
                .thenCompose(added -> store.refresh());
    }

    /**
     * Adds a job and waits for the answer; when Redis does not answer in time the job is refused, see the reason. A caller
     * outside a job waits up to 250 ms longer while the memory of this process is short, so that producers slow down
     * before they are refused.
     */
    public Enqueued enqueue(JobSpec spec) {
        holdBack();
        Enqueuer.Waiting entry = entry(spec);
        try {
            return entry.answer.get(redis().config().timeout().toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            return abandon(entry);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return abandon(entry);
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("an answer is always given, never a failure", impossible);
        }
    }

    /** An interrupt ends it; the answer is then asked for at once. */
    private void holdBack() {
        long nanos = store.holdBackNanos();
        if (nanos > 0) {
            LockSupport.parkNanos(this, nanos);
        }
    }

    private Enqueued abandon(Enqueuer.Waiting entry) {
        if (entry.abandon()) {
            return Refusals.abandoned(name(), redis().config().timeout());
        }
        return Refusals.unknown(name(), redis().config().timeout());
    }

    /** Adds a job; the stage never fails. */
    public CompletionStage<Enqueued> enqueueAsync(JobSpec spec) {
        return entry(spec).answer;
    }

    /** Adds a job that has a past elsewhere, once for each origin; the stage never fails. */
    public CompletionStage<Enqueued> importAsync(ImportedJob job) {
        return importer.add(job);
    }

    /** Adds a job of a flow or batch, blocked until its flow lets it go or not; the stage never fails. */
    public CompletionStage<Enqueued> enqueueAsync(JobSpec spec, FlowPlace place, boolean blocked) {
        return entry(spec, place.toString(), blocked).answer;
    }

    /** Adds all jobs of a stream to a batch; see {@link #enqueueAll(Stream)}. */
    public EnqueueSummary enqueueAll(Stream<JobSpec> specs, FlowPlace batch) {
        return enqueueAll(specs, batch.toString());
    }

    /** Returns the place of a job in a flow or batch. */
    public Optional<FlowPlace> flow(JobId id) {
        return redis().await(reader.look(id.serial()))
                .map(seen -> FlowPlace.of(seen.stored().flow()));
    }

    /** Cancels the jobs of a batch that are here and have not ended, a page of the queue at a time; answers how many. */
    public CompletionStage<Long> cancelBatch(String home, String batch) {
        FlowPlace place = new FlowPlace(home, batch, FlowPlace.MEMBER);
        return new BatchWalk(store, lister, mover, place).run();
    }

    /** Returns the protocol of the flows that live in this queue. */
    public FlowStore flows() {
        return flows;
    }

    private Enqueuer.Waiting entry(JobSpec spec) {
        return entry(spec, "", false);
    }

    private Enqueuer.Waiting entry(JobSpec spec, String flow, boolean blocked) {
        if (!spec.queue().equals(name())) {
            throw new IllegalArgumentException("job for queue \"" + spec.queue() + "\" given to queue \"" + name()
                    + "\"; nothing was added; enqueue it there");
        }
        Enqueuer.Waiting entry = new Enqueuer.Waiting(spec, flow, blocked);
        enqueuer.add(entry);
        return entry;
    }

    /**
     * Adds all jobs of a stream, in calls of up to {@value QueueStore#MAX_BATCH} jobs; reads no further once one is refused.
     * At most {@value BulkRun#MOST_IN_FLIGHT} jobs are held at a time. While memory is short each {@value
     * QueueStore#MAX_BATCH} jobs are held back like one of {@link #enqueue}.
     */
    public EnqueueSummary enqueueAll(Stream<JobSpec> specs) {
        return enqueueAll(specs, "");
    }

    private EnqueueSummary enqueueAll(Stream<JobSpec> specs, String flow) {
        BulkRun run = new BulkRun(name(), flow, enqueuer);
        Iterator<JobSpec> all = specs.iterator();
        for (int read = 0; all.hasNext(); read++) {
            if (read % QueueStore.MAX_BATCH == 0) {
                holdBack();
            }
            if (!run.add(all.next())) {
                break;
            }
        }
        return run.finish();
    }

    /** Returns the settings. */
    public QueueSettings settings() {
        return redis().await(store.refresh());
    }

    /** Changes the settings for all processes; others go by them within ten seconds. */
    public void configure(QueueSettings settings) {
        admin.configure(null, settings);
    }

    /** Changes the settings if they are still what the caller saw; false if somebody changed them meanwhile. */
    public boolean configure(QueueSettings seen, QueueSettings settings) {
        return admin.configure(seen, settings);
    }

    /** Stops handing out jobs; running ones go on, producers may go on. */
    public void pause() {
        admin.flag("paused", true);
    }

    /** Hands out jobs again, and takes new ones again after {@link #drain}. */
    public void resume() {
        admin.resume();
    }

    /** Refuses new jobs, so that the queue runs dry; {@link #resume} ends it. */
    public void drain() {
        admin.flag("draining", true);
    }

    /** Drops all jobs of one state (not ACTIVE) in slices; answers how many. */
    public long purge(JobState state) {
        return admin.purge(state);
    }

    /**
     * Deletes the queue with everything in it; running jobs find their lease lost.
     *
     * @throws IllegalStateException if workers hold leases and {@code force} is false
     */
    public void delete(boolean force) {
        admin.delete(force);
    }

    /** Returns the counts. */
    public QueueCounts counts() {
        return stats().counts();
    }

    /** Returns counts, bytes, ages and totals; the cost does not depend on the number of jobs. */
    public QueueStats stats() {
        return redis().await(admin.stats());
    }

    /** Returns the same without waiting: two commands, and up to eight more where jobs wait. */
    public CompletionStage<QueueStats> statsAsync() {
        return admin.stats();
    }

    /**
     * Lists jobs of one state: waiting and delayed in the order they will run, finished ones newest first.
     *
     * @param cursor null for the first page
     * @param limit 1 to 500, clamped
     */
    public JobPage list(JobState state, @Nullable String cursor, int limit) {
        return redis().await(lister.list(state, cursor, Math.max(1, Math.min(500, limit))));
    }

    /** Finds a job in any state. */
    public Optional<Job> get(JobId id) {
        return redis().await(reader.look(id.serial())).map(found -> Seal.opened(store, found.job()));
    }

    /** Finds a job in any state, without waiting; a sealed result is opened on the connection's thread. */
    public CompletionStage<Optional<Job>> getAsync(JobId id) {
        return reader.look(id.serial()).thenApply(found -> found.map(seen -> Seal.opened(store, seen.job())));
    }

    /**
     * Tells a job something that it waits for, or will: {@code JobContext.awaitSignal} of that name returns the value. It is
     * kept with the job until that ends; the first one of a name stays, and sending it again does nothing.
     *
     * @param name 1 to 64 characters, see {@link io.penstock.job.Names}
     * @param value anything that can be written as JSON, at most 16 KiB; {@code true} if there is nothing to say
     * @return CONFLICT if the job has ended, was told that the time is over, has another value or too many signals
     * @throws IllegalArgumentException if name or value are not legal
     */
    public Change signal(JobId id, String name, Object value) {
        return redis().await(store.signals().send(id.serial(), name, value));
    }

    /** Returns the failed attempts that are remembered, oldest first. */
    public List<Attempt> attempts(JobId id) {
        return redis().await(reader.attempts(id.serial()));
    }

    /** Returns the log lines of a job. */
    public List<String> logs(JobId id) {
        return redis().await(reader.logs(id.serial()));
    }

    /** Changes payload, priority or delay of a waiting or delayed job. */
    public Change edit(JobId id, JobEdit edit) {
        byte[] payload = edit.payload();
        Sealed sealed = payload == null ? null : new Sealed("", payload);
        if (payload != null && store.payloads().seals()) {
            Optional<Job> job = get(id);
            if (job.isEmpty()) {
                return Change.notFound();
            }
            sealed = store.payloads().seal(payload, Seal.bound(name(), job.get().type()));
        }
        return redis().await(mover.edit(id.serial(), edit, sealed));
    }

    /**
     * Opens the payload of a job that was read: JSON text in UTF-8. Time: one that is kept elsewhere is fetched.
     *
     * @throws io.penstock.payload.PayloadException if this process cannot open it, saying why
     */
    public byte[] open(Job job) {
        return Seal.open(store, job);
    }

    /** Seals the payload of a wish as enqueueing does, for those who keep it elsewhere first; throws as {@link #open(Job)}. */
    public JobSpec seal(JobSpec spec) {
        return Seal.seal(store, spec);
    }

    /** Seals the payload of a wish that lies in Redis until it is enqueued: as {@link #seal}, but never put elsewhere. */
    public JobSpec sealHere(JobSpec spec) {
        return Seal.sealHere(store, spec);
    }

    /** Opens the payload of such a wish, as {@link #open(Job)}. */
    public JobSpec open(JobSpec spec) {
        return Seal.open(store, spec);
    }

    /** Makes a delayed job ready. */
    public Change promote(JobId id) {
        return redis().await(mover.promote(id.serial()));
    }

    /** Starts a failed or cancelled job anew, with all its attempts. */
    public Change retry(JobId id) {
        return redis().await(mover.retry(id.serial()));
    }

    /** Ends a waiting or delayed job, or asks a running one to stop. */
    public Change cancel(JobId id) {
        return redis().await(mover.cancel(id.serial()));
    }

    /** Shortens the window of a throttle key, or starts it anew if it is longer; the stage says whether the key is held. */
    public CompletionStage<Boolean> shorten(Unique throttle, Duration window) {
        Call call = new Call(128).key(store.keys().unique(throttle)).arg(window.toMillis());
        return redis().command("PEXPIRE", call).thenApply(held -> (Long) held.get(0) == 1);
    }

    /** Deletes a job that is not running. */
    public Change remove(JobId id) {
        return redis().await(mover.remove(id.serial()));
    }

    /** Retries dead letters in slices: all, or those of one type and one kind of error; answers how many. */
    public long retryAll(@Nullable String type, @Nullable String errorType) {
        return admin.retryAll(type, errorType);
    }

    /** Returns the workers that hold a lease of this queue. */
    public List<WorkerView> workers() {
        return redis().await(admin.workers());
    }

    /** Returns the same without waiting: one command, and two more a worker. */
    public CompletionStage<List<WorkerView>> workersAsync() {
        return admin.workers();
    }

    /** Asks a worker to take no more jobs, or to take jobs again. */
    public void quiet(String worker, boolean on) {
        admin.quiet(worker, on);
    }

    /** Asks a worker to end what it runs and leave; until its next renewal {@link #quiet} takes that back. */
    public void stop(String worker) {
        admin.stop(worker);
    }

    /**
     * Mends what lost keys have left behind: puts back jobs that no index holds, drops entries whose job is gone, moves
     * records that cannot be read to the dead letters, corrects counters. Safe while the queue is in use.
     *
     * @param budget index entries and records looked at, about; 100 to 1,000,000, clamped. An index longer than this is
     *     left alone and named in the report; records go on in the next call of the same instance
     */
    public FsckReport fsck(int budget) {
        return fsck(budget, true);
    }

    /** Does the same, or only tells what it would mend; a queue that is mended is listed again if its name was lost. */
    public FsckReport fsck(int budget, boolean repair) {
        if (repair) {
            create();
        }
        return fsck.run(budget, repair);
    }

    private Redis redis() {
        return store.redis();
    }
}
