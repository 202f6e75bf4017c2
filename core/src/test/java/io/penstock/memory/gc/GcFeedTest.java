package io.penstock.memory.gc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import java.lang.management.ManagementFactory;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class GcFeedTest {
    @Test
    void tellsOfACollectionWithWhatItLeft() throws InterruptedException {
        BlockingQueue<GcEvent> events = new LinkedBlockingQueue<>();
        try (GcFeed feed = new GcFeed(Clock.system())) {
            feed.onCollection(events::add);
            byte[] kept = new byte[16 << 20];
            System.gc();
            GcEvent event = events.poll(10, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            assertThat(event.usedAfterBytes()).isGreaterThan(kept.length);
            assertThat(event.pauseMillis()).isLessThanOrEqualTo(event.durationMillis());
        }
    }

    @Test
    void tellsWhatArraysOfWholeRegionsTook() throws InterruptedException {
        assumeTrue(
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .anyMatch(bean -> bean.getName().startsWith("G1 Young")),
                "only G1 has regions");
        BlockingQueue<GcEvent> events = new LinkedBlockingQueue<>();
        try (GcFeed feed = new GcFeed(Clock.system())) {
            feed.onCollection(events::add);
            System.gc();
            assertThat(events.poll(10, TimeUnit.SECONDS)).isNotNull();
            byte[] kept = new byte[40 << 20];

            System.gc();
            GcEvent event = events.poll(10, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            assertThat(event.largeBytes()).isGreaterThan(kept.length);
            assertThat(event.survivedBytes()).as("not unknown").isNotNegative();
        }
    }

    @Test
    void goesOnTellingOthersWhenAListenerThrows() throws InterruptedException {
        BlockingQueue<GcEvent> events = new LinkedBlockingQueue<>();
        try (GcFeed feed = new GcFeed(Clock.system())) {
            feed.onCollection(event -> {
                throw new IllegalStateException("planted");
            });
            feed.onCollection(events::add);
            System.gc();
            assertThat(events.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
    }

    @Test
    void holdsNoMoreListenersThanItsBoundAndFreesThePlaceOfAClosedOne() {
        try (GcFeed feed = new GcFeed(Clock.system())) {
            Subscription first = feed.onCollection(event -> {});
            for (int i = 1; i < GcFeed.MOST_LISTENERS; i++) {
                feed.onCollection(event -> {});
            }
            assertThatThrownBy(() -> feed.onCollection(event -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("there are 16");
            first.close();
            feed.onCollection(event -> {});
        }
    }
}
