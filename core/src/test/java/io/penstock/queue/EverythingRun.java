package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.flow.BatchPlan;
import io.penstock.flow.BatchView;
import io.penstock.flow.Flow;
import io.penstock.flow.FlowId;
import io.penstock.flow.FlowView;
import io.penstock.flow.OnFailure;
import io.penstock.job.Backoff;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.job.Priority;
import io.penstock.job.Unique;
import io.penstock.payload.KeyRing;
import io.penstock.payload.PayloadConfig;
import io.penstock.redis.Call;
import io.penstock.redis.RedisConfig;
import io.penstock.schedule.Schedule;
import io.penstock.testing.FaultProxy;
import io.penstock.worker.JobContext;
import io.penstock.worker.WorkerConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Two processes, one of which loses answers and connections, and workers that die with jobs in hand; jobs with groups,
 * limited keys, unique keys, delays, retries, steps, sleeps, signals, sealed payloads; flows, batches and schedules of them;
 * and operators who cancel, retry, promote, edit, delete, pause. At the end the books are closed.
 */
final class EverythingRun implements AutoCloseable {
    private static final List<String> QUEUES = List.of("x", "y");
    private static final List<String> GROUPS = List.of("a", "b", "c");
    private static final int A_GROUP = 3;
    private static final int PERMITS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(Integer.getInteger("everything.patience", 120));

    /** What one job does: fails so many times, and before that waits or sleeps. */
    record Act(String what, int fails, String pad) {}

    private final long seed;
    private final Random random;
    private final EmbeddedRedis server;
    private final FaultProxy proxy;
    private final Penstock sound;
    private final Penstock faulty;
    private final Set<JobId> accepted = ConcurrentHashMap.newKeySet();
    private final Set<JobId> removed = ConcurrentHashMap.newKeySet();
    private final Set<JobId> completed = ConcurrentHashMap.newKeySet();
    private final List<FlowId> flows = new ArrayList<>();
    private final List<FlowId> batches = new ArrayList<>();
    private final java.util.Queue<String> story = new ConcurrentLinkedQueue<>();
    private final List<JobId> known = Collections.synchronizedList(new ArrayList<>()); // what was accepted, in order
    private final AtomicInteger runs = new AtomicInteger();
    private long removedCompleted;
    private long removesUnknown;
    private int names;

    EverythingRun(long seed) throws IOException {
        this.seed = seed;
        this.random = new Random(seed);
        server = EmbeddedRedis.builder().unixSocket(false).persistence(false).start();
        proxy = new FaultProxy(server.uri());
        sound = open(server.uri(), "sound");
        faulty = open(proxy.uri(), "faulty");
        for (String name : QUEUES) {
            Queue queue = sound.queue(name);
            QueueSettings s = QueueSettings.DEFAULT;
            QueueSettings.Keep all = new QueueSettings.Keep(Duration.ofHours(10), 1_000_000, 1L << 32);
            queue.configure(new QueueSettings(s.maxJobs(), s.maxBytes(), s.maxPayloadBytes(), all, all, s.aging()));
            queue.groups().configure(Groups.ALL, new GroupRule(null, A_GROUP, null, null, false));
        }
        for (Penstock each : List.of(sound, faulty)) {
            each.work(worker(each == sound ? "sound" : "faulty"), QUEUES);
        }
    }

    private static WorkerConfig worker(String name) {
        return WorkerConfig.named(name).concurrency(4).leaseLength(Duration.ofSeconds(2));
    }

    private Penstock open(String uri, String name) {
        PayloadConfig payloads = PayloadConfig.PLAIN
                .compress(200)
                .encrypt(KeyRing.of("k1", "0123456789abcdef".repeat(2).getBytes(UTF_8)));
        Penstock opened = Penstock.connect(PenstockConfig.of(uri)
                .redis(new RedisConfig(uri, Duration.ofSeconds(2))) // an answer that was lost is waited for so long
                .worker(worker(name))
                .payloads(payloads));
        for (String queue : QUEUES) {
            opened.handle(JobType.of("act." + queue, Act.class).queue(queue), this::run);
        }
        return opened;
    }

