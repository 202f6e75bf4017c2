package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobState;
import io.penstock.job.Priority;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Groups, limited keys and limits of the whole queue against a real server. */
final class GateRedisTest {
    private static EmbeddedRedis server;
    private static QueueRig rig;
    private Lease lease;

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

    @BeforeEach
    void queue() {
        rig.renew();
        lease = rig.join();
    }

    @AfterEach
    void sound() {
        rig.assertSound();
    }

    private void add(int jobs, UnaryOperator<JobOptions> options) {
        rig.queue.enqueueAll(IntStream.range(0, jobs).mapToObj(i -> rig.spec("1", options)));
    }

    private List<String> groups(int most) {
        return rig.take(lease, most).stream().map(job -> job.options().group()).toList();
    }

    private long of(String group, List<String> taken) {
        return taken.stream().filter(group::equals).count();
    }

    private void finish(List<LeasedJob> jobs) {
        rig.finish(lease, jobs.stream().map(rig::completed).toArray(Ending[]::new));
    }

    @Test
    void servesGroupsInTurnsWhateverTheyHaveWaiting() {
        add(1_000, o -> o.group("noisy"));
        add(10, o -> o.group("quiet"));

        List<String> taken = groups(20);

        assertThat(of("quiet", taken)).isEqualTo(10);
    }

    @Test
    void delaysAQuietGroupByOneTurnOfEachOther() {
        // A hundred times the load of the other, always there: each job of the quiet one waits for two of the noisy at
        // most.
        add(5_000, o -> o.group("noisy"));
        int served = 0;
        int worst = 0;
        for (int i = 0; i < 50; i++) {
            add(100, o -> o.group("noisy"));
            rig.add(o -> o.group("quiet"));
            int before = 0;
            while (true) {
                List<LeasedJob> one = rig.take(lease, 1);
                finish(one);
                served++;
                if (one.get(0).options().group().equals("quiet")) {
                    break;
                }
                before++;
            }
            worst = Math.max(worst, before);
        }
        System.out.println(
                "fairness: worst of 50 jobs of the quiet group waited for " + worst + " of the noisy one, served "
                        + served + ", left " + rig.queue.counts().waiting());

        assertThat(worst).isLessThanOrEqualTo(2);
    }

    @Test
    void givesGroupsTheirWeights() {
        rig.queue.groups().configure("big", new GroupRule(3, null, null, null, false));
        add(200, o -> o.group("big"));
        add(200, o -> o.group("small"));

        List<String> taken = groups(40);

        assertThat(of("big", taken)).isBetween(29L, 31L);
    }

    @Test
    void holdsAGroupToItsConcurrency() {
        rig.queue.groups().configure("a", new GroupRule(null, 2, null, null, false));
        add(5, o -> o.group("a"));
        add(1, o -> o.group("b"));

        List<LeasedJob> first = rig.take(lease, 10);
        assertThat(first).hasSize(3);
        assertThat(rig.take(lease, 10)).isEmpty();
        assertThat(lease.againMillis()).isEqualTo(-1);
        assertThat(rig.queue.groups().get("a"))
                .satisfies(view -> assertThat(view.held()).isTrue())
                .satisfies(view -> assertThat(view.active()).isEqualTo(2))
                .satisfies(view -> assertThat(view.waiting()).isEqualTo(3));

        finish(first);
        assertThat(rig.take(lease, 10)).hasSize(2);
    }

    @Test
    void holdsAGroupToItsBytes() {
        rig.queue.groups().configure(Groups.ALL, new GroupRule(null, null, null, 1_000L, false));
        String large = "\"" + "x".repeat(600) + "\"";
        for (int i = 0; i < 3; i++) {
            rig.enqueue(large, o -> o.group("a"));
        }

        List<LeasedJob> first = rig.take(lease, 10);
        assertThat(first)
                .as("one of 600 bytes, as two are more than a thousand")
                .hasSize(1);
        assertThat(rig.take(lease, 10)).isEmpty();
        finish(first);
        assertThat(rig.take(lease, 10)).hasSize(1);
    }

    @Test
    void letsThoseBehindALargeJobTryWhenItGoes() {
        rig.queue.groups().configure(Groups.ALL, new GroupRule(null, null, null, 1_000L, false));
        rig.add(o -> o.group("a"));
        assertThat(rig.take(lease, 10)).hasSize(1);
        String large = "\"" + "x".repeat(2_000) + "\"";
        JobId first = ((Enqueued.Accepted) rig.enqueue(large, o -> o.group("a"))).id();
        JobId second = rig.add(o -> o.group("a"));

        assertThat(rig.take(lease, 10)).as("it keeps its place").isEmpty();
        rig.queue.cancel(first);

        assertThat(rig.take(lease, 10))
                .extracting(LeasedJob::id)
                .as("no job of the group has ended")
                .containsExactly(second);
    }

