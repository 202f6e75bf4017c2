package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Enqueued.Accepted;
import io.penstock.job.Enqueued.Duplicate;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.Unique;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests that come again, beside jobs that do the same work. */
@ExtendWith(EmbeddedRedisExtension.class)
final class OnceRedisTest {
    private static final Duration DAY = Duration.ofDays(1);

    private QueueRig rig;

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new QueueRig(server);
    }

    @AfterEach
    void soundAndClosed() {
        rig.assertSound();
        rig.close();
    }

    private static Duplicate again(JobId job) {
        return new Duplicate(job, false, true);
    }

    private void endOne() {
        Lease lease = rig.join();
        rig.finish(lease, rig.completed(rig.take(lease, 1).get(0)));
    }

    @Test
    void givesTheSameRequestTheSameJobAlsoAfterItsEnd() {
        JobId first = rig.add(o -> o.once("r1", DAY));
        assertThat(rig.enqueue("2", o -> o.once("r1", DAY))).isEqualTo(again(first));
        endOne();
        assertThat(rig.enqueue("2", o -> o.once("r1", DAY))).isEqualTo(again(first));
        assertThat(rig.enqueue("2", o -> o.once("r2", DAY))).isInstanceOf(Accepted.class);
    }

    @Test
    void aJobMayHaveBothARequestAndAUniqueKey() {
        Unique work = Unique.whilePending("work");
        JobId first = rig.add(o -> o.once("r1", DAY).unique(work));
        assertThat(rig.enqueue("2", o -> o.once("r2", DAY).unique(work)))
                .as("another request for work that is under way")
                .isEqualTo(new Duplicate(first, false));
        endOne();
        JobId second = rig.add(o -> o.once("r3", DAY).unique(work));
        assertThat(second).isNotEqualTo(first);
        for (String request : List.of("r1", "r2")) {
            assertThat(rig.enqueue("3", o -> o.once(request, DAY).unique(work)))
                    .as("%s stays with the job it got, though another does that work now", request)
                    .isEqualTo(again(first));
        }
    }

    @Test
    void aThrottledRequestStaysWithTheJobThatThrottledIt() {
        Unique hourly = Unique.throttle("t", Duration.ofHours(1));
        JobId first = rig.add(o -> o.unique(hourly));
        assertThat(rig.enqueue("2", o -> o.once("r", DAY).unique(hourly))).isEqualTo(new Duplicate(first, false));
        rig.command("DEL", rig.store.keys().unique(hourly));
        assertThat(rig.enqueue("2", o -> o.once("r", DAY).unique(hourly))).isEqualTo(again(first));
    }

    @Test
    void isKnownForItsTimeAndNoLonger() {
        rig.add(o -> o.once("r", DAY));
        byte[] key = rig.store.keys().once("r");
        assertThat((Long) rig.command("PTTL", key).get(0)).isBetween(1L, DAY.toMillis());
        rig.command("DEL", key); // as its time does
        assertThat(rig.enqueue("2", o -> o.once("r", DAY))).isInstanceOf(Accepted.class);
    }

    @Test
    void holdsForDelayedJobsAndThoseOfGroupsToo() {
        JobId delayed = rig.add(o -> o.once("d", DAY).in(DAY));
        JobId grouped = rig.add(o -> o.once("g", DAY).group("acme").limit("key", 3));
        assertThat(rig.enqueue("2", o -> o.once("d", DAY).in(DAY))).isEqualTo(again(delayed));
        assertThat(rig.enqueue("2", o -> o.once("g", DAY).group("acme"))).isEqualTo(again(grouped));
        assertThat(rig.taken(rig.join(), 10)).hasSize(1);
    }

    @Test
    void manyOfOneCallAreToldApart() {
        JobOptions none = JobOptions.NONE;
        JobId known = rig.add(o -> o.once("known", DAY));
        Handover relay = new Handover(rig.queue);
        List<JobOptions> all = List.of(
                none.once("a", DAY).unique(Unique.whilePending("u")),
                none.once("known", DAY).unique(Unique.whilePending("v")),
                none.once("b", DAY).unique(Unique.whilePending("u")),
                none.unique(Unique.whilePending("v")),
                none.once("a", DAY));
        String ticket = relay.ticket(all.size());
        Handover.Answer answer = rig.await(relay.add(
                ticket, all.stream().map(o -> rig.spec("1", x -> o)).toList()));
        assertThat(answer).as("a and the work v are new").isEqualTo(new Handover.Answer(2, 3, null, 0));
        assertThat(rig.await(relay.add(
                        ticket, all.stream().map(o -> rig.spec("1", x -> o)).toList())))
                .as("sent again")
                .isEqualTo(answer);
        assertThat(rig.enqueue("2", o -> o.once("known", DAY))).isEqualTo(again(known));
        assertThat(rig.enqueue("2", o -> o.once("b", DAY)))
                .as("b was answered with the job of a")
                .isEqualTo(rig.enqueue("2", o -> o.once("a", DAY)));
    }

    @Test
    void travelsWithAJobThatIsKeptOutsideRedis() {
        byte[] parcel = Parcel.pack(rig.spec("1", o -> o.once("a,b", DAY).group("g")), 1_000);
        JobOptions back = Parcel.unpack(rig.name, parcel).options();
        assertThat(back.once()).isNotNull();
        assertThat(back.once().key()).isEqualTo("a,b");
        assertThat(back.once().keep()).isEqualTo(DAY);
        assertThat(Handover.reach(List.of(rig.spec("1", o -> o.once("k", DAY)), rig.spec("1", o -> o))))
                .as("a call adds its plain jobs before all others")
                .isEqualTo(1);
    }

    @Test
    void refusesWhatItCouldNotKeep() {
        assertThatThrownBy(() -> JobOptions.NONE.once("k", DAY).unique(Unique.keepLast("u")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("drop or throttle");
        assertThatThrownBy(() -> JobOptions.NONE.once("", DAY)).hasMessageContaining("once.key");
        assertThatThrownBy(() -> JobOptions.NONE.once("k", Duration.ZERO)).hasMessageContaining("once.keep");
        assertThat(new String(Parcel.pack(rig.spec("1", o -> o), 1), UTF_8)).doesNotContain("\ti");
    }
}
