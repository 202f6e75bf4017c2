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
    void countsWhatWasMovedSinceTheOldestBegan() {
        survivors.collected(young(500, 10, 400));
        long before = survivors.moved();

        survivors.collected(young(530, 10, 30));
        survivors.collected(young(550, 15, 20));

        assertThat(survivors.most(before)).isEqualTo(15 + 30 + 20);
    }

    @Test
    void largeArraysAreMovedFromTheStart() {
        long before = survivors.moved();

        survivors.collected(new GcEvent("G1 Young Generation", "", false, false, HEAP, 90, 1, 1, 70, 5, 10));

        assertThat(survivors.most(before)).isEqualTo(70 + 5 + 10);
    }

    @Test
    void oneThatFreesMoreThanItMovesCountsAsThoseBeforeDid() {
        long before = survivors.moved();
        survivors.collected(young(100, 0, 20));
        survivors.collected(young(100, 0, 50));

        survivors.collected(young(100, 7, -80));

        assertThat(survivors.most(before)).isEqualTo(20 + 50 + 35 + 7);
    }

    @Test
    void afterACollectionOfTheWholeHeapAllThatIsLeftMayBeTheirs() {
        long before = survivors.moved();

        survivors.collected(new GcEvent("MarkSweepCompact", "", true, false, HEAP, 300, 1, 1, 0, 0, -200));

        assertThat(survivors.most(before)).isEqualTo(300);
    }

    @Test
    void saysNothingOfACollectorWithoutThem() {
        survivors.collected(new GcEvent("ZGC Minor Cycles", "", false, true, HEAP, 300, 1, 1));

        assertThat(survivors.most(0)).isEqualTo(Survivors.UNKNOWN);
    }
}