    @Test
    void holdsAGroupToItsRateAndSaysWhenToAskAgain() {
        rig.queue.groups().configure("a", new GroupRule(null, null, new Rate(3, Duration.ofMillis(900)), null, false));
        add(10, o -> o.group("a"));

        assertThat(rig.take(lease, 10)).hasSize(3);
        assertThat(rig.take(lease, 10)).isEmpty();
        assertThat(lease.againMillis()).isBetween(2L, 300L);
        Awaitility.await().until(() -> rig.take(lease, 10).size() == 1);
    }

    @Test
    void pausesAndResumesAGroup() {
        add(2, o -> o.group("a"));
        rig.queue.groups().pause("a");
        assertThat(rig.take(lease, 10)).isEmpty();
        add(1, o -> o.group("b"));
        assertThat(groups(10)).containsExactly("b");
        rig.queue.groups().resume("a");
        assertThat(groups(10)).containsExactly("a", "a");
        assertThat(rig.queue.groups().rule("a")).isEqualTo(GroupRule.NONE);
    }

    @Test
    void runsOneJobOfAMutexAtATimeAndOthersMeanwhile() {
        add(3, o -> o.limit("account:1", 1));
        add(1, o -> o.limit("account:2", 1));

        List<LeasedJob> first = rig.take(lease, 10);
        assertThat(first).extracting(job -> job.options().limit().key()).containsExactly("account:1", "account:2");
        assertThat(rig.take(lease, 10)).isEmpty();
        for (int i = 0; i < 2; i++) {
            finish(first);
            first = rig.take(lease, 10);
            assertThat(first).hasSize(1);
        }
        finish(first);
        assertThat(rig.take(lease, 10)).isEmpty();
        assertThat(lease.againMillis()).isZero();
    }

    @Test
    void neitherBlocksOthersNorLooksAgainAtWhatIsParked() {
        add(2_000, o -> o.limit("busy", 1));
        List<LeasedJob> holder = rig.take(lease, 1);
        rig.take(lease, 1); // parks all that it meets
        while (!rig.take(lease, 1).isEmpty() || lease.againMillis() == 1) {}
        add(5, o -> o);
        assertThat(rig.take(lease, 10)).hasSize(5);

        long before = looks();
        for (int i = 0; i < 100; i++) {
            assertThat(rig.take(lease, 10)).isEmpty();
        }
        long each = (looks() - before) / 100;
        System.out.println("2,000 parked jobs: " + each + " commands in Redis a take that gets none");
        assertThat(each).as("commands of a take that finds nothing").isLessThan(30);
        finish(holder);
        assertThat(rig.take(lease, 10)).hasSize(1);
    }

    private long looks() {
        return Redis.text(rig.command("INFO", "commandstats".getBytes(UTF_8)).get(0))
                .lines()
                .filter(line -> line.startsWith("cmdstat_"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("^[^=]*=(\\d+).*", "$1")))
                .sum();
    }

    @Test
    void freesThePermitsOfAWorkerThatDied() {
        rig.queue.groups().configure("a", new GroupRule(null, 1, null, null, false));
        add(2, o -> o.group("a").limit("k", 1));
        assertThat(rig.take(lease, 10)).hasSize(1);
        Lease other = rig.join();
        assertThat(rig.take(other, 10)).isEmpty();

        rig.expire(lease);
        assertThat(rig.reclaimAll()).isEqualTo(1);

        List<LeasedJob> next = rig.take(other, 10);
        assertThat(next).hasSize(1);
        rig.finish(other, rig.completed(next.get(0)));
        assertThat(rig.take(other, 10)).hasSize(1);
    }

    @Test
    void passesAFreePermitOnWhenTheJobThatItWokeIsCancelled() {
        JobId first = rig.add(o -> o.group("a").limit("k", 1));
        List<LeasedJob> holder = rig.take(lease, 1);
        assertThat(holder.get(0).id()).isEqualTo(first);
        JobId second = rig.add(o -> o.group("b").limit("k", 1));
        JobId third = rig.add(o -> o.group("c").limit("k", 1));
        assertThat(rig.take(lease, 10)).isEmpty();
        rig.queue.cancel(second);
        finish(holder);
        assertThat(rig.take(lease, 10)).extracting(LeasedJob::id).containsExactly(third);
    }

