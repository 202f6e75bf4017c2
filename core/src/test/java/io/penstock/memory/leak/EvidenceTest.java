package io.penstock.memory.leak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.memory.trend.MemoryTrend;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvidenceTest {
    private static final long MAX = 1L << 30;
    private static final List<RetainedJobs> JOBS = List.of(new RetainedJobs("mail.send", 100, 9, 0, true));
    private static final List<RetainedJobs> CACHED = List.of(new RetainedJobs("mail.send", 100, 9, 40, false));
    private static final List<OpenCount> OPEN = List.of(new OpenCount("lease", 200, 100, 0, true));
    private static final List<OpenCount> STEADY = List.of(new OpenCount("lease", 200, 199, 0, false));
    private static final List<ClassGrowth> CLASSES = List.of(new ClassGrowth("[B", 1_000, MAX / 10));
    private static final List<OldObject> OLD = List.of(new OldObject("[B", 12, Duration.ofMinutes(9)));

    private static MemoryTrend trend(boolean growing, boolean lasting) {
        return new MemoryTrend(
                1e5,
                5e4,
                2e5,
                5,
                Duration.ofHours(3),
                32,
                MAX / 2,
                Duration.ofHours(1),
                Duration.ofHours(4),
                false,
                growing,
                lasting);
    }

    private static LeakReport report(MemoryTrend trend, List<RetainedJobs> jobs, List<OpenCount> open) {
        return new Evidence(MAX, trend, jobs, open, 3).report(List.of(), List.of());
    }

    @Test
    void callsNumbersAloneGrowth() {
        LeakReport report = report(trend(true, false), CACHED, STEADY);

        assertThat(report.verdict()).isEqualTo(LeakVerdict.GROWTH);
        assertThat(report.evidence())
                .containsExactly("the live set grew by 5.7 MB a minute (2.9 to 11.4) over 32 floors in 3 h;"
                        + " it will be full in 60 min to 4 h");
    }

    @Test
    void suspectsWhatGrowsForADayOrHasAWitness() {
        assertThat(report(trend(true, true), List.of(), STEADY).verdict()).isEqualTo(LeakVerdict.SUSPECTED);
        assertThat(report(trend(true, false), JOBS, STEADY).verdict()).isEqualTo(LeakVerdict.SUSPECTED);
        assertThat(report(trend(true, false), List.of(), OPEN).verdict()).isEqualTo(LeakVerdict.SUSPECTED);
    }

    @Test
    void confirmsByTwoWitnesses() {
        assertThat(report(trend(true, false), JOBS, OPEN).verdict()).isEqualTo(LeakVerdict.CONFIRMED);
        assertThat(report(trend(false, false), JOBS, OPEN).verdict()).isEqualTo(LeakVerdict.CONFIRMED);
    }

    @Test
    void confirmsByTheHeapItself() {
        Evidence grows = new Evidence(MAX, trend(true, false), List.of(), STEADY, 3);

        assertThat(grows.report(CLASSES, List.of()).verdict()).isEqualTo(LeakVerdict.CONFIRMED);
        assertThat(grows.report(List.of(), OLD).verdict()).isEqualTo(LeakVerdict.CONFIRMED);
        assertThat(grows.report(List.of(), OLD).evidence())
                .contains("class [B: 12 sampled objects stayed, the oldest for 9 min");
    }

    @Test
    void namesOneWitnessWithoutGrowthAndGivesNoVerdict() {
        LeakReport report = report(trend(false, false), JOBS, STEADY);

        assertThat(report.verdict()).isEqualTo(LeakVerdict.NONE);
        assertThat(report.evidence())
                .containsExactly("job type mail.send keeps its jobs: 9 of 100 finished jobs that were watched are still"
                        + " reachable after a whole marking of the heap");
    }

    @Test
    void saysWhatIsStillMissing() {
        MemoryTrend young = new MemoryTrend(0, 0, 0, 0, Duration.ZERO, 2, -1, null, null, false, false, false);

        assertThat(new Evidence(MAX, young, List.of(), List.of(), 0)
                        .report(List.of(), List.of())
                        .evidence())
                .containsExactly(
                        "no trend yet: 2 of 8 floors of the live set were seen",
                        "no verdict on retained jobs yet: the old generation was not collected as a whole");
    }
}
