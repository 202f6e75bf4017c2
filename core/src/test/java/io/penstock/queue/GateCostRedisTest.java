package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobOptions;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the gate costs Redis, printed; {@code -Dpenstock.gate.groups=1000000} for the full number of groups. */
final class GateCostRedisTest {
    private static final int GROUPS = Integer.getInteger("penstock.gate.groups", 50_000);
    private static final int JOBS = Integer.getInteger("penstock.gate.jobs", 20_000);

    private static EmbeddedRedis server;
    private static QueueRig rig;

    @BeforeAll
    static void start() throws Exception {
        server = EmbeddedRedis.builder().persistence(false).start();
        rig = new QueueRig(server);
    }

    @AfterAll
    static void stop() {
        rig.close();
        server.close();
    }

    private static double info(String section, String field) {
        Object text =
                rig.await(rig.redis.command("INFO", new Call(64).arg(section))).get(0);
        return Redis.text(text)
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .mapToDouble(line -> Double.parseDouble(line.substring(field.length() + 1)))
                .sum();
    }

    private static double cpuMicros() {
        return 1e6 * (info("cpu", "used_cpu_user") + info("cpu", "used_cpu_sys"));
    }

    private static int drain(Lease lease, int most) {
        int served = 0;
        List<LeasedJob> jobs;
        do {
            jobs = rig.take(lease, most);
            served += jobs.size();
            rig.finish(lease, jobs.stream().map(rig::completed).toArray(Ending[]::new));
        } while (!jobs.isEmpty() || lease.againMillis() == 1);
        return served;
    }

    @Test
    void servesEachOfVeryManyGroups() {
        rig.renew();
        Lease lease = rig.join();
        double before = info("memory", "used_memory");
        rig.queue.enqueueAll(IntStream.range(0, GROUPS).mapToObj(i -> rig.spec("1", o -> o.group("tenant-" + i))));
        double full = info("memory", "used_memory");
        assertThat(rig.queue.groups().list(null, 10).groups()).hasSize(10);
        long started = System.nanoTime();
        int served = drain(lease, 100);
        System.out.printf(
                "%,d groups of one job: %.0f bytes a group with its job, all served at %.0f jobs/s%n",
                GROUPS, (full - before) / GROUPS, served / ((System.nanoTime() - started) / 1e9));
        assertThat(served).isEqualTo(GROUPS);
        rig.renew();
    }

    @Test
    void costsRedisSoMuchAJob() {
        cycle("warm-up, plain", (i, o) -> o);
        cycle("plain", (i, o) -> o);
        cycle("one group", (i, o) -> o.group("a"));
        cycle("100 groups", (i, o) -> o.group("g" + i % 100));
        cycle("10,000 groups", (i, o) -> o.group("g" + i % 10_000));
        cycle("key, 100 permits, 1,000 keys", (i, o) -> o.limit("k" + i % 1_000, 100));
        cycle("mutex, 1,000 keys, 20 jobs each", (i, o) -> o.limit("k" + i % 1_000, 1));
        cycle("group and mutex", (i, o) -> o.group("g" + i % 100).limit("k" + i % 1_000, 1));
        rig.renew();
        rig.queue.groups().configure(Groups.ALL, new GroupRule(null, 5, null, 1L << 20, false));
        run("100 groups of at most 5 and 1 MiB", (i, o) -> o.group("g" + i % 100));
        rig.renew();
        rig.queue.configure(QueueSettings.DEFAULT.running(1_000, new Rate(1_000_000, java.time.Duration.ofSeconds(1))));
        run("plain, queue of at most 1,000 and a rate", (i, o) -> o);
        rig.assertSound();
    }

    private static void cycle(String what, BiFunction<Integer, JobOptions, JobOptions> options) {
        rig.renew();
        run(what, options);
    }

    private static void run(String what, BiFunction<Integer, JobOptions, JobOptions> options) {
        Lease lease = rig.join();
        double before = cpuMicros();
        rig.queue.enqueueAll(IntStream.range(0, JOBS).mapToObj(i -> rig.spec("1", o -> options.apply(i, o))));
        double added = cpuMicros();
        int served = drain(lease, 100);
        double done = cpuMicros();
        System.out.printf(
                "%-45s Redis us/job: add %5.2f, take and finish %6.2f%n",
                what, (added - before) / JOBS, (done - added) / JOBS);
        assertThat(served).isEqualTo(JOBS);
    }
}
