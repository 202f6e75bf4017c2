package io.penstock.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.penstock.memory.MemoryLevel;
import io.penstock.memory.MemorySample;
import io.penstock.memory.MonitorMode;
import io.penstock.memory.Pressure;
import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.probe.RssSource;
import io.penstock.queue.QueueCounts;
import io.penstock.queue.QueueStats;
import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.series.Window;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MonitorTest {
    private static final long MB = 1 << 20;

    private final ManualClock clock = new ManualClock();
    private final Timer timer = clock.timer();
    private final Threads threads = new Threads(4);
    private final Map<String, long[]> totals = new HashMap<>(); // added, completed, retried of a queue
    private final Set<String> asked = new HashSet<>();
    private final List<Consumer<GcEvent>> listeners = new ArrayList<>();
    private boolean away;
    private MonitorMode mode = MonitorMode.FULL;
    private CompletableFuture<Set<String>> late;
    private Monitor monitor;

    @AfterEach
    void close() {
        monitor.close();
        timer.close();
        threads.close();
    }

    private void start(MonitorConfig config) {
        monitor = new Monitor(
                config,
                new MonitorSources(
                        () -> sample(mode),
                        listener -> {
                            listeners.add(listener);
                            return () -> listeners.remove(listener);
                        },
                        () -> late != null ? late : answer(new TreeSet<>(totals.keySet())),
                        name -> {
                            asked.add(name);
                            return answer(stats(name, totals.getOrDefault(name, new long[3])));
                        },
                        name -> answer(java.util.Arrays.stream(totals.getOrDefault(name, new long[3]))
                                .sum()),
                        () -> RedisReading.NONE.memory(25, 100)),
                timer,
                threads);
        monitor.start();
        clock.runDue();
    }

    private <T> CompletionStage<T> answer(T found) {
        return away ? CompletableFuture.failedFuture(new IllegalStateException("away")) : done(found);
    }

    private static <T> CompletionStage<T> done(T found) {
        return CompletableFuture.completedFuture(found);
    }

    private static QueueStats stats(String name, long[] n) {
        QueueCounts counts = new QueueCounts(n[0] - n[1], 0, 1, 0, n[1], 2, 0);
        return new QueueStats(name, false, false, counts, 1_000, 24, 5, n[0], n[1], 0, 0, n[2], 0);
    }

    private static MemorySample sample(MonitorMode mode) {
        return new MemorySample(
                0,
                mode,
                MemoryLevel.HIGH,
                new Pressure(0, 0, 0, 0, 0, 0),
                40 * MB,
                60 * MB,
                100 * MB,
                30 * MB,
                -1,
                0,
                0,
                0,
                8 * MB,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                120 * MB,
                RssSource.PROC,
                new MemorySample.Cgroup(2, 150 * MB, 30 * MB, 200 * MB, -1, 0, 0),
                new MemorySample.Stall(0, 0),
                0,
                0,
                0);
    }

    private void happen(String queue, long added, long completed, long retried) {
        long[] n = totals.computeIfAbsent(queue, any -> new long[3]);
        n[0] += added;
        n[1] += completed;
        n[2] += retried;
    }

    @Test
    void measuresUnderTheNamesThatAlertsReadThemBy() {
        totals.put("mail", new long[3]);
        start(MonitorConfig.DEFAULT);
        happen("mail", 50, 30, 10);
        monitor.ran("mail", 7, 3);
        monitor.ran("mail", 9, 3);
        listeners.get(0).accept(new GcEvent("G1", "x", false, false, -1, -1, 200, 1));
        listeners.get(0).accept(new GcEvent("G1", "x", false, false, -1, -1, 50, 2));
        clock.advance(Duration.ofSeconds(10));
        clock.advance(Duration.ZERO);

        assertThat(monitor.latest("queue.mail.waiting")).isEqualTo(20);
        assertThat(monitor.latest("queue.mail.failed")).isEqualTo(2);
        assertThat(monitor.latest("queue.mail.throughput.perSecond")).isEqualTo(3);
        assertThat(monitor.latest("queue.mail.failures.perSecond")).isEqualTo(1);
        assertThat(monitor.latest("queue.mail.error.share")).isEqualTo(0.25);
        assertThat(monitor.latest("queue.mail.wait.p50.millis")).isEqualTo(7);
        assertThat(monitor.latest("queue.mail.wait.p99.millis")).isEqualTo(9);
        assertThat(monitor.latest("queue.mail.run.p50.millis")).isEqualTo(3);
        assertThat(monitor.latest("queue.mail.oldest.millis")).isEqualTo(5);
        assertThat(monitor.latest("queue.mail.bytes")).isEqualTo(1_024);
        assertThat(monitor.latest("process.gc.share")).isEqualTo(0.025, within(0.0001));
        assertThat(monitor.latest("process.pause.millis")).isEqualTo(200);
        assertThat(monitor.latest("process.threads")).isPositive();
        assertThat(monitor.latest("process.cpu.share")).isBetween(0.0, 1.0);
        assertThat(monitor.latest("memory.heap.share")).isEqualTo(0.4);
        assertThat(monitor.latest("memory.live.bytes")).isEqualTo(30 * MB);
        assertThat(monitor.latest("memory.rss.share")).isEqualTo(0.6);
        assertThat(monitor.latest("memory.level")).isEqualTo(2);
        assertThat(monitor.latest("system.memory.free.bytes")).isEqualTo(80 * MB);
        assertThat(monitor.latest("redis.memory.share")).isEqualTo(0.25);
        assertThat(monitor.latest("redis.clients")).isNaN();
        assertThat(monitor.latest("no.such.metric")).isNaN();
        assertThat(monitor.names()).hasSize(4 + 7 + 3 + 7 + 13).contains("redis.clients", "queue.mail.delayed");
        assertThat(monitor.metrics()).doesNotContain("redis.clients").contains("queue.mail.delayed");
    }

    @Test
    void aQuietQueueHasNoErrorShareAndNoPercentiles() {
        totals.put("mail", new long[3]);
        start(MonitorConfig.DEFAULT);
        clock.advance(Duration.ofSeconds(20));
        assertThat(monitor.latest("queue.mail.throughput.perSecond")).isZero();
        assertThat(monitor.latest("queue.mail.error.share")).isNaN();
        assertThat(monitor.latest("queue.mail.wait.p99.millis")).isNaN();
    }

    @Test
    void aQueueThatIsMadeAnewHasNoNegativeRate() {
        totals.put("mail", new long[] {100, 100, 5});
        start(MonitorConfig.DEFAULT);
        totals.put("mail", new long[] {1, 0, 0});
        clock.advance(Duration.ofSeconds(10));
        assertThat(monitor.latest("queue.mail.throughput.perSecond")).isNaN();
        happen("mail", 10, 10, 0);
        clock.advance(Duration.ofSeconds(10));
        assertThat(monitor.latest("queue.mail.throughput.perSecond")).isEqualTo(1, within(0.01));
    }

    @Test
    void looksAtEachGroupInItsOwnInterval() {
        start(MonitorConfig.DEFAULT);
        clock.advance(Duration.ofMinutes(10));
        assertThat(monitor.status().groups())
                .extracting(MonitorStatus.Group::name, MonitorStatus.Group::samples)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("performance", 61L),
                        org.assertj.core.groups.Tuple.tuple("queue", 61L),
                        org.assertj.core.groups.Tuple.tuple("redis", 61L),
                        org.assertj.core.groups.Tuple.tuple("memory", 21L),
                        org.assertj.core.groups.Tuple.tuple("system", 11L));
        assertThat(timer.stats())
                .extracting(task -> task.name())
                .containsExactly("monitor-performance", "monitor-queue", "monitor-memory", "monitor-system");
        monitor.close();
        assertThat(timer.stats()).isEmpty();
        assertThat(listeners).isEmpty();
        assertThat(monitor.metrics()).isEmpty();
    }

    @Test
    void bytesStayFlatFromTheFirstHourToTheThirtiethDay() throws IllegalAccessException {
        for (int i = 0; i < 12; i++) {
            happen("q" + i, i, i, 0);
        }
        start(MonitorConfig.DEFAULT);
        timer.every(
                "work",
                Duration.ofMinutes(1),
                () -> totals.keySet().forEach(name -> {
                    happen(name, 6, 5, 1);
                    monitor.ran(name, 3, 2);
                }));
        clock.advance(Duration.ofHours(1));
        long stated = monitor.status().retainedBytes();
        long held = bytes(monitor);

        clock.advance(Duration.ofDays(30).minusHours(1));

        assertThat(monitor.status().retainedBytes()).isEqualTo(stated).isLessThanOrEqualTo(2 * MB);
        assertThat(bytes(monitor)).isEqualTo(held).isLessThanOrEqualTo(stated);
        assertThat((double) stated).isCloseTo((double) held, within(stated * 0.05)); // the statement is no fancy
        assertThat(monitor.status().queues())
                .isEqualTo(monitor.status().mostQueues())
                .isBetween(3, 11);
        assertThat(monitor.status().unmonitored())
                .isEqualTo(12 - monitor.status().queues());
        long now = clock.millis();
        Window week = series("q0.throughput.perSecond", now - Duration.ofDays(7).toMillis(), now, 1_008);
        assertThat(week.step()).isEqualTo(Duration.ofMinutes(10));
        assertThat(week.points()).hasSizeBetween(1_000, 1_008);
        assertThat(week.points().get(500).avg()[0]).isCloseTo(5 / 60.0, within(0.001));
        assertThat(week.points().get(500).max()[0]).isGreaterThan(0.4);
    }

    private Window series(String metric, long from, long to, int points) {
        return monitor.series("queue." + metric, from, to, points, 1).orElseThrow();
    }

    @Test
    void findsTheLastHourInStepsOfTenSecondsAndTheLastDayInMinutes() {
        totals.put("mail", new long[3]);
        start(MonitorConfig.DEFAULT);
        clock.advance(Duration.ofHours(30));
        long now = clock.millis();
        assertThat(series("mail.waiting", now - 3_600_000, now, 1_000).step()).isEqualTo(Duration.ofSeconds(10));
        assertThat(series("mail.waiting", now - 86_400_000, now, 2_000).step()).isEqualTo(Duration.ofMinutes(1));
        assertThat(series("mail.waiting", now - 3_600_000, now, 1_000).points()).hasSizeBetween(355, 365);
        assertThat(series("mail.waiting", now - 3_600_000, now, 10).points()).hasSize(10);
        assertThat(monitor.series("queue.mail.nothing", 0, now, 10, 1)).isEmpty();
    }

    @Test
    void aQueueThatIsDeletedGivesItsHistoryBack() {
        totals.put("a", new long[3]);
        totals.put("b", new long[3]);
        start(MonitorConfig.DEFAULT);
        long both = monitor.status().retainedBytes();
        totals.remove("a");
        monitor.forget("a");
        assertThat(monitor.status().retainedBytes())
                .isEqualTo(both - monitor.status().queueBytes());
        assertThat(monitor.names()).noneMatch(name -> name.startsWith("queue.a."));
        totals.remove("b"); // by another process
        clock.advance(Duration.ofSeconds(10));
        assertThat(monitor.status().queues()).isZero();
        clock.advance(Duration.ofSeconds(10));
        assertThat(monitor.names()).noneMatch(name -> name.startsWith("queue."));
    }

    @Test
    void theQueuesWithTheLeastTrafficGoWithoutAndThatIsSaid() {
        for (int i = 0; i < 40; i++) {
            totals.put("idle" + (10 + i), new long[3]);
        }
        totals.put("zz-busy", new long[3]); // the last by name
        start(MonitorConfig.DEFAULT);
        int room = monitor.status().mostQueues();
        assertThat(monitor.names()).noneMatch(name -> name.contains("zz-busy"));
        timer.every("work", Duration.ofSeconds(1), () -> happen("zz-busy", 1, 1, 0));

        clock.advance(Duration.ofMinutes(3));

        assertThat(monitor.latest("queue.zz-busy.throughput.perSecond")).isEqualTo(1, within(0.11));
        assertThat(monitor.status().queues()).isEqualTo(room);
        assertThat(monitor.status().unmonitored()).isEqualTo(41 - room);
        clock.advance(Duration.ofHours(1));
        assertThat(monitor.latest("queue.zz-busy.waiting")).isNotNaN();
    }

    @Test
    void queuesOfEqualTrafficDoNotTakeTheHistoryFromEachOther() {
        for (int i = 0; i < 20; i++) {
            totals.put("q" + (10 + i), new long[3]);
        }
        start(MonitorConfig.DEFAULT);
        timer.every("work", Duration.ofMinutes(1), () -> totals.keySet().forEach(name -> happen(name, 60, 60, 0)));
        clock.advance(Duration.ofMinutes(5));
        asked.clear();
        clock.advance(Duration.ofHours(6));
        assertThat(asked).hasSize(monitor.status().mostQueues());
    }

    @Test
    void tenThousandQueuesCostNoMoreThanFit() {
        for (int i = 0; i < 12_000; i++) {
            totals.put("q" + i, new long[3]);
        }
        start(MonitorConfig.DEFAULT);
        clock.advance(Duration.ofMinutes(5));
        assertThat(asked).hasSize(monitor.status().mostQueues());
        assertThat(monitor.status().retainedBytes()).isLessThanOrEqualTo(2 * MB);
        assertThat(monitor.status().unmonitored())
                .isEqualTo(12_000 - monitor.status().queues());
    }

    @Test
    void aRedisThatIsAwayLeavesAGapAndNoOldNumbers() {
        totals.put("mail", new long[] {5, 0, 0});
        start(MonitorConfig.DEFAULT);
        assertThat(monitor.latest("queue.mail.waiting")).isEqualTo(5);
        away = true;
        clock.advance(Duration.ofSeconds(10));
        assertThat(monitor.latest("queue.mail.waiting")).isNaN();
        assertThat(monitor.names()).contains("queue.mail.waiting");
        away = false;
        clock.advance(Duration.ofSeconds(10));
        assertThat(monitor.latest("queue.mail.waiting")).isEqualTo(5);
    }

    @Test
    void doesNotAskAgainBeforeRedisHasAnswered() {
        totals.put("mail", new long[3]);
        late = new CompletableFuture<>();
        start(MonitorConfig.DEFAULT);
        clock.advance(Duration.ofMinutes(1));
        assertThat(monitor.status().skipped()).isEqualTo(6);
        assertThat(asked).isEmpty();
        late.complete(Set.of("mail"));
        late = null;
        assertThat(asked).containsExactly("mail");
        clock.advance(Duration.ofSeconds(10));
        assertThat(monitor.status().skipped()).isEqualTo(6);
    }

    @Test
    void keepsNoPastWithoutHistoryAndMeasuresNothingWhenOff() {
        totals.put("mail", new long[3]);
        MonitorConfig d = MonitorConfig.DEFAULT;
        start(new MonitorConfig(true, d.performance(), d.queue(), d.memory(), d.system(), d.maxBytes(), false, null));
        assertThat(monitor.latest("queue.mail.waiting")).isZero();
        assertThat(monitor.series("queue.mail.waiting", 0, clock.millis(), 10, 1))
                .isEmpty();
        assertThat(monitor.status().retainedBytes()).isLessThan(64 << 10);
        monitor.close();
        start(d.off());
        clock.advance(Duration.ofMinutes(1));
        assertThat(monitor.names()).isEmpty();
        assertThat(timer.stats()).isEmpty();
        assertThat(monitor.status().retainedBytes()).isZero();
    }

    @Test
    void tellsNothingOfMemoryThatNobodyWatches() {
        mode = MonitorMode.OFF;
        start(MonitorConfig.DEFAULT);
        assertThat(monitor.latest("memory.rss.bytes")).isNaN();
    }

    @Test
    void asksTheDiskOnAThreadOfItsOwn(@org.junit.jupiter.api.io.TempDir java.nio.file.Path dir) {
        start(MonitorConfig.DEFAULT.dataDir(dir));
        org.awaitility.Awaitility.await().until(() -> monitor.latest("system.disk.free.bytes") > 0);
    }

    @Test
    void readsWhatTheKernelSaysIsAvailable() {
        start(MonitorConfig.DEFAULT.off());
        String meminfo = "MemTotal:       24731240 kB\nMemFree:  100 kB\nMemAvailable:   23963564 kB\nBuffers: 1 kB\n";
        assertThat(SystemLook.available(meminfo)).isEqualTo(23963564.0 * 1024);
        assertThat(SystemLook.available("MemTotal: 5 kB\n")).isNaN();
    }

    @Test
    void refusesWhatCannotBeKept() {
        start(MonitorConfig.DEFAULT.off());
        MonitorConfig d = MonitorConfig.DEFAULT;
        assertThatThrownBy(() -> new MonitorConfig(
                        true, Duration.ofMillis(10), d.queue(), d.memory(), d.system(), d.maxBytes(), true, null))
                .hasMessageContaining("PT0.01S")
                .hasMessageContaining("PT1S to PT1H");
        assertThatThrownBy(() ->
                        new MonitorConfig(true, d.performance(), d.queue(), d.memory(), d.system(), 5, true, null))
                .hasMessageContaining("5 bytes");
    }

    /** Arrays of numbers behind the monitor, wherever they are. */
    private static long bytes(Object root) throws IllegalAccessException {
        return bytes(root, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static long bytes(Object object, Set<Object> seen) throws IllegalAccessException {
        if (object == null || !seen.add(object)) {
            return 0;
        }
        Class<?> type = object.getClass();
        if (type.isArray()) {
            return array(object, seen);
        }
        long sum = 0;
        if (object instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                sum += bytes(entry.getKey(), seen) + bytes(entry.getValue(), seen) + 48;
            }
        } else if (object instanceof Collection<?> all) {
            for (Object each : all) {
                sum += bytes(each, seen) + 8;
            }
        } else if (object instanceof String text) {
            sum += 40 + text.length();
        } else if (object instanceof java.util.concurrent.atomic.AtomicIntegerArray counts) {
            sum += 32 + 4L * counts.length();
        } else if (type.getPackageName().matches("io\\.penstock\\.(monitor|series)")) {
            sum += ours(object, type, seen);
        }
        return sum;
    }

    private static long ours(Object object, Class<?> type, Set<Object> seen) throws IllegalAccessException {
        long sum = 16;
        for (Class<?> part = type; part != Object.class && part != null; part = part.getSuperclass()) {
            for (Field field : part.getDeclaredFields()) {
                boolean foreign = Modifier.isStatic(field.getModifiers())
                        || field.getType().getPackageName().equals("java.util.function")
                        || field.getName().equals("names") && object instanceof QueueLook;
                if (!foreign && part.getPackageName().matches("io\\.penstock\\.(monitor|series)")) {
                    field.setAccessible(true);
                    sum += 8 + (field.getType().isPrimitive() ? 0 : bytes(field.get(object), seen));
                }
            }
        }
        return sum;
    }

    private static long array(Object array, Set<Object> seen) throws IllegalAccessException {
        Class<?> part = array.getClass().getComponentType();
        int size = part == long.class || part == double.class ? 8 : part == short.class ? 2 : 4;
        long sum = 16L + (long) size * Array.getLength(array);
        if (array instanceof Object[] parts) {
            for (Object each : parts) {
                sum += bytes(each, seen);
            }
        }
        return sum;
    }
}
