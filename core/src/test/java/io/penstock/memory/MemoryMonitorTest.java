package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.probe.Outside;
import io.penstock.memory.probe.Probes;
import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.TaskStats;
import io.penstock.runtime.Timer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryMonitorTest {
    private static final long MAX = Runtime.getRuntime().maxMemory();
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    private Path noKernel;

    private final ManualClock clock = new ManualClock();
    private final Timer timer = clock.timer();
    private final AtomicLong redisUsed = new AtomicLong();
    private final List<MemoryEvent> events = new ArrayList<>();
    private MemoryMonitor monitor;

    @AfterEach
    void close() {
        if (monitor != null) {
            monitor.close();
        }
    }

    @Test
    void samplesEach30SecondsWhileAllIsWell() {
        start(MemoryConfig.DEFAULT, true);
        clock.advance(Duration.ofMinutes(10));
        assertThat(monitor.state().samples()).isEqualTo(1 + 20);
        assertThat(monitor.level()).isEqualTo(MemoryLevel.NORMAL);
        assertThat(monitor.sample().heapUsedBytes()).isPositive();
        assertThat(monitor.sample().timestamp()).isEqualTo(clock.millis());
    }

    @Test
    void aHealthySawToothOfAnyCollectorRaisesNoAlarmInADay() {
        for (int day = 0; day < 20; day++) {
            aHealthyDay(new Random().nextLong());
        }
        aHealthyDay(-4915636017972435325L); // took the first rise, of garbage, for growth
    }

    private void aHealthyDay(long seed) {
        for (boolean saw : new boolean[] {true, false}) {
            Random random = new Random(seed);
            start(MemoryConfig.DEFAULT, saw);
            double used = 0.2;
            for (int second = 0; second < 86_400; second += 5) {
                used += 0.002 + random.nextDouble() * 0.006;
                boolean collect = used > (saw ? 0.6 : 0.95); // G1 marks at 45 %, Parallel waits until it is full
                if (collect) {
                    used = 0.2 + random.nextDouble() * 0.03;
                }
                collected(used, collect && !saw);
                clock.advance(Duration.ofSeconds(5));
            }
            assertThat(events).as("seed %d, saw %s", seed, saw).noneMatch(MemoryEvent::alarm);
            assertThat(monitor.level()).isEqualTo(MemoryLevel.NORMAL);
            monitor.close();
        }
    }

    @Test
    void tellsOfEachLevelOnceUpAndDown() {
        start(MemoryConfig.DEFAULT, false);
        whole(0.85);
        clock.advance(Duration.ofMinutes(3));
        assertThat(monitor.level()).isEqualTo(MemoryLevel.HIGH);
        for (int i = 0; i < 3; i++) {
            whole(0.20);
        }
        clock.advance(Duration.ofMinutes(3));
        assertThat(thresholds()).containsExactly(MemoryLevel.HIGH, MemoryLevel.NORMAL);
        assertThat(events.get(1).alarm()).isTrue();
        assertThat(events.get(1).cause()).isEqualTo("heap");
        assertThat(events.get(1).message()).contains("memory is HIGH, was NORMAL", "threshold 80 %");
        assertThat(events.get(2).alarm()).isFalse();
    }

    @Test
    void aCollectionThatLeavesTooMuchBringsTheNextSampleForward() {
        start(MemoryConfig.DEFAULT, false);
        clock.advance(SECOND);
        whole(0.97);
        clock.runDue();
        assertThat(monitor.level()).isEqualTo(MemoryLevel.EMERGENCY);
        long samples = monitor.state().samples();
        clock.advance(Duration.ofSeconds(10));
        assertThat(monitor.state().samples()).as("each second in an emergency").isEqualTo(samples + 10);
    }

    @Test
    void aStormOfCollectionsDoesNotMakeAStormOfSamples() {
        start(MemoryConfig.DEFAULT, false);
        clock.advance(SECOND);
        for (int i = 0; i < 1_000; i++) {
            whole(0.75 + i * 0.0001);
            clock.advance(Duration.ofMillis(1));
        }
        assertThat(monitor.state().samples()).isLessThan(10);
    }

    @Test
    void pausesAloneCanBeThePressure() {
        start(MemoryConfig.DEFAULT, true);
        for (int i = 0; i < 120; i++) {
            monitor.collected(new GcEvent("G1 Young Generation", "", false, false, 0, MAX / 10, 480, i));
            clock.advance(SECOND);
        }
        assertThat(monitor.pressure().cause()).isEqualTo("collector");
        assertThat(monitor.level()).isEqualTo(MemoryLevel.CRITICAL);
        assertThat(monitor.state().mode())
                .as("every microsecond belongs to the program")
                .isEqualTo(MonitorMode.BASIC);
        assertThat(monitor.sample().heapUsedBytes()).isPositive();
        clock.advance(Duration.ofMinutes(5));
        assertThat(monitor.state().mode()).isEqualTo(MonitorMode.FULL);
        assertThat(monitor.level()).isEqualTo(MemoryLevel.NORMAL);
    }

    @Test
    void theOutsideGaugeCountsAsOurOwn() {
        start(MemoryConfig.DEFAULT, true);
        redisUsed.set(920);
        clock.advance(Duration.ofMinutes(2));
        assertThat(monitor.level()).isEqualTo(MemoryLevel.CRITICAL);
        assertThat(monitor.pressure().cause()).isEqualTo("outside");
        assertThat(monitor.sample().outsideUsedBytes()).isEqualTo(920);
    }

    @Test
    void growthOfTheFloorIsToldOnceInTenMinutesAndGrowthOfGarbageNever() {
        start(MemoryConfig.DEFAULT, false);
        for (int minute = 0; minute < 15; minute++) {
            for (int i = 0; i < 6; i++) {
                whole(0.30 + minute * 0.02);
                clock.advance(Duration.ofSeconds(10));
            }
        }
        assertThat(events)
                .filteredOn(event -> event.kind() == MemoryEvent.Kind.RAPID_GROWTH)
                .hasSize(1);
        assertThat(events).anyMatch(event -> event.message().contains("in 10 minutes"));
    }

    @Test
    void otherSettingsAreInForceAtOnce() {
        start(MemoryConfig.DEFAULT, false);
        whole(0.60);
        clock.advance(Duration.ofMinutes(2));
        assertThat(monitor.level()).isEqualTo(MemoryLevel.NORMAL);
        monitor.configure(MemoryConfig.DEFAULT.withThreshold(55).withIntervalMs(1_000));
        clock.advance(Duration.ofSeconds(3));
        assertThat(monitor.level()).isEqualTo(MemoryLevel.HIGH);
        assertThat(monitor.config().threshold()).isEqualTo(55);
    }

    @Test
    void switchedOffItDoesNothingAndSaysSo() {
        start(MemoryConfig.DEFAULT.withEnabled(false), false);
        clock.advance(Duration.ofMinutes(10));
        assertThat(monitor.state().mode()).isEqualTo(MonitorMode.OFF);
        assertThat(monitor.state().samples()).isZero();
        assertThat(timer.stats()).isEmpty();

        monitor.configure(MemoryConfig.DEFAULT);
        assertThat(monitor.state().samples()).isEqualTo(1);
        assertThat(timer.stats()).extracting(TaskStats::name).containsExactly("memory");

        redisUsed.set(990);
        clock.advance(Duration.ofMinutes(1));
        assertThat(monitor.level()).isEqualTo(MemoryLevel.EMERGENCY);
        monitor.configure(MemoryConfig.DEFAULT.withEnabled(false));
        assertThat(monitor.level()).isEqualTo(MemoryLevel.NORMAL);
        assertThat(timer.stats()).isEmpty();
    }

    @Test
    void closingLeavesNoTaskAndNoListener() {
        start(MemoryConfig.DEFAULT, false);
        monitor.close();
        assertThat(timer.stats()).isEmpty();
        assertThat(events)
                .extracting(MemoryEvent::kind)
                .containsExactly(MemoryEvent.Kind.STARTED, MemoryEvent.Kind.STOPPED);
        monitor.publish(MemoryEvent.Kind.LEAK, "nobody hears it");
        assertThat(events).hasSize(2);
    }

    @Test
    @SuppressWarnings("try") // they only listen
    void aListenerThatThrowsKeepsNobodyFromHearing() {
        start(MemoryConfig.DEFAULT, false);
        events.clear();
        List<MemoryEvent> heard = new ArrayList<>();
        try (Subscription broken = monitor.onEvent(event -> {
                    throw new IllegalStateException("planted");
                });
                Subscription sound = monitor.onEvent(heard::add)) {
            monitor.publish(MemoryEvent.Kind.OPTIMISATION_FAILED, "planted");
        }
        monitor.publish(MemoryEvent.Kind.OPTIMISATION_COMPLETED, "later");
        assertThat(heard)
                .singleElement()
                .satisfies(event -> assertThat(event.alarm()).isTrue());
        assertThat(events).hasSize(2);
    }

    @Test
    void keepsTheLastEventsAndAsManyListenersAsItsBound() {
        start(MemoryConfig.DEFAULT, false);
        for (int i = 0; i < 1_000; i++) {
            monitor.publish(MemoryEvent.Kind.LEAK, "number " + i);
        }
        assertThat(monitor.events(5_000)).hasSize(Events.KEPT);
        assertThat(monitor.events(2)).extracting(MemoryEvent::message).containsExactly("number 999", "number 998");
        List<Subscription> places = new ArrayList<>();
        for (int i = 1; i < Events.MOST_LISTENERS; i++) {
            places.add(monitor.onEvent(events::add));
        }
        assertThatThrownBy(() -> monitor.onEvent(events::add)).hasMessageContaining("there are 64");
        places.get(0).close();
        places.get(0).close();
        monitor.onEvent(events::add);
        assertThatThrownBy(() -> monitor.onEvent(events::add)).hasMessageContaining("there are 64");
    }

    @Test
    void aFreshSampleChangesNeitherHistoryNorLevel() {
        start(MemoryConfig.DEFAULT, false);
        redisUsed.set(990);
        assertThat(monitor.sampleNow().outsideUsedBytes()).isEqualTo(990);
        assertThat(monitor.level()).isEqualTo(MemoryLevel.NORMAL);
        assertThat(monitor.history().latest(100).points()).hasSize(1);
    }

    @Test
    void whatItHoldsIsStatedAndBelowOneMegabyte() {
        start(MemoryConfig.DEFAULT, false);
        assertThat(monitor.state().retainedBytes()).isLessThan(1 << 20);
        long before = monitor.state().retainedBytes();
        clock.advance(Duration.ofDays(2));
        assertThat(monitor.state().retainedBytes()).isEqualTo(before);
        assertThat(monitor.history().latest(5_000).points()).hasSize(MemoryHistory.POINTS);
        long now = clock.millis();
        assertThat(monitor.history().query(now - 86_400_000, now, 100).points()).hasSizeBetween(90, 100);
    }

    private void start(MemoryConfig config, boolean saw) {
        events.clear();
        Outside redis = new Outside("redis", redisUsed::get, () -> 1_000);
        monitor = new MemoryMonitor(config, timer, null, Probes.below(clock, redis, noKernel), new LiveSet(saw));
        monitor.onEvent(events::add);
        monitor.start();
    }

    private void whole(double share) {
        collected(share, true);
    }

    private void collected(double share, boolean whole) {
        long left = (long) (MAX * share);
        monitor.collected(new GcEvent("planted", "planted", whole, false, MAX, left, 5, 1));
    }

    private List<MemoryLevel> thresholds() {
        return events.stream()
                .filter(event -> event.kind() == MemoryEvent.Kind.THRESHOLD)
                .map(MemoryEvent::level)
                .toList();
    }
}
