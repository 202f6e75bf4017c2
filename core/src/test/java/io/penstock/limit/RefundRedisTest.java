package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Payload;
import io.penstock.limit.Answer.Allowed;
import io.penstock.limit.Answer.Denied;
import io.penstock.limit.Limit.Kind;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An estimate is taken, and what was not used given back. */
@ExtendWith(EmbeddedRedisExtension.class)
final class RefundRedisTest {
    private static final Duration LONG = Duration.ofDays(31); // at these limits nothing comes back during a test

    private LimitRig rig;

    @BeforeEach
    void start(EmbeddedRedis server) {
        rig = new LimitRig(server);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private Limit limit(Kind kind, long permits) {
        return rig.define(
                kind == Kind.WINDOW ? Limit.window(rig.name, permits, LONG) : Limit.bucket(rig.name, permits, LONG));
    }

    private Charge taken(long permits) {
        return Objects.requireNonNull(((Allowed) rig.ask(permits)).permit().charge());
    }

    private long refund(Charge charge, long unused) {
        return rig.redis.await(rig.there.refund(charge, unused));
    }

    private long left() {
        return ((Allowed) rig.ask(1)).remaining() + 1;
    }

    @ParameterizedTest
    @EnumSource(names = {"WINDOW", "BUCKET"})
    void givesBackWhatWasNotUsedFromAnotherProcess(Kind kind) {
        limit(kind, 300);
        Charge charge = taken(250);
        assertThat(rig.ask(100)).isInstanceOf(Denied.class);

        Charge carried = Payload.decode(Payload.encode(charge), Charge.class);
        assertThat(refund(carried, 180)).isEqualTo(180);

        assertThat(left()).isEqualTo(230);
        assertThat(rig.ask(229)).as("300 less 70 and the one just asked for").isInstanceOf(Allowed.class);
        assertThat(rig.ask(1)).isInstanceOf(Denied.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"WINDOW", "BUCKET"})
    void givesBackOnceACallThoughAskedTwice(Kind kind) {
        limit(kind, 300);
        Charge charge = taken(200);
        taken(50);
        assertThat(refund(charge, 200)).isEqualTo(200);
        assertThat(refund(charge, 200)).isZero();
        assertThat(refund(charge, 0)).isZero();
        assertThat(left()).isEqualTo(250);
    }

    @ParameterizedTest
    @EnumSource(names = {"WINDOW", "BUCKET"})
    void givesNothingBackOfWhatNoLongerCounts(Kind kind) {
        Limit limit = limit(kind, 300);
        Charge charge = taken(200);
        rig.redis.await(rig.here.reset(limit.name(), "k"));
        assertThat(refund(charge, 100)).as("it was forgotten").isZero();
        taken(300);
        Charge old = new Charge(charge.limit(), "k", 200, charge.takenMillis() - 2 * LONG.toMillis(), "abcdefgh");
        assertThat(refund(old, 200)).as("it came back by itself").isZero();
        assertThat(rig.ask(1)).isInstanceOf(Denied.class);
        rig.define(
                kind == Kind.WINDOW
                        ? Limit.window(rig.name, 300, LONG.minusDays(1))
                        : Limit.bucket(rig.name, 300, LONG.minusDays(1)));
        assertThat(refund(new Charge(old.limit(), "k", 300, charge.takenMillis(), "ijklmnop"), 300))
                .as("the definition changed, and nobody has asked since")
                .isZero();
    }

    @Test
    void aPermitOfARateGivesBackByItself() {
        limit(Kind.BUCKET, 100);
        Permit permit = ((Allowed) rig.ask(100)).permit();
        permit.close(); // nothing is held
        assertThat(rig.ask(1)).isInstanceOf(Denied.class);
        assertThat(rig.redis.await(permit.refund(40))).isEqualTo(40);
        assertThat(left()).isEqualTo(40);
    }

    @Test
    void refusesWhatIsNoRateOrMoreThanWasTaken() {
        limit(Kind.BUCKET, 100);
        Charge charge = taken(10);
        assertThatThrownBy(() -> refund(charge, 11)).hasMessageContaining("0 to the 10");
        rig.define(Limit.concurrency(rig.name, 5, Duration.ofMinutes(1)));
        assertThatThrownBy(() -> refund(charge, 5)).hasMessageContaining("a rate");
        assertThat(((Allowed) rig.ask(1)).permit().charge()).isNull();
        assertThat(rig.redis.await(Permit.NONE.refund(7))).isZero();
    }
}
