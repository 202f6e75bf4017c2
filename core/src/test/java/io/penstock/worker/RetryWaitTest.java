package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Outage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.NOPLogger;

class RetryWaitTest {
    private final Outage outage = new Outage(NOPLogger.NOP_LOGGER, new ManualClock(), "test");
    private final RetryWait retry = new RetryWait(outage);

    @Test
    void doesNotWaitUntilSomethingFailed() {
        assertThat(retry.waitNanos(0)).isZero();
    }

    @Test
    void waitsLongerWithEachFailureButNeverPastItsCeiling() {
        for (int i = 0; i < 100; i++) {
            retry.failed(new IllegalStateException("planned by the test"), 0);
            assertThat(retry.waitNanos(0)).isPositive().isLessThan(TimeUnit.MILLISECONDS.toNanos(5_600));
        }
        assertThat(outage.failures()).isEqualTo(100);
    }

    @Test
    void aSuccessEndsIt() {
        retry.failed(new IllegalStateException("planned by the test"), 0);

        retry.worked();

        assertThat(retry.waitNanos(0)).isZero();
        assertThat(outage.failures()).isZero();
    }
}
