package io.penstock.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.runtime.Clock;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.time.Duration;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

final class IdempotencyTest {
    private long nanos;
    private final Clock clock = new Clock() {
        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long millis() {
            return nanos / 1_000_000;
        }
    };
    private final Idempotency memory = new Idempotency(clock, null);
    private final byte[] body = {1};

    private static Reply reply(int bytes) {
        return Reply.of(201, "application/json", new byte[bytes]);
    }

    @Test
    void givesTheFirstAnswerAgain() {
        assertThat(memory.begin("k", body)).isNull();
        memory.finish("k", Reply.of(201, "application/json", "{}".getBytes(UTF_8)));
        assertThat(memory.begin("k", body)).satisfies(again -> {
            assertThat(again.status()).isEqualTo(201);
            assertThat(again.headers()).containsEntry("Idempotency-Replayed", "true");
        });
    }

    @Test
    void refusesAnotherBodyAndASecondWhileTheFirstRuns() {
        memory.begin("k", body);
        assertThatThrownBy(() -> memory.begin("k", body))
                .asInstanceOf(InstanceOfAssertFactories.type(Problem.class))
                .extracting(Problem::type)
                .isEqualTo(ProblemType.IDEMPOTENCY_IN_FLIGHT);
        assertThatThrownBy(() -> memory.begin("k", new byte[] {2}))
                .asInstanceOf(InstanceOfAssertFactories.type(Problem.class))
                .extracting(Problem::type)
                .isEqualTo(ProblemType.IDEMPOTENCY_MISMATCH);
    }

    @Test
    void forgetsWhatChangedNothing() {
        memory.begin("k", body);
        memory.forget("k");
        assertThat(memory.begin("k", new byte[] {2})).isNull();
    }

    @Test
    void forgetsAfterADay() {
        memory.begin("k", body);
        memory.finish("k", reply(1));
        nanos += Duration.ofHours(24).toNanos();
        assertThat(memory.begin("k", new byte[] {2})).isNull();
    }

    @Test
    void staysWithinItsBounds() {
        for (int i = 0; i < Idempotency.MOST_KEYS + 100; i++) {
            memory.begin("k" + i, body);
            memory.finish("k" + i, reply(10));
        }
        assertThat(memory.size()).isEqualTo(Idempotency.MOST_KEYS);
        for (int i = 0; i < 20; i++) {
            memory.begin("large" + i, body);
            memory.finish("large" + i, reply(1 << 20));
        }
        assertThat(memory.size()).isLessThanOrEqualTo(8);
    }

    @Test
    void wantsAPlainKey() {
        assertThatThrownBy(() -> Idempotency.name("POST /x", "")).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> Idempotency.name("POST /x", "a b")).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> Idempotency.name("POST /x", "k".repeat(256))).isInstanceOf(Problem.class);
        assertThat(Idempotency.name("POST /x", "k")).isNotEqualTo(Idempotency.name("POST /y", "k"));
    }
}
