package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Enqueued.Reason;
import io.penstock.job.JobSpec;
import io.penstock.job.Unique;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HandoverRedisTest {
    private QueueRig rig;
    private Handover relay;

    @BeforeAll
    void open(EmbeddedRedis server) {
        rig = new QueueRig(server);
    }

    @AfterAll
    void close() {
        rig.close();
    }

    @BeforeEach
    void renew() {
        rig.renew();
        relay = new Handover(rig.queue);
    }

    @AfterEach
    void leavesNothingUnsound() {
        rig.assertSound();
    }

    private List<JobSpec> specs(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> rig.spec(Integer.toString(i), o -> o))
                .toList();
    }

    private Handover.Answer add(String ticket, List<JobSpec> specs) {
        return rig.await(relay.add(ticket, specs));
    }

    private long waiting() {
        return rig.queue.counts().waiting();
    }

    private List<String> marks() {
        return rig
                .await(rig.redis.command(
                        "KEYS", new io.penstock.redis.Call(64).key(Redis.utf8("pk:{" + rig.name + "}:P:*"))))
                .stream()
                .map(Redis::text)
                .toList();
    }

    @Test
    void addsEachBatchOnceHoweverOftenItIsSent() {
        String first = relay.ticket(3);
        String second = relay.ticket(2);
        assertThat(add(first, specs(0, 3))).isEqualTo(new Handover.Answer(3, 0, null, 0));
        assertThat(add(first, specs(0, 3)).refused()).isNull();
        assertThat(add(second, specs(3, 5)).accepted()).isEqualTo(2);
        assertThat(waiting()).isEqualTo(5);
        assertThat(rig.taken(rig.join(), 10)).containsExactly("0", "1", "2", "3", "4");
        assertThat(rig.await(relay.settle(first))).isTrue();
        assertThat(rig.await(new Handover(rig.queue).settle(second))).isTrue();
    }

    /** The holder of the key may have ended by then: nobody may be told of a job that never came in. */
    @Test
    void answersAnAddThatIsSentAgainAsItAnsweredFirst() {
        for (Unique key :
                List.of(Unique.whilePending("k"), Unique.keepLast("k"), Unique.throttle("k", Duration.ofHours(1)))) {
            rig.add(o -> o.unique(key));
            String ticket = relay.ticket(2);
            List<JobSpec> specs = List.of(rig.spec("1", o -> o.unique(key)), rig.spec("2", o -> o));
            assertThat(add(ticket, specs)).isEqualTo(new Handover.Answer(1, 1, null, 0));
            Lease lease = rig.join();
            rig.take(lease, 5).forEach(job -> rig.finish(lease, rig.completed(job)));
            rig.command("DEL", rig.store.keys().unique(key));

            assertThat(add(ticket, specs)).as("%s", key).isEqualTo(new Handover.Answer(1, 1, null, 0));
            relay.done();
        }
    }

    @Test
    void aBatchThatWasSettledAsNotInNeverComesIn() {
        String ticket = relay.ticket(3);
        Handover other = new Handover(rig.queue);
        assertThat(rig.await(other.settle(ticket))).isFalse();
        // the first relay wakes up and sends what it meant to send
        assertThat(add(ticket, specs(0, 3)).refused().reason()).isEqualTo(Reason.REDIS_UNREACHABLE);
        assertThat(waiting()).isZero();
        assertThat(rig.await(other.settle(ticket))).isFalse();
        // and goes on with another block
        assertThat(add(relay.ticket(3), specs(0, 3)).accepted()).isEqualTo(3);
        assertThat(waiting()).isEqualTo(3);
    }

    @Test
    void aTicketThatWasNeverUsedIsNotInBecauseALaterOneIs() {
        String left = relay.ticket(3);
        assertThat(add(relay.ticket(3), specs(0, 3)).accepted()).isEqualTo(3);
        assertThat(rig.await(relay.settle(left))).isFalse();
    }

    @Test
    void aTicketOfWhichRedisLostTheMarkIsNotIn() {
        String ticket = relay.ticket(1);
        add(ticket, specs(0, 1));
        marks().forEach(key -> rig.command("DEL", Redis.utf8(key)));
        assertThat(rig.await(relay.settle(ticket))).isFalse();
    }

    @Test
    void tellsHowManyWouldFitAndAddsNoneOfThem() {
        QueueSettings d = QueueSettings.DEFAULT;
        rig.queue.configure(new QueueSettings(2, 0, d.maxPayloadBytes(), d.completed(), d.failed(), d.aging()));
        Handover.Answer answer = add(relay.ticket(3), specs(0, 3));
        assertThat(answer.refused().reason()).isEqualTo(Reason.QUEUE_FULL);
        assertThat(answer.fits()).isEqualTo(2);
        assertThat(waiting()).isZero();
    }

    @Test
    void countsJobsWhoseKeyIsHeldAsDuplicates() {
        JobSpec unique = rig.spec("1", o -> o.unique(Unique.whilePending("k")));
        assertThat(add(relay.ticket(2), List.of(unique, unique))).isEqualTo(new Handover.Answer(1, 1, null, 0));
    }

    @Test
    void cutsBatchesWhereTheirOrderWouldChange() {
        JobSpec plain = rig.spec("1", o -> o);
        JobSpec unique = rig.spec("1", o -> o.unique(Unique.whilePending("k")));
        JobSpec last = rig.spec("1", o -> o.unique(Unique.keepLast("k")));
        assertThat(Handover.reach(List.of(plain, plain, unique, unique, plain))).isEqualTo(4);
        assertThat(Handover.reach(List.of(plain, last))).isEqualTo(1);
        assertThat(Handover.reach(List.of(last, plain))).isZero();
        JobSpec large = rig.spec("x".repeat(200 << 10), o -> o);
        assertThat(Handover.reach(List.of(large, large))).isEqualTo(1);
    }

    @Test
    void keepsItsMarksForMonthsAndTakesThemAwayWhenItRetires() {
        String ticket = relay.ticket(1);
        assertThat(marks()).hasSize(1);
        long millis = (Long) rig.command("PTTL", Redis.utf8(marks().get(0))).get(0);
        assertThat(millis)
                .isBetween(Duration.ofDays(29).toMillis(), Duration.ofDays(30).toMillis());
        add(ticket, specs(0, 1));
        assertThat(rig.await(relay.retire())).isFalse(); // somebody may have to ask for that ticket
        relay.done();
        assertThat(rig.await(relay.retire())).isTrue();
        assertThat(marks()).isEmpty();
        assertThat(add(relay.ticket(1), specs(1, 2)).accepted()).isEqualTo(1);
    }

    @Test
    void leavesABlockBehindOnlyWhileATicketOfItIsOpen() {
        for (int i = 0; i < 5; i++) {
            add(relay.ticket(500), specs(0, 500));
            relay.done();
        }
        assertThat((Long) rig.command("HLEN", Redis.utf8(marks().get(0))).get(0))
                .isEqualTo(1);
        assertThat(waiting()).isEqualTo(2_500);
    }
}
