package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.gc.GcFeed;
import io.penstock.memory.probe.Outside;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A real heap of a real JVM that is filled with garbage over and over. */
final class HealthyHeapTest {
    private static final int COLLECTIONS = 20;
    private static final long MOST_GARBAGE = 64L << 30;
    private static final int PIECE = 16 << 10;

    private byte[] last = new byte[0];

    @Test
    @SuppressWarnings("try") // two of the resources only listen
    void garbageRaisesNoAlarmHoweverMuchOfIt() {
        List<MemoryEvent> events = new CopyOnWriteArrayList<>();
        AtomicInteger seen = new AtomicInteger();
        Threads threads = new Threads(4);
        try (GcFeed feed = new GcFeed(Clock.system());
                Timer timer = new Timer(Clock.system(), threads);
                MemoryMonitor monitor =
                        new MemoryMonitor(MemoryConfig.DEFAULT.withIntervalMs(100), timer, feed, Outside.NONE);
                Subscription heard = monitor.onEvent(events::add);
                Subscription counted = feed.onCollection((GcEvent event) -> seen.incrementAndGet())) {
            monitor.start();
            for (long made = 0; seen.get() < COLLECTIONS && made < MOST_GARBAGE; made += PIECE) {
                last = new byte[PIECE];
            }
            assertThat(last).hasSize(PIECE);
            assertThat(seen).hasValueGreaterThanOrEqualTo(COLLECTIONS);
            assertThat(events).noneMatch(MemoryEvent::alarm);
            assertThat(monitor.state().samples()).isPositive();
            assertThat(monitor.liveBytes()).isPositive();
        } finally {
            threads.close();
        }
    }
}
