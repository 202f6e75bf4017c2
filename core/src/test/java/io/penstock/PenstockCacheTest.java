package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.cache.Cache;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.memory.optimise.Optimisation;
import io.penstock.memory.optimise.Request;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Caches under the roof: what memory asks of them, and that they end with it. */
final class PenstockCacheTest {
    private static final int MIB = 1 << 20;

    @Test
    void givesUpWhatMemoryAsksForAndTheOptimiserMeasuresIt() throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock = Penstock.connect(server.uri())) {
            penstock.caches().maxNearBytes(120L * MIB);
            Cache<String> texts = penstock.cache("texts", String.class, c -> c.withoutRedis());
            for (int i = 0; i < 1_100; i++) {
                texts.put("k" + i, "x".repeat(100_000)); // a collection has to be worth a tenth of the heap
            }
            assertThat(penstock.caches().nearBytes()).isGreaterThan(104L * MIB);
            System.gc(); // else it measures from the last collection, when there was less to give up
            Optimisation run = penstock.memory()
                    .optimiser()
                    .optimise(Request.manual("aggressive", "a test"))
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            assertThat(run.steps()).anySatisfy(step -> {
                assertThat(step.name()).isEqualTo("shrink-caches");
                assertThat(step.freedBytes()).isBetween(93L * MIB, 97L * MIB);
            });
            assertThat(run.freedBytes()).as(run.outcome()).isBetween(80L * MIB, 100L * MIB);
            assertThat(texts.stats().entries()).isBetween(100L, 111L);
        }
    }
}
