package io.penstock.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.job.Enqueued.Reason;
import io.penstock.job.Enqueued.Refused;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void aProcessOverItsLoadLineIsUnavailableForAWhile() {
        Problem problem = Problem.refused(new Refused(Reason.MEMORY_PRESSURE, Duration.ofSeconds(2), "heap 91 %"));

        assertThat(problem.type().status()).isEqualTo(503);
        assertThat(problem.type().uri()).endsWith("/memory-pressure");
        assertThat(problem.retryAfterSeconds()).isEqualTo(2);
        assertThat(problem.detail()).isEqualTo("heap 91 %");
    }
}
