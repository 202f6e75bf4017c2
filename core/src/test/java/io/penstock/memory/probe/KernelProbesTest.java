package io.penstock.memory.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads files of the kernel as they were recorded on machines with control groups of either version. */
final class KernelProbesTest {
    private static final String STATUS = """
            Name:	java
            VmPeak:	 5046284 kB
            VmHWM:	  412300 kB
            VmRSS:	  398124 kB
            RssAnon:	  371000 kB
            VmSwap:	       0 kB
            Threads:	23
            """;

    private static final String STAT = "644 (ja) va (x) S 634 634 29329 0 -1 4194304 102 0 0 0 1234 567 0 0 20 0 23 0"
            + " 1268784 3133440 416 18446744073709551615\n";

    private static final String PRESSURE = """
            some avg10=12.34 avg60=0.55 avg300=0.11 total=123456
            full avg10=3.05 avg60=0.00 avg300=0.00 total=4567
            """;

    @TempDir
    private Path root;

    private final ManualTime time = new ManualTime();

    @Test
    void readsResidentBytesAndProcessorTimeWhateverTheProcessIsCalled() {
        write("proc/self/status", STATUS);
        write("proc/self/stat", STAT);
        try (Probes probes = probes()) {
            assertThat(probes.get(Column.RSS)).isEqualTo(398_124L << 10);
            assertThat(probes.get(Column.CPU_MILLIS)).isEqualTo(18_010);
            assertThat(probes.rssSource()).isIn(RssSource.PROC, RssSource.UNRELIABLE);
        }
    }

    @Test
    void seesANewNumberInAFileThatStaysOpen() {
        write("proc/self/status", STATUS);
        try (Probes probes = probes()) {
            write("proc/self/status", STATUS.replace("398124", "500000"));
            probes.read();
            assertThat(probes.get(Column.RSS)).isEqualTo(500_000L << 10);
        }
    }

    @Test
    void anInterruptedThreadDoesNotCloseTheFileForTheOthers() {
        write("proc/self/status", STATUS);
        try (Probes probes = probes()) {
            Thread.currentThread().interrupt();
            probes.read();
            assertThat(Thread.interrupted()).isTrue();
            probes.read();
            assertThat(probes.get(Column.RSS)).isEqualTo(398_124L << 10);
        }
    }

    @Test
    void withoutTheFilesOfTheKernelItGuessesNothing() {
        try (Probes probes = probes()) {
            for (Column column : List.of(
                    Column.RSS, Column.CPU_MILLIS, Column.CGROUP_USED, Column.CGROUP_LIMIT, Column.STALL_SOME)) {
                assertThat(probes.get(column)).as("%s", column).isEqualTo(Column.UNKNOWN);
            }
            assertThat(probes.rssSource()).isIn(RssSource.UNAVAILABLE, RssSource.PS);
            assertThat(probes.cgroupVersion()).isZero();
            assertThat(probes.get(Column.HEAP_USED)).isPositive();
            assertThat(probes.states()).allMatch(ProbeState::on);
        }
    }

    @Test
    void filesWithoutWhatWeSeekMakeTheNumbersUnknown() {
        write("proc/self/status", "Name:\tjava\n");
        write("proc/self/stat", "");
        write("proc/pressure/memory", "");
        try (Probes probes = probes()) {
            assertThat(probes.get(Column.RSS)).isEqualTo(Column.UNKNOWN);
            assertThat(probes.get(Column.CPU_MILLIS)).isEqualTo(Column.UNKNOWN);
            assertThat(probes.get(Column.STALL_SOME)).isEqualTo(Column.UNKNOWN);
        }
    }

    @Test
    void readsAGroupOfVersion2WithItsEvents() {
        second("box", "734003200", "104857600", "1073741824", "966367641");
        write("proc/self/cgroup", "0::/box\n");
        write("sys/fs/cgroup/box/memory.pressure", PRESSURE);
        write("proc/pressure/memory", PRESSURE.replace("12.34", "99.99"));
        try (Probes probes = probes()) {
            assertThat(probes.cgroupVersion()).isEqualTo(2);
            assertThat(probes.get(Column.CGROUP_USED)).isEqualTo(734_003_200);
            assertThat(probes.get(Column.CGROUP_RECLAIMABLE)).isEqualTo(104_857_600);
            assertThat(probes.get(Column.CGROUP_LIMIT)).isEqualTo(1_073_741_824);
            assertThat(probes.get(Column.CGROUP_HIGH)).isEqualTo(966_367_641);
            assertThat(probes.get(Column.CGROUP_BREACHES)).isEqualTo(17 + 4);
            assertThat(probes.get(Column.CGROUP_KILLS)).isEqualTo(1);
            assertThat(probes.get(Column.STALL_SOME))
                    .as("of the group, not of the machine")
                    .isEqualTo(1_234);
            assertThat(probes.get(Column.STALL_FULL)).isEqualTo(305);
        }
    }