    @Test
    void passesAFreePermitOnWhenTheGroupOfTheJobThatItWokeIsPaused() {
        add(1, o -> o.group("a").limit("k", 1));
        List<LeasedJob> holder = rig.take(lease, 1);
        add(1, o -> o.group("b").limit("k", 1));
        add(1, o -> o.group("c").limit("k", 1));
        assertThat(rig.take(lease, 10)).isEmpty();
        rig.queue.groups().pause("b");
        finish(holder);
        assertThat(groups(10)).containsExactly("c");
        rig.queue.groups().resume("b");
        assertThat(rig.take(lease, 10)).isEmpty();
    }

    /** A batch that is cancelled leaves its places behind; whoever comes after it is served at once. */
    @Test
    void passesThousandsOfCancelledJobsInOneTake() {
        for (UnaryOperator<JobOptions> options : List.<UnaryOperator<JobOptions>>of(
                o -> o,
                o -> o.group("a"),
                o -> o.limit("x", 1),
                o -> o.group("a").limit("x", 1))) {
            rig.renew();
            lease = rig.join();
            List<JobId> jobs = new ArrayList<>();
            rig.queue.enqueueAll(IntStream.range(0, 1_200).mapToObj(i -> rig.spec("1", options)));
            String cursor = null;
            do {
                JobPage page = rig.queue.list(JobState.WAITING, cursor, 500);
                page.jobs().forEach(job -> jobs.add(job.id()));
                cursor = page.next();
            } while (cursor != null);
            assertThat(jobs).hasSize(1_200);
            jobs.forEach(rig.queue::cancel);
            JobId last = rig.add(options);

            assertThat(rig.take(lease, 1)).extracting(LeasedJob::id).containsExactly(last);
        }
    }

    /** Nobody takes what the one that ended a job leaves over: one of those that wait is told, and no other. */
    @Test
    void tellsOneOfThoseThatWaitThatAPermitCameBack() {
        tellsOneOfThoseThatWait(o -> o.limit("x", 1));
    }

    /** A place under {@code maxActive} is a permit, too, though nobody gives anything back. */
    @Test
    void tellsOneOfThoseThatWaitThatAPlaceOfTheQueueIsFree() {
        rig.queue.configure(QueueSettings.DEFAULT.running(1, null));
        tellsOneOfThoseThatWait(o -> o);
    }

    @Test
    void tellsTheNextOfPlacesThatATakeHadNoUseFor() {
        rig.queue.configure(QueueSettings.DEFAULT.running(2, null));
        tellsTheNextOfTwoPlaces(o -> o);
    }

    @Test
    void notesNobodyWhereThereIsNoLimit() {
        add(1, o -> o);
        finish(rig.take(lease, 5));
        assertThat(rig.take(lease, 5)).isEmpty();
        assertThat(rig.command("EXISTS", rig.store.keys().waiters)).containsExactly(0L);
    }

    private void tellsOneOfThoseThatWait(UnaryOperator<JobOptions> limited) {
        add(3, limited);
        List<LeasedJob> first = rig.take(lease, 5);
        List<Lease> others = List.of(rig.join(), rig.join());
        others.forEach(other -> assertThat(rig.take(other, 5)).isEmpty());
        others.forEach(other -> assertThat(other.againMillis()).isEqualTo(-1));
        List<Lease> told = new CopyOnWriteArrayList<>();
        QueueEvents events = new QueueEvents(rig.redis, rig.timer);
        for (Lease other : others) {
            events.onWake(rig.name, other.number()::equals, () -> told.add(other));
        }
        AtomicBoolean listening = new AtomicBoolean();
        rig.redis.subscriber().subscribe(rig.store.keys().wakeChannel, message -> {}, () -> listening.set(true));
        Awaitility.await().untilTrue(listening);

        List<Ending> endings = first.stream().map(rig::completed).toList();
        finish(first);
        rig.store.passOn(endings);

        Awaitility.await().until(() -> !told.isEmpty());
        assertThat(rig.take(told.get(0), 5)).hasSize(1);
        rig.store.passOn(endings);
        Awaitility.await().until(() -> told.size() == 2);
        assertThat(told).containsExactlyInAnyOrderElementsOf(others);
        events.close();
    }

    @Test
    void tellsTheNextOfWhatATakeHadNoRoomFor() {
        rig.queue.groups().configure("a", new GroupRule(null, 2, null, null, false));
        tellsTheNextOfTwoPlaces(o -> o.group("a"));
    }

