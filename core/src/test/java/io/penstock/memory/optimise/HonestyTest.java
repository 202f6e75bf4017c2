package io.penstock.memory.optimise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.penstock.memory.gc.GcFeed;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On this JVM, with its collector and real megabytes. */
final class HonestyTest {
    private static final int BLOCK = 4_096;
    private static final long MB = 1 << 20;

    /**
     * Serial and Parallel leave dead objects in place in three of four full collections, up to 5 % of the old generation
     * (MarkSweepDeadRatio, MarkSweepAlwaysCompactCount).
     */
    private static final long LEFT_IN_PLACE = 8 * MB;

    private final Threads threads = new Threads(16);
    private final Timer timer = new Timer(Clock.system(), threads);
    private final GcFeed feed = new GcFeed(Clock.system());
    private final ThisJvm gauge = new ThisJvm();
    private final Optimiser optimiser = new Optimiser(gauge, feed, OptimiserPolicy.defaults(), timer, threads);
    private final List<byte[]> cache = Collections.synchronizedList(new ArrayList<>());
    private final List<byte[]> kept = new ArrayList<>();

    @BeforeEach
    void start() {
        optimiser.start();
    }

    @AfterEach
    void close() {
        optimiser.close();
        feed.close();
        timer.close();
        threads.close();
        assertThat(threads.alive()).isZero();
    }

    @Test
    void freedBytesAgreeWithAnIndependentReading() throws Exception {
        fill(100);
        optimiser.contribute(dropping());
        long before = independent();
        Optimisation report = run();
        long fell = before - independent();
        System.out.println("honesty: freed=" + report.freedBytes() / MB + " MB independent=" + fell / MB + " MB, "
                + report.durationMillis() + " ms, " + report.outcome());
        assertThat(report.measured()).isTrue();
        assertThat(report.freedBytes()).isCloseTo(fell, within(fell / 20 + LEFT_IN_PLACE));
        assertThat(fell).isCloseTo(100 * MB, within(5 * MB));
        assertThat(report.success()).isTrue();
        assertThat(kept).hasSize((int) (100 * MB / BLOCK / 8));
    }

    @Test
    void garbageThatACollectionFindsIsNotItsMerit() throws Exception {
        fill(130);
        gauge.live = 60 * MB; // what a monitor would have seen
        cache.clear(); // before the run: the collector's to take, whoever asks for a collection
        optimiser.contribute(House.step("idle", () -> Step.UNKNOWN));
        Optimisation report = run();
        System.out.println("honesty: " + report.outcome());
        assertThat(report.freedBytes()).isLessThan(9 * MB); // the test runner's own, and what a collection may leave
        assertThat(report.before().usedBytes() - report.after().usedBytes())
                .as("what a naive report would claim")
                .isGreaterThan(70 * MB);
    }

    @Test
    void theCollectorsOptionsHaveTheirOldValuesAfterwards() throws Exception {
        List<String> before = options();
        optimiser.contribute(dropping());
        List<String> during = new ArrayList<>();
        optimiser.contribute(new Step() {
            @Override
            public String name() {
                return "witness";
            }

            @Override
            public Kind kind() {
                return Kind.RETURN;
            }

            @Override
            public long run(double share) {
                during.addAll(options());
                return 0;
            }
        });
        optimiser
                .optimise(Request.manual("aggressive", "test"))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        assertThat(during).isNotEqualTo(before);
        assertThat(options()).isEqualTo(before);
    }

    private Optimisation run() throws Exception {
        return optimiser
                .optimise(Request.manual("emergency", "test"))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    /** Cached blocks with others between them, as they lie in a heap that has worked. */
    private void fill(int megabytes) {
        for (int i = 0; i < megabytes * MB / BLOCK; i++) {
            cache.add(new byte[BLOCK - 16]);
            if (i % 8 == 0) {
                kept.add(new byte[BLOCK - 16]);
            }
        }
    }

    private Step dropping() {
        return House.step("cache", () -> {
            long bytes = (long) cache.size() * BLOCK;
            cache.clear();
            return bytes;
        });
    }

    /** The size of all live objects by the JVM's class histogram, which walks the heap and asks no bean of memory. */
    private static long independent() throws JMException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) { // one of four leaves nothing dead in place
            Object text = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            String total = text.toString()
                    .lines()
                    .filter(line -> line.startsWith("Total"))
                    .findFirst()
                    .orElseThrow();
            least = Math.min(least, Long.parseLong(total.trim().split("\\s+", -1)[2]));
        }
        return least;
    }

    private static List<String> options() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return List.of(
                vm.getVMOption("MinHeapFreeRatio").getValue(),
                vm.getVMOption("MaxHeapFreeRatio").getValue());
    }

    private static final class ThisJvm implements Gauge {
        private volatile long live = UNKNOWN;

        @Override
        public long liveSetBytes() {
            return live;
        }

        @Override
        public long usedBytes() {
            return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        }

        @Override
        public long maxBytes() {
            return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getMax();
        }

        @Override
        public long rssBytes() {
            try {
                return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                        .findFirst()
                        .orElse(UNKNOWN);
            } catch (IOException notLinux) {
                return UNKNOWN;
            }
        }
    }
}