    @Test
    void theLeastLimitOfAllAncestorsCounts() {
        second("pod", "900", "0", "1000", "max");
        second("pod/box", "300", "0", "max", "max");
        write("proc/self/cgroup", "0::/pod/box\n");
        try (Probes probes = probes()) {
            assertThat(probes.get(Column.CGROUP_LIMIT)).isEqualTo(1_000);
            assertThat(probes.get(Column.CGROUP_USED)).isEqualTo(900);
        }
    }

    @Test
    void aGroupWithoutALimitHasNone() {
        second("box", "300", "0", "max", "max");
        write("proc/self/cgroup", "0::/box\n");
        try (Probes probes = probes()) {
            assertThat(probes.get(Column.CGROUP_USED)).isEqualTo(300);
            assertThat(probes.get(Column.CGROUP_LIMIT)).isEqualTo(Column.UNKNOWN);
            assertThat(probes.get(Column.CGROUP_HIGH)).isEqualTo(Column.UNKNOWN);
        }
    }

    @Test
    void insideAContainerWhosePathIsThatOfTheHostTheMountIsOurGroup() {
        first("", "250000000", "419430400");
        write("proc/self/cgroup", "8:pids:/\n4:memory:/docker/0123456789ab\n0::/\n");
        try (Probes probes = probes()) {
            assertThat(probes.cgroupVersion()).isEqualTo(1);
            assertThat(probes.get(Column.CGROUP_LIMIT)).isEqualTo(419_430_400);
            assertThat(probes.get(Column.CGROUP_USED)).isEqualTo(250_000_000);
            assertThat(probes.get(Column.CGROUP_RECLAIMABLE)).isEqualTo(5_000_000);
            assertThat(probes.get(Column.CGROUP_BREACHES)).isEqualTo(42);
            assertThat(probes.get(Column.CGROUP_KILLS)).isEqualTo(Column.UNKNOWN);
        }
    }

    @Test
    void readsAGroupOfVersion1WhoseLimitIsThatOfNobody() {
        first("/box", "250000000", "9223372036854771712");
        write("proc/self/cgroup", "4:cpuset,memory:/box\n");
        write("proc/pressure/memory", PRESSURE);
        try (Probes probes = probes()) {
            assertThat(probes.get(Column.CGROUP_LIMIT)).isEqualTo(Column.UNKNOWN);
            assertThat(probes.get(Column.CGROUP_USED)).isEqualTo(250_000_000);
            assertThat(probes.get(Column.STALL_SOME)).isEqualTo(1_234);
        }
    }

    @Test
    void aPathThatClimbsOutOfTheMountIsNotFollowed() {
        first("", "1", "2");
        write("sys/fs/cgroup/other/memory.usage_in_bytes", "7");
        write("proc/self/cgroup", "4:memory:/../other\n");
        try (Probes probes = probes()) {
            assertThat(probes.get(Column.CGROUP_USED)).isEqualTo(1);
        }
    }

    private Probes probes() {
        Probes probes = Probes.below(time, Outside.NONE, root);
        probes.read();
        return probes;
    }

    private void second(String group, String current, String inactive, String max, String high) {
        String folder = "sys/fs/cgroup/" + group + "/";
        write("sys/fs/cgroup/cgroup.controllers", "cpu io memory pids\n");
        write(folder + "memory.current", current + "\n");
        write(folder + "memory.max", max + "\n");
        write(folder + "memory.high", high + "\n");
        write(
                folder + "memory.stat",
                "anon 600000000\nfile 134003200\nactive_file 1\ninactive_file " + inactive + "\n");
        write(folder + "memory.events", "low 0\nhigh 17\nmax 4\noom 2\noom_kill 1\noom_group_kill 0\n");
    }

    private void first(String group, String usage, String limit) {
        String folder = "sys/fs/cgroup/memory" + group + "/";
        write(folder + "memory.usage_in_bytes", usage + "\n");
        write(folder + "memory.limit_in_bytes", limit + "\n");
        write(folder + "memory.failcnt", "42\n");
        write(folder + "memory.stat", "cache 9\ninactive_file 4\ntotal_cache 9\ntotal_inactive_file 5000000\n");
    }

    private void write(String name, String text) {
        try {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
