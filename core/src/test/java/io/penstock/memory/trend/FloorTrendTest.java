package io.penstock.memory.trend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.penstock.memory.gc.GcEvent;
import io.penstock.runtime.Clock;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FloorTrendTest {
    private static final long MAX = 1_000_000;

    private long nanos;
    private final FloorTrend trend = new FloorTrend(clock(), MAX, 0.75, Duration.ofMinutes(10));
    private long number;

    private Clock clock() {
        return new Clock() {
            @Override
            public long nanos() {
                return nanos;
            }

            @Override
            public long millis() {
                return nanos / 1_000_000;
            }
        };
    }

    private void whole(Duration later, long before, long after) {
        nanos += later.toNanos();
        trend.onCollection(new GcEvent("old", "test", true, false, before, after, 5, ++number));
    }

    @Test
    void knowsNothingBeforeTheFirstFloors() {
        assertThat(trend.trend().floorBytes()).isEqualTo(-1);
        whole(Duration.ofMinutes(1), 500_000, 200_000);

        MemoryTrend one = trend.trend();
        assertThat(one.floorBytes()).isEqualTo(200_000);
        assertThat(one.valleys()).isEqualTo(1);
        assertThat(one.timeToFullLow()).isNull();
    }

    @Test
    void tellsSlopeAndTimeToTheLineOfAStraightRise() {
        for (int i = 0; i < 40; i++) {
            whole(Duration.ofMinutes(1), 600_000, 200_000 + i * 6_000L + (i % 2) * 600L);
        }
        MemoryTrend told = trend.trend();
        assertThat(told.slopeBytesPerSecond()).isCloseTo(100, within(2.0));
        assertThat(told.lowerBytesPerSecond()).isLessThanOrEqualTo(told.slopeBytesPerSecond());
        assertThat(told.growing()).isTrue();
        assertThat(told.lasting()).isFalse();
        long room = 750_000 - told.floorBytes();
        assertThat(told.timeToFullLow()).isLessThanOrEqualTo(Duration.ofSeconds(room / 100 + 1));
        assertThat(told.timeToFullHigh()).isGreaterThanOrEqualTo(Duration.ofSeconds(room / 100 - 1));
    }

    @Test
    void doesNotCallAQuickRiseGrowthBeforeItHasLasted() {
        for (int i = 0; i < 40; i++) {
            whole(Duration.ofSeconds(1), 600_000, 200_000 + i * 6_000L);
        }
        assertThat(trend.trend().growing()).isFalse();
    }

    @Test
    void callsALeakThatWentOnForADayLasting() {
        for (int i = 0; i < 100; i++) {
            whole(Duration.ofMinutes(30), 900_000, 100_000 + i * 6_000L);
        }
        assertThat(trend.trend().lasting()).isTrue();
    }

    @Test
    void doesNotCallGrowthWhatGrowsNoFasterThanTheLoad() {
        for (int i = 0; i < 40; i++) {
            // twice as much is allocated at the end, and the live set has doubled
            whole(Duration.ofMinutes(1), 600_000 + i * 20_000L, 200_000 + i * 5_000L);
        }
        assertThat(trend.trend().growing()).isFalse();
    }

    @Test
    void doesNotCallGrowthWhatReturnsToWhereItWas() {
        for (int day = 0; day < 3; day++) {
            for (int i = 0; i < 48; i++) {
                whole(Duration.ofMinutes(30), 900_000, 400_000 + (long) (200_000 * Math.sin(i * Math.PI / 24)));
                assertThat(day > 0 && trend.trend().growing())
                        .as("day %d half hour %d", day, i)
                        .isFalse();
            }
        }
    }

    @Test
    void seesThatACacheIsFilling() {
        for (int i = 0; i < 60; i++) {
            whole(Duration.ofMinutes(1), 900_000, 200_000 + (long) (300_000 * (1 - Math.exp(-i / 12.0))));
        }
        assertThat(trend.trend().saturating()).isTrue();
        assertThat(trend.trend().growing()).isFalse();
    }

    @Test
    void ignoresBeansThatKnowNothingOfMemory() {
        trend.onCollection(new GcEvent("ZGC Pauses", "test", false, false, -1, -1, 1, 1));

        assertThat(trend.trend().floorBytes()).isEqualTo(-1);
    }

    @Test
    void allocatesNothingForACollection() {
        GcEvent[] events = new GcEvent[1_000];
        for (int i = 0; i < events.length; i++) {
            events[i] = new GcEvent("old", "test", true, false, 900_000, 100_000 + i * 700L, 5, i);
        }
        for (int warm = 0; warm < 50; warm++) {
            tell(events);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        tell(events);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan(16_000); // less than 16 bytes each: the loop that asks, not the trend
    }

    private void tell(GcEvent[] events) {
        for (GcEvent event : events) {
            nanos += 60_000_000_000L;
            trend.onCollection(event);
        }
    }

    @Test
    void refusesAHeapWithoutRoom() {
        assertThatThrownBy(() -> new FloorTrend(clock(), 0, 0.75, FloorTrend.LEAST_WINDOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxBytes=0");
        assertThatThrownBy(() -> new FloorTrend(clock(), 1, Double.NaN, FloorTrend.LEAST_WINDOW))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
