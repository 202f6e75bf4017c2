package io.penstock.memory.optimise;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.memory.optimise.Optimisation.Reading;
import io.penstock.memory.optimise.Optimisation.StepReport;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RecordsTest {
    private final Records records = new Records();

    @Test
    void keepsTheNewestThousand() {
        IntStream.range(0, 1_200).forEach(i -> records.add(report("r" + i, List.of())));
        assertThat(records.latest(5_000)).hasSize(Records.MOST);
        assertThat(records.latest(1)).first().extracting(Optimisation::id).isEqualTo("r1199");
        assertThat(records.stats(0, true, java.time.Duration.ZERO, "").runs()).isEqualTo(1_200);
    }

    @Test
    void keepsFewerWhenTheyAreLong() {
        List<StepReport> steps = IntStream.range(0, Optimiser.MOST_STEPS)
                .mapToObj(i -> new StepReport("step" + i, 0, 0, false, "e".repeat(300)))
                .toList();
        IntStream.range(0, 1_000).forEach(i -> records.add(report("r" + i, steps)));
        assertThat(records.bytes()).isBetween(Records.MOST_BYTES / 2, Records.MOST_BYTES);
        assertThat(records.latest(5_000)).hasSizeLessThan(100);
    }

    private static Optimisation report(String id, List<StepReport> steps) {
        Reading reading = new Reading(1, 1, 1, 1);
        return new Optimisation(
                id,
                "standard",
                Trigger.MANUAL,
                "test",
                Instant.EPOCH,
                1,
                reading,
                reading,
                0,
                true,
                0,
                false,
                steps,
                "");
    }
}
