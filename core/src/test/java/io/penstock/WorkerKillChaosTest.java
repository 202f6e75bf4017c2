package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.flow.Flow;
import io.penstock.flow.FlowId;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.queue.GroupRule;
import io.penstock.queue.Groups;
import io.penstock.queue.Queue;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.testing.Journal;
import io.penstock.testing.Ledger;
import io.penstock.testing.WorkerMain;
import io.penstock.testing.WorkerMain.Step;
import io.penstock.testing.WorkerProcess;
import io.penstock.worker.WorkerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Real worker processes die by SIGKILL in the middle of jobs: no job is lost, none ends twice, no innocent one is blamed. */
@ExtendWith(EmbeddedRedisExtension.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
@SuppressWarnings("try") // closed early, or held open for the length of the test
class WorkerKillChaosTest {
    private static final int KILLS = Integer.getInteger("chaos.kills", 200);
    private static final int GATED_KILLS = Integer.getInteger("chaos.gated.kills", 6);
    private static final int WORKERS = 2;
    private static final long LEASE_MILLIS = 1_000;

    private final long seed = Long.getLong("chaos.seed", System.nanoTime());
    private final List<WorkerProcess> processes = new ArrayList<>();

    @TempDir
    private Path directory;

    private WorkerProcess.Launch launch;
    private EmbeddedRedis server;
    private Penstock penstock;

    @BeforeEach
    void open(EmbeddedRedis shared) throws Exception {
        server = shared;
        launch = WorkerProcess.Launch.prepare(directory);
        penstock = Penstock.connect(PenstockConfig.of(server.uri())
                .worker(WorkerConfig.named("none").leaseLength(Duration.ofMillis(LEASE_MILLIS))));
        Queue training = penstock.queue("training");
        training.enqueue(WorkerMain.type("training").spec(new Step(0, 1, false, false)));
        try (WorkerProcess trained = launch.train(server.uri(), "training")) {
            await().until(() -> training.counts().completed() == 1);
        }
    }

    @AfterEach
    void close() {
        processes.forEach(WorkerProcess::kill);
        penstock.close();
    }

    private synchronized WorkerProcess start(String queue) {
        WorkerProcess process = launch.start("w" + processes.size(), server.uri(), queue, 4, LEASE_MILLIS);
        processes.add(process);
        return process;
    }

    @Test
    void nothingIsLostOrEndsTwiceWhenWorkersAreKilledInTheMiddleOfJobs() throws Exception {
        Queue queue = ChaosQueues.keepingAll(penstock, "killed");
        Ledger ledger = new Ledger();
        AtomicBoolean producing = new AtomicBoolean(true);
        Thread producer = new Thread(() -> produce(queue, ledger, producing), "producer");
        producer.start();
        Semaphore kills = new Semaphore(KILLS);
        AtomicInteger inHand = new AtomicInteger();
        List<Thread> killers = new ArrayList<>();
        long began = System.nanoTime();
        for (int i = 0; i < WORKERS; i++) {
            Random random = new Random(seed + i);
            killers.add(new Thread(() -> killWorkers(queue, random, kills, inHand), "killer-" + i));
        }
        killers.forEach(Thread::start);
        for (Thread killer : killers) {
            killer.join();
        }
        long seconds = (System.nanoTime() - began) / 1_000_000_000L;
        producing.set(false);
        producer.join();
        WorkerProcess last = start(queue.name());
        await().pollInterval(Duration.ofMillis(50)).until(() -> queue.counts().pending() == 0);
        last.close();

        processes.forEach(process -> ledger.ran(process.journal()));
        List<Job> ended = ledger.ended(queue);
        Ledger.Balance balance = ledger.balance();
        int most = ended.stream().mapToInt(Job::deliveries).max().orElse(0);
        System.out.printf(
                "chaos worker-kill seed=%d kills=%d seconds=%d inHandAtKills=%d mostDeliveries=%d: %s%n",
                seed, KILLS, seconds, inHand.get(), most, balance);
        assertThat(balance.holds()).as("%s", balance).isTrue();
        assertThat(balance.ok()).isEqualTo(balance.attempted());
        assertThat(ended).allMatch(job -> job.state() == JobState.COMPLETED);
        assertThat(queue.stats().completedTotal()).isEqualTo(balance.attempted());
        assertThat(inHand.get()).isGreaterThanOrEqualTo(KILLS);
        assertThat(most).isLessThanOrEqualTo(4);
    }

    /** The same of jobs that hold permits of groups and keys, and of jobs that need one another. */
    @Test
    void permitsComeBackAndFlowsEndWhenWorkersAreKilledInTheMiddleOfJobs() throws Exception {
        Queue queue = ChaosQueues.keepingAll(penstock, "gated");
        queue.groups().configure(Groups.ALL, new GroupRule(null, 2, null, null, false));
        Ledger ledger = new Ledger();
        Random random = new Random(seed - 2);
        List<FlowId> flows = new ArrayList<>();
        int n = 0;
        for (int round = 0; round < GATED_KILLS; round++) {
            Flow flow = Flow.named("flow" + round);
            for (int i = 0; i < 6; i++) {
                flow.job("n" + i, gated(queue, random, ledger, n++));
                if (i > 1) {
                    flow.needs("n" + i, "n" + (i - 2), "n" + (i - 1));
                }
            }
            FlowId id = penstock.flows().submit(flow);
            flows.add(id);
            penstock.flows()
                    .get(id)
                    .orElseThrow()
                    .nodes()
                    .forEach(node -> ledger.answered(
                            Ledger.number(penstock.job(node.id()).orElseThrow()), new Enqueued.Accepted(node.id())));
            for (int i = 0; i < 24; i++) {
                int number = n++;
                ledger.answered(number, queue.enqueue(gated(queue, random, ledger, number)));
            }
        }
        AtomicInteger inHand = new AtomicInteger();
        killWorkers(queue, random, new Semaphore(GATED_KILLS), inHand);
        WorkerProcess last = start(queue.name());
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> queue.counts().pending() == 0);
        for (FlowId id : flows) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            penstock.flows().state(id).orElseThrow().state().equals("completed"));
        }
        for (String permits : List.of("za", "zu")) { // its next look, a second later at most, takes what came back
            await().atMost(Duration.ofSeconds(60)).until(() -> exists("pk:{" + queue.name() + "}:" + permits) == 0);
        }
        last.close();

        processes.forEach(process -> ledger.ran(process.journal()));
        List<Job> ended = ledger.ended(queue);
        Ledger.Balance balance = ledger.balance();
        System.out.printf(
                "chaos gated worker-kill seed=%d kills=%d inHandAtKills=%d flows=%d: %s%n",
                seed, GATED_KILLS, inHand.get(), flows.size(), balance);
        assertThat(balance.holds()).as("%s", balance).isTrue();
        assertThat(balance.ok()).isEqualTo(balance.attempted());
        assertThat(ended).allMatch(job -> job.state() == JobState.COMPLETED);
        assertThat(queue.stats().completedTotal()).isEqualTo(balance.attempted());
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(queue.fsck(100_000, false).mended()).isZero());
    }

    private static JobSpec gated(Queue queue, Random random, Ledger ledger, int number) {
        ledger.attempted(number);
        String key = "k" + random.nextInt(3);
        String group = "g" + random.nextInt(4);
        boolean limited = random.nextInt(3) == 0;
        return WorkerMain.type(queue.name())
                .spec(
                        new Step(number, 3 + random.nextInt(10), false, false),
                        o -> limited ? o.group(group).limit(key, 1) : o.group(group));
    }

    private long exists(String key) {
        Call call = new Call(64).key(Redis.utf8(key));
        return (Long)
                penstock.redis().await(penstock.redis().command("EXISTS", call)).get(0);
    }

    /** Keeps a few hundred jobs waiting. */
    private void produce(Queue queue, Ledger ledger, AtomicBoolean producing) {
        Random random = new Random(seed - 1);
        int n = 0;
        while (producing.get()) {
            for (int i = 0; i < 100; i++) {
                int number = n++;
                ledger.attempted(number);
                queue.enqueueAsync(WorkerMain.type(queue.name())
                                .spec(new Step(number, 5 + random.nextInt(20), false, false)))
                        .thenAccept(answer -> ledger.answered(number, answer));
            }
            while (producing.get() && queue.counts().waiting() > 200) {
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    /** Starts a worker, kills it in the middle of a job, and so on until all kills are done. */
    private void killWorkers(Queue queue, Random random, Semaphore kills, AtomicInteger inHand) {
        while (kills.tryAcquire()) {
            WorkerProcess worker = start(queue.name());
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(3))
                    .until(() -> !Journal.open(worker.journal()).isEmpty());
            LockSupport.parkNanos(random.nextInt(30) * 1_000_000L);
            while (true) {
                worker.signal("STOP"); // so that what the journal and Redis say is still so when it dies
                int open = Journal.open(worker.journal()).size();
                if (open > 0 && !lastLifeRuns(queue)) {
                    inHand.addAndGet(open);
                    worker.kill();
                    break;
                }
                worker.signal("CONT");
                LockSupport.parkNanos(3_000_000);
            }
        }
    }

    /** A job that two kills have hit already and that runs now would rightly be called poison after a third. */
    private boolean lastLifeRuns(Queue queue) {
        Redis redis = penstock.redis();
        Call call = new Call(64).key(Redis.utf8("pk:{" + queue.name() + "}:x"));
        return redis.await(redis.command("HVALS", call)).stream()
                .anyMatch(value -> Redis.text(value).equals("2!"));
    }

    @Test
    void aPoisonJobDiesAfterThreeCrashesAndItsNeighboursDoNot() {
        Queue queue = ChaosQueues.keepingAll(penstock, "poisoned");
        Ledger ledger = new Ledger();
        int many = 60;
        int poison = 7;
        for (int n = 0; n < many; n++) {
            ledger.attempted(n);
            Enqueued answer = queue.enqueue(WorkerMain.type(queue.name()).spec(new Step(n, 30, n == poison, false)));
            ledger.answered(n, answer);
        }
        int deaths = 0;
        WorkerProcess worker = start(queue.name());
        while (queue.counts().pending() > 0) {
            if (worker.join(0)) {
                deaths++;
                worker = start(queue.name());
            }
            LockSupport.parkNanos(20_000_000);
        }

        processes.forEach(process -> ledger.ran(process.journal()));
        List<Job> ended = ledger.ended(queue);
        Ledger.Balance balance = ledger.balance();
        Map<JobState, Long> states = ChaosQueues.states(ended);
        long begun = processes.stream()
                .flatMap(process -> process.journal().stream())
                .filter(line -> line.what() == 'S' && line.job().equals(Integer.toString(poison)))
                .count();
        System.out.printf("chaos poison deaths=%d runsOfPoison=%d ends=%s: %s%n", deaths, begun, states, balance);
        assertThat(deaths).isEqualTo(3);
        assertThat(begun).isEqualTo(3);
        assertThat(balance.holds()).as("%s", balance).isTrue();
        List<Job> failed =
                ended.stream().filter(job -> job.state() == JobState.FAILED).toList();
        assertThat(failed).singleElement().satisfies(job -> {
            assertThat(Ledger.number(job)).isEqualTo(poison);
            assertThat(job.error().type()).isEqualTo("poison");
        });
        assertThat(states.get(JobState.COMPLETED)).isEqualTo(many - 1L);
    }
}
