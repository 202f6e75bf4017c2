package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.limit.Answer.Allowed;
import io.penstock.limit.Answer.Denied;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a limit may be, and how it is told to HTTP clients. */
final class LimitTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void refusesWhatIsOutsideItsBoundsAndSaysThem() {
        assertThatThrownBy(() -> Limit.window("a b", 1, MINUTE))
                .hasMessage(
                        "name of a limit is a b, legal is 1 to 64 of A-Z a-z 0-9 . _ -; nothing was changed or counted;"
                                + " correct it and try again");
        assertThatThrownBy(() -> Limit.window("a", 0, MINUTE))
                .hasMessageContaining("permits of limit a is 0, legal is 1 to 10000000");
        assertThatThrownBy(() -> Limit.concurrency("a", 10_001, MINUTE)).hasMessageContaining("1 to 10000");
        assertThatThrownBy(() -> Limit.window("a", 1, Duration.ofMillis(99))).hasMessageContaining("PT0.1S to PT744H");
        assertThatThrownBy(() -> Limit.window("a", 1, Duration.ofDays(32))).hasMessageContaining("period of limit a");
        assertThatThrownBy(() -> Limit.bucket("a", 10_000_000, Duration.ofDays(31)))
                .hasMessageContaining("2^53");
        assertThatThrownBy(() -> Limit.window("a", 5, MINUTE).burst(6)).hasMessageContaining("burst of limit a");
        assertThat(Limit.window("a", 10_000_000, Duration.ofDays(31)).mostACall())
                .isEqualTo(10_000_000);
        assertThat(Limit.concurrency("a", 10_000, MINUTE).mostACall()).isEqualTo(1_000);
    }

    @Test
    void failsOpenForRatesAndClosedForPermitsUnlessTold() {
        assertThat(Limit.window("a", 1, MINUTE).away()).isEqualTo(Limit.Away.OPEN);
        assertThat(Limit.bucket("a", 1, MINUTE).away()).isEqualTo(Limit.Away.OPEN);
        assertThat(Limit.concurrency("a", 1, MINUTE).away()).isEqualTo(Limit.Away.CLOSED);
        assertThat(Limit.concurrency("a", 1, MINUTE).away(Limit.Away.OPEN).away())
                .isEqualTo(Limit.Away.OPEN);
    }

    @Test
    void isToldInTheFieldsOfTheDraft() {
        Limit api = Limit.window("api", 100, MINUTE);
        assertThat(api.policyItem()).isEqualTo("\"api\";q=100;w=60");
        assertThat(Limit.concurrency("gpu", 4, MINUTE).policyItem())
                .isEqualTo("\"gpu\";q=4;qu=\"concurrent-requests\"");
        assertThat(api.stateItem(new Allowed(7, Duration.ofMillis(1_001), Permit.NONE, false)))
                .isEqualTo("\"api\";r=7;t=2");
        assertThat(api.stateItem(new Denied(Duration.ofSeconds(3), 0, false))).isEqualTo("\"api\";r=0;t=3");
    }

    @Test
    void anEmptyPermitIsAlwaysHeldAndGivenBack() {
        assertThat(Permit.NONE.extend()).isTrue();
        assertThat(Permit.NONE.release()).isCompletedWithValue(true);
        assertThat(Permit.NONE.fence()).isZero();
    }
}