    private void run(Act act, JobContext ctx) throws Exception {
        runs.incrementAndGet();
        switch (act.what) {
            case "snooze" -> {
                if (ctx.deliveries() < 3) {
                    throw ctx.snooze(Duration.ofMillis(20));
                }
            }
            case "sleep" -> ctx.sleep("nap", Duration.ofMillis(30));
            case "signal" -> ctx.awaitSignal("go", Duration.ofHours(1), String.class);
            case "step" -> ctx.step("one", () -> ctx.id().toString());
            case "slow" -> LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(8_000_000));
            default -> {}
        }
        if (ctx.attempt() <= act.fails) {
            throw new IllegalStateException("fails");
        }
        ctx.result("done");
        completed.add(ctx.id());
    }

    // ---- what happens

    private boolean oneOf(int n) {
        return random.nextInt(n) == 0;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private Penstock either() {
        return oneOf(3) ? faulty : sound;
    }

    private JobSpec spec(boolean inFlow) {
        String queue = any(QUEUES);
        JobOptions o = JobOptions.NONE.maxAttempts(1 + random.nextInt(3)).backoff(Backoff.fixed(Duration.ofMillis(15)));
        if (!oneOf(3)) {
            o = o.group(any(GROUPS));
        }
        if (oneOf(4)) {
            o = o.limit("k" + random.nextInt(2), PERMITS);
        }
        if (oneOf(4)) {
            o = o.in(Duration.ofMillis(random.nextInt(150)));
        }
        if (oneOf(3)) {
            o = o.priority(any(List.of(Priority.values())));
        }
        if (!inFlow && oneOf(4)) {
            String key = "u" + random.nextInt(4);
            o = o.unique(
                    switch (random.nextInt(3)) {
                        case 0 -> Unique.whilePending(key);
                        case 1 -> Unique.throttle(key, Duration.ofMillis(50));
                        default -> Unique.keepLast(key);
                    });
        }
        String what = any(List.of("", "", "slow", "slow", "snooze", "sleep", "signal", "step"));
        Act act = new Act(what, oneOf(4) ? 1 + random.nextInt(3) : 0, "p".repeat(random.nextInt(600)));
        JobOptions options = o;
        return JobType.of("act." + queue, Act.class).queue(queue).spec(act, any -> options);
    }

    private void produce() {
        Penstock by = either();
        for (int i = 0; i <= random.nextInt(5); i++) {
            by.enqueueAsync(spec(false)).thenAccept(answer -> {
                if (answer instanceof Enqueued.Accepted yes) {
                    say((by == sound ? "sound" : "faulty") + " adds " + yes.id());
                    if (accepted.add(yes.id())) {
                        known.add(yes.id());
                    }
                }
            });
        }
    }

    private void flow() {
        Flow flow = Flow.named("flow" + names++);
        int jobs = 2 + random.nextInt(6);
        for (int i = 0; i < jobs; i++) {
            flow.job("n" + i, spec(true));
            if (oneOf(5)) {
                flow.undo("n" + i, spec(true));
            }
            for (int child = 0; child < i; child++) {
                if (oneOf(3)) {
                    flow.needs("n" + i, "n" + child);
                }
            }
            flow.onFailure("n" + i, any(List.of(OnFailure.values())));
        }
        flows.add(either().flows().submit(flow));
    }

    private void batch() {
        Penstock by = either();
        FlowId id =
                by.flows().open(BatchPlan.named("batch" + names++, any(QUEUES)).onComplete(spec(true)));
        batches.add(id);
        by.flows()
                .addAll(
                        id,
                        IntStream.range(0, 1 + random.nextInt(12))
                                .mapToObj(i -> spec(true))
                                .toList());
        by.flows().seal(id);
    }

    /** A worker that takes and is never heard of again. */
    private void die() {
        QueueStore store = sound.queue(any(QUEUES)).store();
        Lease lease = sound.redis().await(store.join(Duration.ofMillis(200 + random.nextInt(400))));
        say("dies with " + sound.redis().await(store.take(lease, 1 + random.nextInt(4), 1 << 20)));
    }

    private void operate() {
        if (known.isEmpty()) {
            return;
        }
        JobId id = any(known);
        Queue queue = sound.queue(id.queue());
        switch (random.nextInt(8)) {
            case 0, 1 -> say("cancel " + id + " " + queue.cancel(id));
            case 2 -> say("retry " + id + " " + queue.retry(id));
            case 3 -> say("promote " + id + " " + queue.promote(id));
            case 4 -> remove(queue, id);
            case 5 ->
                say("edit " + id + " " + queue.edit(id, new JobEdit(null, any(List.of(Priority.values())), null)));
            default -> say("signal " + id + " " + sound.signal(id, "go", "now"));
        }
    }

    private void remove(Queue queue, JobId id) {
        boolean before = !removed.add(id);
        removesUnknown++;
        Change change = queue.remove(id); // if it throws, nobody knows
        removesUnknown--;
        say("remove " + id + " " + change);
        if (change.ok()) {
            removedCompleted += change.state() == JobState.COMPLETED ? 1 : 0;
        } else if (!before) {
            removed.remove(id);
        }
    }

    private void ofFlows() {
        if (!flows.isEmpty() && oneOf(2)) {
            FlowId id = any(flows);
            String what = oneOf(2) ? "cancel " : "retry ";
            say(what + id);
            if (what.startsWith("cancel")) {
                sound.flows().cancel(id);
            } else {
                sound.flows().retry(id);
            }
        } else if (!batches.isEmpty() && oneOf(3)) {
            FlowId id = any(batches);
            say("cancel " + id);
            sound.flows().cancel(id);
        }
    }

    private void trouble() {
        switch (random.nextInt(3)) {
            case 0 -> {
                proxy.cut();
                say("cut");
                LockSupport.parkNanos(random.nextInt(60_000_000));
                proxy.pass();
            }
            default -> proxy.loseReplies("EVALSHA", 1 + random.nextInt(3));
        }
    }

    private void govern() {
        Queue queue = sound.queue(any(QUEUES));
        String group = any(GROUPS);
        switch (random.nextInt(4)) {
            case 0 -> queue.groups().pause(group);
            case 1 -> queue.pause();
            case 2 -> queue.resume();
            default -> queue.groups().resume(group);
        }
    }

    private void step() {
        int n = random.nextInt(100);
        try {
            if (n < 45) {
                produce();
            } else if (n < 55) {
                flow();
            } else if (n < 59) {
                batch();
            } else if (n < 75) {
                operate();
            } else if (n < 80) {
                ofFlows();
            } else if (n < 85) {
                die();
            } else if (n < 90) {
                trouble();
            } else if (n < 95) {
                govern();
            } else if (oneOf(1 + accepted.size() / 1_000)) { // it reads all there is
                limits();
            }
        } catch (RuntimeException unknown) {
            say("unknown: " + unknown.getMessage()); // what became of it the books will tell
        }
    }

    private void say(String what) {
        story.add(what);
    }

    // ---- what holds

    /** At any instant: nobody has more than his limit. */
    private void limits() {
        for (String name : QUEUES) {
            KeyDump dump = KeyDump.of(sound.queue(name).store());
            List<String> over = new ArrayList<>(KeyInvariants.brokenIn(dump));
            over.removeIf(fault -> fault.endsWith("does not tell of") && expires(name, fault.split(" ", 4)[2]));
            dump.gate.used.forEach((group, used) -> {
                if (!group.isEmpty() && Integer.parseInt(used.split(" ", 2)[0]) > A_GROUP) {
                    over.add("group " + group + " uses " + used);
                }
            });
            dump.gate.permits.forEach((key, used) -> {
                if (Integer.parseInt(used) > PERMITS) {
                    over.add("key " + key + " uses " + used);
                }
            });
            assertThat(over).as("%s\n%s", this, name).isEmpty();
        }
    }

    /** What a signal left for a running job that never asked for it goes by itself. */
    private boolean expires(String queue, String serial) {
        Call call = new Call(96).key(sound.queue(queue).store().keys().extras(serial));
        return (Long) sound.redis().await(sound.redis().command("PTTL", call)).get(0) > 0;
    }

    private String storyOf(JobId id) {
        return String.join(
                "\n",
                story.stream().filter(line -> line.contains(id.toString())).toList());
    }

    void behave(int operations) {
        for (String id : List.of("tick", "tock")) {
            JobSpec job = spec(true);
            while (job.options().delay() != null) {
                job = spec(true);
            }
            sound.schedules().put(null, Schedule.every(id + seed, Duration.ofSeconds(1), job));
        }
        for (int i = 0; i < operations; i++) {
            step();
            LockSupport.parkNanos(500_000);
        }
        settle();
        books();
    }

    private void settle() {
        proxy.pass();
        for (String id : List.of("tick", "tock")) {
            sound.schedules().pause(id + seed);
        }
        for (String name : QUEUES) {
            sound.queue(name).resume();
            GROUPS.forEach(group -> sound.queue(name).groups().resume(group));
        }
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(left()).as("%s", this).isEmpty());
    }

    /** What has not ended yet; whoever waits for a word gets it. */
    private List<String> left() {
        List<String> left = new ArrayList<>();
        for (String name : QUEUES) {
            for (Job job : sound.queue(name).list(JobState.BLOCKED, null, 500).jobs()) {
                if (!mayStayBlocked(job.id())) {
                    left.add(job.id() + " is blocked of " + sound.queue(name).flow(job.id()));
                }
            }
            for (JobState state : List.of(JobState.DELAYED, JobState.WAITING, JobState.ACTIVE)) {
                for (Job job : sound.queue(name).list(state, null, 500).jobs()) {
                    Change told = sound.signal(job.id(), "go", "last");
                    left.add(job.id() + " " + job.state() + " " + told + " " + job.options());
                }
            }
            QueueCounts counts = sound.queue(name).counts();
            if (counts.waiting() + counts.delayed() + counts.active() > 0 || !left.isEmpty()) {
                KeyDump dump = KeyDump.of(sound.queue(name).store());
                left.add(name + " " + counts + dump.settings + dump.leases + dump.dead + dump.lines + dump.ghosts
                        + " ring " + dump.gate.ring + " held " + dump.gate.held + " used " + dump.gate.used
                        + " permits "
                        + dump.gate.permits + " lines " + dump.gate.lines + " parked " + dump.gate.parked + " inbox "
                        + dump.gate.inbox + " given " + dump.gate.given);
            }
        }
        flows.stream()
                .filter(id -> !ended(state(id)))
                .forEach(id -> left.add(String.valueOf(sound.flows().get(id).orElse(null))));
        batches.stream()
                .filter(id -> !ended(state(id)) && !state(id).equals("open")) // its seal may have been lost
                .forEach(id -> left.add(String.valueOf(sound.flows().batch(id).orElse(null))));
        return left;
    }

    /** Undos of a flow that may be run again, callbacks of a batch that was not sealed, jobs of a flow that was not started. */
    private boolean mayStayBlocked(JobId id) {
        return sound.queue(id.queue())
                .flow(id)
                .map(FlowId::of)
                .map(this::state)
                .map(state -> ended(state) || state.equals("open") || state.equals("building"))
                .orElse(true);
    }

    private String state(FlowId id) {
        return id.batch()
                ? sound.flows().batch(id).map(BatchView::state).orElse("gone")
                : sound.flows().state(id).map(FlowView::state).orElse("gone");
    }

    private static boolean ended(String state) {
        return List.of("completed", "failed", "cancelled", "gone").contains(state);
    }

    private void books() {
        long completedTotal = 0;
        long completedNow = 0;
        for (String name : QUEUES) {
            Queue queue = sound.queue(name);
            await().alias(toString()).atMost(PATIENCE).untilAsserted(() -> {
                FsckReport found = queue.fsck(1_000_000, false);
                assertThat(found.mended()).as("%s\n%s", this, found).isZero();
            });
            limits();
            QueueStats stats = queue.stats();
            completedTotal += stats.completedTotal();
            completedNow += stats.counts().completed();
        }
        assertThat(sound.schedules().fsck(false).faults()).as("%s", this).isZero();
        List<JobId> vanished = completed.stream()
                .filter(id -> !removed.contains(id) && sound.job(id).isEmpty())
                .toList();
        assertThat(vanished).as("%s: completed, and removed by nobody", this).isEmpty();
        assertThat(completedTotal - completedNow - removedCompleted)
                .as("%s: completed once each", this)
                .isBetween(0L, removesUnknown);
        for (JobId id : accepted) {
            Job job = sound.job(id).orElse(null);
            assertThat(job != null ? job.state().terminal() || job.state() == JobState.BLOCKED : removed.contains(id))
                    .as("%s\n%s is %s\n%s", this, id, job, storyOf(id))
                    .isTrue();
            if (job != null && job.state() == JobState.COMPLETED) {
                assertThat(completed).as("%s", this).contains(id);
            }
        }
        for (FlowId id : flows) {
            sound.flows()
                    .get(id)
                    .ifPresent(flow ->
                            assertThat(flow.left()).as("%s\n%s", this, flow).isZero());
        }
    }

    @Override
    public String toString() {
        List<String> all = List.copyOf(story);
        List<String> told = all.subList(Math.max(0, all.size() - 40), all.size());
        return "everything seed=%d accepted=%d runs=%d flows=%d batches=%d%s"
                .formatted(
                        seed,
                        accepted.size(),
                        runs.get(),
                        flows.size(),
                        batches.size(),
                        Boolean.getBoolean("everything.tell") ? "\n" + String.join("\n", told) : "");
    }

    @Override
    public void close() throws IOException {
        faulty.close();
        sound.close();
        proxy.close();
        server.close();
    }
}
