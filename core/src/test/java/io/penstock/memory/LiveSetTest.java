package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.memory.gc.GcEvent;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LiveSetTest {
    private static final long MAX = 1_000;

    private final LiveSet g1 = new LiveSet(true);
    private final LiveSet parallel = new LiveSet(false);

    @Test
    void knowsNothingBeforeTheFirstCollection() {
        assertThat(g1.liveBytes()).isEqualTo(LiveSet.UNKNOWN);
        assertThat(g1.provenBytes(MAX)).isEqualTo(LiveSet.UNKNOWN);
        assertThat(parallel.floorBytes()).isEqualTo(LiveSet.UNKNOWN);
    }

    @Test
    void aBeanThatKnowsNothingOfMemoryIsNotHeard() {
        assertThat(parallel.collected(event(GcEvent.UNKNOWN, true), MAX)).isFalse();
        assertThat(parallel.liveBytes()).isEqualTo(LiveSet.UNKNOWN);
    }

    @Test
    void anOldGenerationFullOfGarbageProvesNothing() {
        for (int used = 100; used <= 950; used += 50) {
            parallel.collected(event(used, false), MAX); // young collections of Parallel, old garbage stays
        }
        assertThat(parallel.provenBytes(MAX)).isEqualTo(LiveSet.UNKNOWN);
        parallel.collected(event(120, true), MAX);
        assertThat(parallel.provenBytes(MAX)).isEqualTo(120);
        assertThat(parallel.liveBytes()).isEqualTo(120);
    }

    @Test
    void theLeastOfTheLastThreeCollectionsOfTheWholeHeapCounts() {
        for (int left : new int[] {300, 500, 400, 450, 600}) {
            parallel.collected(event(left, true), MAX);
        }
        assertThat(parallel.provenBytes(MAX)).isEqualTo(400);
    }

    @Test
    void theFloorOfASawIsTheBottomOfItsLastTooth() {
        teeth(g1, 3, 200, 700);
        assertThat(g1.floorBytes()).isEqualTo(200);
        teeth(g1, 1, 260, 700);
        assertThat(g1.floorBytes()).isEqualTo(260);
    }

    @Test
    void theTipsOfAHealthySawAreNotTakenForLife() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        teeth(g1, 2, 200, 850);
        for (int tooth = 0; tooth < 500; tooth++) {
            for (int used = 200; used < 850; used += 10 + random.nextInt(40)) {
                g1.collected(event(used + random.nextInt(15), false), MAX);
                assertThat(g1.provenBytes(MAX))
                        .as("seed %d, tooth %d", seed, tooth)
                        .isLessThan(300);
            }
            for (int used = 850; used > 200; used -= 100 + random.nextInt(100)) {
                g1.collected(event(used, false), MAX);
                assertThat(g1.provenBytes(MAX))
                        .as("seed %d, tooth %d", seed, tooth)
                        .isLessThan(300);
            }
        }
    }

    @Test
    void whatLeavesAllFormerTipsThreeTimesIsLife() {
        teeth(g1, 4, 200, 500);
        g1.collected(event(700, false), MAX);
        g1.collected(event(720, false), MAX);
        assertThat(g1.provenBytes(MAX)).isLessThan(300);
        g1.collected(event(740, false), MAX);
        assertThat(g1.provenBytes(MAX)).isEqualTo(700);
    }

    @Test
    void aFullCollectionOfG1IsTheTruth() {
        teeth(g1, 2, 200, 500);
        g1.collected(event(640, true), MAX);
        assertThat(g1.floorBytes()).isEqualTo(640);
        for (int i = 0; i < 3; i++) {
            g1.collected(event(650, false), MAX);
        }
        assertThat(g1.provenBytes(MAX)).isBetween(640L, 650L);
    }

    private static void teeth(LiveSet live, int count, int bottom, int tip) {
        for (int tooth = 0; tooth < count; tooth++) {
            for (int used = bottom; used <= tip; used += 25) {
                live.collected(event(used, false), MAX);
            }
            live.collected(event((bottom + tip) / 2, false), MAX);
        }
        for (int used = bottom; used <= (bottom + tip) * 2 / 3; used += 25) {
            live.collected(event(used, false), MAX);
        }
    }

    static GcEvent event(long left, boolean whole) {
        return new GcEvent("planted", "planted", whole, false, left, left, 5, 1);
    }
}
