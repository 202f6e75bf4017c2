package io.penstock.memory.optimise;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.memory.gc.GcFeed;
import io.penstock.runtime.Clock;
import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Subscription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rule for asking for a collection; the tests run on a collector that stops the program, children on others. */
final class HotSpotCollectorTest {
    private static final long MB = 1 << 20;
    private static final long MAX = 1_000 * MB;

    private final ManualClock clock = new ManualClock();
    private final GcFeed feed = new GcFeed(clock);
    private final HotSpotCollector collector = new HotSpotCollector(feed, clock);

    @AfterEach
    void close() {
        feed.close();
    }

    @Test
    void asksOnlyWhereATenthOfTheHeapIsDead() {
        assertThat(collector.refusal(101 * MB, 50 * MB, MAX)).isEmpty();
        assertThat(collector.refusal(99 * MB, 50 * MB, MAX)).contains("find 99.0 MiB dead, less than a tenth");
    }

    @Test
    void asksForNoPauseAbove200Millis() {
        assertThat(collector.refusal(500 * MB, 199 * MB, MAX)).isEmpty();
        assertThat(collector.refusal(500 * MB, 201 * MB, MAX)).contains("stop the program for about 201 ms");
    }

    @Test
    void asksEvery5MinutesAtMost() throws Exception {
        Subscription place = collector.listen();
        Collector.Floor floor = collector.collect(50 * MB);
        assertThat(floor.exact()).isTrue();
        assertThat(collector.latest()).isEqualTo(floor);
        clock.advance(Duration.ofSeconds(299));
        assertThat(collector.refusal(500 * MB, MB, MAX)).contains("every 300 s, the next one in 1 s");
        clock.advance(Duration.ofSeconds(1));
        assertThat(collector.refusal(500 * MB, MB, MAX)).isEmpty();
        place.close();
    }

    @Test
    void neverAsksAJvmThatWasToldToIgnoreIt() throws Exception {
        assertThat(child("-XX:+DisableExplicitGC")).isEqualTo("the JVM runs with DisableExplicitGC");
    }

    @Test
    void asksCollectorsThatRunBesideTheProgramWhateverTheyFindAlive() throws Exception {
        assertThat(child("-XX:+UseG1GC", "-XX:+ExplicitGCInvokesConcurrent")).isEqualTo("allowed");
        assertThat(child("-XX:+UseZGC")).isEqualTo("allowed");
        assertThat(child("-XX:+UseG1GC")).contains("stop the program for about 500 ms");
    }

    private static String child(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(System.getProperty("java.home") + "/bin/java", "-Xmx128m", "-XX:TieredStopAtLevel=1"));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Asked.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return out.lines().reduce("", (before, line) -> line);
    }

    /** The main class of a child: says why it may not ask, with 500 MB alive. */
    static final class Asked {
        private Asked() {}

        public static void main(String[] arguments) {
            try (GcFeed feed = new GcFeed(Clock.system())) {
                String refusal = new HotSpotCollector(feed, Clock.system()).refusal(500 * MB, 500 * MB, MAX);
                System.out.println(refusal.isEmpty() ? "allowed" : refusal);
            }
        }
    }
}