    private void tellsTheNextOfTwoPlaces(UnaryOperator<JobOptions> limited) {
        add(4, limited);
        List<LeasedJob> first = rig.take(lease, 5);
        assertThat(first).hasSize(2);
        Lease one = rig.join();
        Lease other = rig.join();
        assertThat(rig.take(one, 5)).isEmpty();
        assertThat(rig.take(other, 5)).isEmpty();
        finish(first);

        assertThat(rig.take(one, 1)).hasSize(1);

        assertThat(rig.command("SCARD", rig.store.keys().waiters)).containsExactly(0L);
        assertThat(rig.take(other, 1)).hasSize(1);
    }

    @Test
    void givesPermitsOfARunBackOnceAndOnlyForJobsThatWereHeld() {
        add(6, o -> o.group("a").limit("x", 6));
        List<LeasedJob> jobs = rig.take(lease, 6);
        List<Ending> twice = new ArrayList<>();
        jobs.stream().limit(4).map(rig::completed).forEach(twice::add);
        twice.add(rig.completed(jobs.get(0)));
        twice.add(Ending.completed(jobs.get(1), 1, rig.clock.millis(), null));

        rig.finish(lease, twice.toArray(Ending[]::new));

        rig.assertSound();
        rig.take(lease, 1);
        assertThat(rig.queue.groups().get("a").active()).isEqualTo(2);
    }

    @Test
    void ordersTheJobsOfAGroupByPriorityAndStarvesNone() {
        add(20, o -> o.group("a").priority(Priority.LOW));
        add(20, o -> o.group("a").priority(Priority.CRITICAL));
        List<Priority> order = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            order.add(rig.take(lease, 1).get(0).options().priority());
        }
        assertThat(order.get(0)).isEqualTo(Priority.CRITICAL);
        assertThat(order.stream().filter(Priority.LOW::equals).count()).isBetween(2L, 3L);
    }

    @Test
    void letsPlainJobsAndGatedOnesPassByTurns() {
        add(50, o -> o);
        add(50, o -> o.group("a"));
        assertThat(of(
                        "a",
                        rig.take(lease, 20).stream()
                                .map(job -> job.options().group() == null
                                        ? ""
                                        : job.options().group())
                                .toList()))
                .isEqualTo(10);
        int gated = 0;
        for (int i = 0; i < 10; i++) {
            gated += rig.take(lease, 1).get(0).options().group() == null ? 0 : 1;
        }
        assertThat(gated).isEqualTo(5);
    }

    @Test
    void holdsTheQueueToItsConcurrency() {
        rig.queue.configure(QueueSettings.DEFAULT.running(3, null));
        add(10, o -> o);
        List<LeasedJob> first = rig.take(lease, 10);
        assertThat(first).hasSize(3);
        Lease other = rig.join();
        assertThat(rig.take(other, 10)).isEmpty();
        assertThat(other.againMillis()).isEqualTo(-1);
        finish(first.subList(0, 2));
        assertThat(rig.take(other, 10)).hasSize(2);
    }

    @Test
    void holdsTheQueueToItsRate() {
        rig.queue.configure(QueueSettings.DEFAULT.running(0, new Rate(5, Duration.ofSeconds(1))));
        assertThat(rig.queue.settings().rate()).isEqualTo(new Rate(5, Duration.ofSeconds(1)));
        add(20, o -> o);
        assertThat(rig.take(lease, 10)).hasSize(5);
        assertThat(rig.take(lease, 10)).isEmpty();
        assertThat(lease.againMillis()).isBetween(2L, 200L);
        Awaitility.await().until(() -> rig.take(lease, 10).size() == 1);
    }

    @Test
    void listsAndPurgesWhatWaitsAtTheGate() {
        add(30, o -> o.group("a"));
        add(3, o -> o.group("b").limit("k", 1));
        add(2, o -> o.limit("k", 1));
        add(4, o -> o);
        rig.take(lease, 1);
        assertThat(rig.queue.list(JobState.WAITING, null, 100).jobs()).hasSize(38);
        assertThat(rig.queue.groups().list(null, 100).groups())
                .extracting(GroupView::name)
                .contains("a", "b");
        assertThat(rig.queue.purge(JobState.WAITING)).isEqualTo(38);
        assertThat(rig.queue.counts().waiting()).isZero();
    }

    @Test
    void refusesARuleOutOfRange() {
        assertThatThrownBy(() -> new GroupRule(0, null, null, null, false)).hasMessageContaining("1 to 1000");
        assertThatThrownBy(() -> new Rate(0, Duration.ofSeconds(1))).hasMessageContaining("1000000");
        assertThatThrownBy(() -> rig.queue.groups().get("no such name")).isInstanceOf(IllegalArgumentException.class);
    }
}
