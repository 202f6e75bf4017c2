package io.penstock.embedded;

import static io.penstock.embedded.Talk.awaitGone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.testkit.engine.EngineTestKit;

class EmbeddedRedisExtensionTest {
    private static final List<EmbeddedRedis> SEEN = new CopyOnWriteArrayList<>();

    @Test
    void sharesOneServerAndStopsItAtTheEnd() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(One.class), selectClass(Another.class))
                .execute()
                .testEvents()
                .assertStatistics(statistics -> statistics.succeeded(3));
        assertThat(SEEN).hasSize(3);
        assertThat(SEEN.stream().distinct()).hasSize(1);
        EmbeddedRedis shared = SEEN.get(0);
        assertThat(shared.isAlive()).isFalse();
        assertThat(shared.dataDir()).doesNotExist();
        awaitGone(shared.pid());
    }

    @ExtendWith(EmbeddedRedisExtension.class)
    static class One {
        @Test
        void first(EmbeddedRedis redis) {
            assertThat(redis.isAlive()).isTrue();
            SEEN.add(redis);
        }

        @Test
        void second(EmbeddedRedis redis) {
            SEEN.add(redis);
        }
    }

    @ExtendWith(EmbeddedRedisExtension.class)
    static class Another {
        @Test
        void third(EmbeddedRedis redis) {
            SEEN.add(redis);
        }
    }
}
