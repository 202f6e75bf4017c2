package io.penstock.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SeriesTest {
    private static final long START = 1_767_225_600_000L;
    private static final Tier SECONDS = new Tier(Duration.ofSeconds(1), Duration.ofMinutes(5));
    private static final Tier MINUTES = new Tier(Duration.ofMinutes(1), Duration.ofHours(24));

    private final Series series = new Series(List.of("a", "b"), 10, List.of(SECONDS, MINUTES));

    @Test
    void givesBackTheLastReadingsAsTheyCame() {
        for (int i = 0; i < 25; i++) {
            series.append(START + i * 1_000L, new double[] {i, -i});
        }
        Window latest = series.latest(100);
        assertThat(latest.points()).hasSize(10);
        assertThat(latest.step()).isZero();
        assertThat(latest.points().get(0).avg()).containsExactly(15, -15);
        assertThat(latest.points().get(9).millis()).isEqualTo(START + 24_000);
        assertThat(series.latest(2).points()).hasSize(2);
    }

    @Test
    void keepsAPeakOfOneSecondForAsLongAsItsTierLasts() {
        for (int i = 0; i < 3_600; i++) {
            series.append(START + i * 1_000L, new double[] {i == 1_800 ? 999 : 1, 0});
        }
        Window hour = series.query(START, START + 3_600_000, 4);
        assertThat(hour.step()).isEqualTo(Duration.ofMinutes(1));
        assertThat(hour.points()).hasSize(4);
        assertThat(hour.points().stream().mapToDouble(point -> point.max()[0]).max())
                .hasValue(999);
        assertThat(hour.points().stream().mapToInt(Window.Point::samples).sum()).isEqualTo(3_600);
    }

    @Test
    void answersFromTheFinestTierThatReachesBackToTheBegin() {
        for (int i = 0; i < 3_600; i++) {
            series.append(START + i * 1_000L, new double[] {i, 0});
        }
        long end = START + 3_599_000;
        assertThat(series.query(end - 5_000, end, 100).step()).isZero();
        assertThat(series.query(end - 120_000, end, 1_000).step()).isEqualTo(Duration.ofSeconds(1));
        assertThat(series.query(end - 120_000, end, 1_000).points()).hasSize(121);
        assertThat(series.query(START, end, 1_000).step()).isEqualTo(Duration.ofMinutes(1));
        assertThat(series.query(START, end, 1_000).points()).hasSize(60);
    }

    @Test
    void anUnknownNumberIsNeitherZeroNorPartOfTheMean() {
        series.append(START, new double[] {4, Series.UNKNOWN});
        series.append(START + 100, new double[] {Series.UNKNOWN, Series.UNKNOWN});
        Window.Point point = series.query(START, START + 1_000, 1).points().get(0);
        assertThat(point.avg()).containsExactly(4, Double.NaN);
        assertThat(point.min()).containsExactly(4, Double.NaN);
        assertThat(point.samples()).isEqualTo(2);
    }

    @Test
    void aSpanWithoutReadingsHasNoPoints() {
        assertThat(series.query(START, START + 1_000, 10).points()).isEmpty();
        series.append(START, new double[] {1, 1});
        assertThat(series.query(START + 60_000, START + 120_000, 10).points()).isEmpty();
        assertThat(series.query(START - 60_000, START - 1, 10).points()).isEmpty();
    }

    @Test
    void forgetsReadingsFromTheFutureWhenTheClockIsSetBack() {
        series.append(START, new double[] {1, 1});
        series.append(START + 86_400_000, new double[] {2, 2});
        series.append(START + 60_000, new double[] {3, 3});
        Window window = series.query(START - 1, START + 100_000_000, 100);
        assertThat(window.points()).extracting(point -> point.avg()[0]).containsExactly(1.0, 3.0);
    }

    @Test
    void aCorrectionOfTheClockLosesNothing() {
        series.append(START, new double[] {1, 1});
        series.append(START - 500, new double[] {2, 2});
        assertThat(series.latest(10).points()).extracting(Window.Point::millis).containsExactly(START, START);
    }

    @Test
    void agreesWithAPlainListWhateverComes() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<double[]> plain = new ArrayList<>();
        long now = START;
        for (int i = 0; i < 5_000; i++) {
            now += random.nextInt(3_000);
            double value = random.nextInt(1_000);
            plain.add(new double[] {now, value});
            series.append(now, new double[] {value, 0});
        }
        long from = Math.floorDiv(now - 3_600_000, 60_000) * 60_000;
        Window window = series.query(from, now, 7);
        double[] expected = plain.stream()
                .filter(each -> each[0] >= from)
                .mapToDouble(each -> each[1])
                .toArray();
        assertThat(window.points().size()).as("seed %d", seed).isBetween(1, 7);
        assertThat(window.points().stream().mapToInt(Window.Point::samples).sum())
                .as("seed %d", seed)
                .isEqualTo(expected.length);
        double sum = window.points().stream()
                .mapToDouble(point -> point.avg()[0] * point.samples())
                .sum();
        assertThat(sum / expected.length)
                .as("seed %d", seed)
                .isCloseTo(java.util.Arrays.stream(expected).average().orElseThrow(), within(0.01));
        assertThat(window.points().stream().mapToDouble(point -> point.max()[0]).max())
                .as("seed %d", seed)
                .hasValue(java.util.Arrays.stream(expected).max().orElseThrow());
    }

    @Test
    void aMillionReadingsAllocateNothing() {
        double[] row = {1, 2};
        for (int i = 0; i < 20_000; i++) {
            series.append(START + i, row); // warm
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1_000_000; i++) {
            row[0] = i;
            series.append(START + 20_000 + i * 50L, row);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4_096); // the measuring itself
    }

    @Test
    void saysHowManyBytesItHoldsAndKeepsToIt() throws IllegalAccessException {
        long stated = series.retainedBytes();
        long empty = bytes(series, Collections.newSetFromMap(new IdentityHashMap<>()));
        for (int i = 0; i < 100_000; i++) {
            series.append(START + i * 1_000L, new double[] {i, i});
        }
        long full = bytes(series, Collections.newSetFromMap(new IdentityHashMap<>()));
        assertThat(full).isEqualTo(empty);
        assertThat((double) stated).isCloseTo((double) full, within(full * 0.02));
    }

    @Test
    void aCompactOneIsHalfAsLargeAndOffByATwentiethOfAPercentAtMost() throws IllegalAccessException {
        Series compact = Series.compact(List.of("a"), List.of(MINUTES));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            double value = Math.exp(random.nextDouble() * 40 - 9); // 1e-4 to 3e13
            compact.append(START + i * 60_000L, new double[] {value});
            Window.Point point = last(compact);
            assertThat(point.avg()[0]).as("seed %d", seed).isCloseTo(value, within(value * 0.0005));
            assertThat(point.max()).as("seed %d", seed).isEqualTo(point.min());
        }
        long whole = new Series(List.of("a"), 1, List.of(MINUTES)).retainedBytes();
        long numbers = 3L * MINUTES.points() * Short.BYTES;
        assertThat(whole - compact.retainedBytes()).isBetween(numbers, numbers + 64);
        long held = bytes(compact, Collections.newSetFromMap(new IdentityHashMap<>()));
        assertThat((double) compact.retainedBytes()).isCloseTo((double) held, within(held * 0.02));
    }

    @Test
    void aCompactOneKeepsWholeNumbersZeroAndNothingAsTheyAre() {
        Series compact = Series.compact(List.of("a"), List.of(MINUTES));
        long now = START;
        for (double exact : new double[] {0, 1, 2, 3, 17, 999, 1_023, 1_025, 2_047, 2_048, 0.5, 0.25}) {
            now += 60_000;
            compact.append(now, new double[] {exact});
            assertThat(last(compact).avg()[0]).isEqualTo(exact);
        }
        compact.append(now + 60_000, new double[] {Series.UNKNOWN});
        assertThat(last(compact).avg()).containsExactly(Double.NaN);
        compact.append(now + 120_000, new double[] {-1});
        assertThat(last(compact).avg()).containsExactly(0);
        compact.append(now + 180_000, new double[] {1e300});
        assertThat(last(compact).avg()[0]).isGreaterThan(2.8e14);
        compact.append(now + 240_000, new double[] {1e-9});
        assertThat(last(compact).avg()).containsExactly(0);
    }

    private static Window.Point last(Series series) {
        return series.latest(1).points().get(0);
    }

    @Test
    void answersOneColumnInFewerPointsIfEachShallStandForMore() {
        for (int i = 0; i < 600; i++) {
            series.append(START + i * 1_000L, new double[] {i, i == 400 ? 99 : 1});
        }
        long end = START + 599_000;
        Window all = series.query(1, end - 299_000, end, 1_000, 1);
        assertThat(all.columns()).containsExactly("b");
        assertThat(all.points()).hasSize(300);
        Window fewer = series.query(1, end - 299_000, end, 1_000, 10);
        assertThat(fewer.points()).hasSize(30);
        assertThat(fewer.points().stream().mapToDouble(point -> point.max()[0]).max())
                .hasValue(99);
        assertThat(fewer.points().stream().mapToDouble(point -> point.min()[0]).min())
                .hasValue(1);
        assertThat(series.query(0, end - 299_000, end, 7, 1_000).points()).hasSize(1);
        assertThat(series.query(0, START - 10_000, START - 5_000, 7, 1).points())
                .isEmpty();
    }

    @Test
    void refusesWhatItCannotHold() {
        assertThatThrownBy(() -> new Series(List.of(), 1, List.of())).hasMessageContaining("0 columns");
        assertThatThrownBy(() -> new Series(List.of("a"), 0, List.of())).hasMessageContaining("0 readings");
        assertThatThrownBy(() -> new Tier(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageContaining("PT2S");
        assertThatThrownBy(() -> series.append(START, new double[1])).hasMessageContaining("2 columns");
        assertThatThrownBy(() -> series.query(START, START - 1, 1)).hasMessageContaining("was not read");
        assertThatThrownBy(() -> series.query(START, START, 0)).hasMessageContaining("0 points");
    }

    /** Arrays and our own objects behind one object, as a 64-bit JVM with compressed references lays them out. */
    private static long bytes(Object object, Set<Object> seen) throws IllegalAccessException {
        if (!seen.add(object)) {
            return 0;
        }
        if (object.getClass().isArray()) {
            return array(object, seen);
        }
        long sum = 16;
        for (Field field : object.getClass().getDeclaredFields()) {
            if (java.lang.reflect.Modifier.isStatic(field.getModifiers())) {
                continue;
            }
            field.setAccessible(true);
            sum += 8;
            Object value = field.get(object);
            if (value instanceof Object[]
                    || value instanceof Ring
                    || value instanceof Cells
                    || (value != null && value.getClass().isArray())) {
                sum += bytes(value, seen);
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
