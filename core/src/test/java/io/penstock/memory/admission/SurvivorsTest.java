package io.penstock.memory.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.memory.gc.GcEvent;
import org.junit.jupiter.api.Test;

class SurvivorsTest {
    private static final long HEAP = 1_000;

    private final Survivors survivors = new Survivors();

    /** A young collection. */
    private static GcEvent young(long left, long survived, long promoted) {
        return new GcEvent("Copy", "", false, false, HEAP, left, 1, 1, 0, survived, promoted);
    }

    @Test
    void countsWhatWasMovedAndWhatIsLeftAmongTheYoung() {
        assertThat(survivors.moved(young(500, 10, 400))).isEqualTo(400);
        assertThat(survivors.survived()).isEqualTo(10);
    }

    @Test
    void largeArraysAreMovedFromTheStart() {
        GcEvent withLarge = new GcEvent("G1 Young Generation", "", false, false, HEAP, 90, 1, 1, 70, 5, 10);

        assertThat(survivors.moved(withLarge)).isEqualTo(70 + 10);
    }

    @Test
    void oneThatFreesMoreThanItMovesCountsAsThoseBeforeDid() {
        survivors.moved(young(100, 0, 20));
        survivors.moved(young(100, 0, 50));

        assertThat(survivors.moved(young(100, 7, -80))).isEqualTo(35);
    }

    @Test
    void afterACollectionOfTheWholeHeapAllThatIsLeftMayHaveBeenMoved() {
        GcEvent whole = new GcEvent("MarkSweepCompact", "", true, false, HEAP, 300, 1, 1, 0, 0, -200);

        assertThat(survivors.moved(whole)).isEqualTo(300);
    }

    @Test
    void saysNothingOfACollectorWithoutThem() {
        assertThat(survivors.moved(new GcEvent("ZGC Minor Cycles", "", false, true, HEAP, 300, 1, 1)))
                .isZero();
        assertThat(survivors.survived()).isEqualTo(Survivors.UNKNOWN);
    }
}
