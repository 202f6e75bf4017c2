package io.penstock.notice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PaceTest {
    private static final long MINUTE = 60_000_000_000L;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 18, 60, 600})
    void neverLetsMoreThanTheLimitIntoAnyMinuteAndComesNearToIt(int perMinute) {
        long now = 0;
        Pace pace = new Pace(perMinute, now);
        Deque<Long> minute = new ArrayDeque<>();
        int sent = 0;
        while (now < 30 * MINUTE) {
            long wait = pace.waitNanos(now);
            if (wait > 0) {
                now += wait;
                continue;
            }
            pace.sent();
            sent++;
            minute.add(now);
            while (now - minute.peek() >= MINUTE) {
                minute.remove();
            }
            assertThat(minute.size()).isLessThanOrEqualTo(perMinute);
        }
        assertThat(sent).isGreaterThanOrEqualTo((int) (30 * perMinute * 0.45));
    }
}
