package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.job.Backoff;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Priority;
import io.penstock.job.Unique;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class ParcelTest {
    private static final long NOW = 1_700_000_000_000L;

    private static JobSpec spec(UnaryOperator<JobOptions> how) {
        return new JobSpec("q", "t", "{\"a\":1}".getBytes(UTF_8), how.apply(JobOptions.NONE));
    }

    private static JobSpec through(JobSpec spec) {
        return Parcel.unpack("q", Parcel.pack(spec, NOW));
    }

    @Test
    void givesBackWhatAProducerSaid() {
        JobSpec spec = spec(o -> o.priority(Priority.HIGH)
                .maxAttempts(7)
                .backoff(Backoff.fixed(Duration.ofSeconds(3)))
                .timeout(Duration.ofSeconds(9))
                .unique(Unique.throttle("k", Duration.ofMinutes(1)))
                .group("acme")
                .memory(1 << 20)
                .metadata(Map.of("k", "v")));
        JobSpec back = through(spec);
        assertThat(back.options()).isEqualTo(spec.options());
        assertThat(back.payload()).isEqualTo(spec.payload());
        assertThat(back.type()).isEqualTo("t");
        assertThat(through(new JobSpec("q", "t", new byte[] {1}, JobOptions.NONE, "a:k1"))
                        .encoding())
                .isEqualTo("a:k1");
    }

    @Test
    void countsADelayFromWhenItWasWritten() {
        assertThat(through(spec(o -> o.in(Duration.ofHours(1)))).options().runAt())
                .isEqualTo(Instant.ofEpochMilli(NOW).plus(Duration.ofHours(1)));
        assertThat(through(spec(o -> o.at(Instant.ofEpochMilli(NOW + 5))))
                        .options()
                        .runAt())
                .isEqualTo(Instant.ofEpochMilli(NOW + 5));
        assertThat(through(spec(o -> o.at(Instant.ofEpochMilli(5)))).options().runAt())
                .isNull();
        JobOptions debounced = through(spec(o -> o.unique(Unique.debounce("k", Duration.ofSeconds(5)))))
                .options();
        assertThat(debounced.runAt()).isNull();
        assertThat(debounced.unique()).isEqualTo(Unique.debounce("k", Duration.ofSeconds(5)));
    }

    @Test
    void saysWhatIsNoJob() {
        assertThatThrownBy(() -> Parcel.unpack("q", new byte[] {1, 2, 3}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 bytes");
    }
}
