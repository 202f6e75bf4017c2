package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whom a limit reports. */
final class TallyTest {
    private static final Answer YES = new Answer.Allowed(1, Duration.ZERO, Permit.NONE, false);
    private static final Answer NO = new Answer.Denied(Duration.ZERO, 0, false);

    @Test
    void reportsTheKeysDeniedLastAndNoMore() {
        Tally tally = new Tally();
        for (int i = 0; i < 10_000; i++) {
            tally.count("k" + i, NO);
            tally.count("quiet" + i, YES);
            tally.count("k0", NO);
        }
        tally.count("k0", YES);
        LimitStats stats = tally.stats(Limit.window("a", 1, Duration.ofMinutes(1)));
        assertThat(stats.denied()).isEqualTo(20_000);
        assertThat(stats.allowed()).isEqualTo(10_001);
        assertThat(stats.keys()).hasSize(Tally.MOST_KEYS);
        assertThat(stats.keys().get(0)).isEqualTo(new LimitStats.Key("k0", 1, 10_001));
        assertThat(stats.keys().get(1).key()).isEqualTo("k9999");
    }
}
