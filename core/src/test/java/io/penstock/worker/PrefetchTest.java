package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrefetchTest {
    private static final long MILLI = 1_000_000;

    private final Prefetch prefetch = new Prefetch(0);
    private long now;

    private void finish(int jobs, long everyMillis, int times) {
        for (int i = 0; i < times; i++) {
            now += everyMillis * MILLI;
            prefetch.finished(jobs, now);
        }
    }

    @Test
    void asksForNothingAheadBeforeAnythingEnded() {
        assertThat(prefetch.jobs()).isZero();
    }

    @Test
    void holdsWhatTheRunnersWillFinishInTenMilliseconds() {
        finish(40, 2, 100); // 20 a millisecond

        assertThat(prefetch.jobs()).isBetween(190, 200);
    }

    @Test
    void holdsTwoBatchesAtMost() {
        finish(500, 1, 100);

        assertThat(prefetch.jobs()).isEqualTo(Prefetch.MOST).isEqualTo(1_000);
    }

    @Test
    void slowJobsAreLeftForOthers() {
        finish(1, 1_000, 20);

        assertThat(prefetch.jobs()).isZero();
    }

    @Test
    void forgetsABurstAsSoonAsNothingEnds() {
        finish(500, 1, 100);

        finish(0, 100, 1);
        assertThat(prefetch.jobs()).isLessThan(50);
        finish(0, 100, 1);
        assertThat(prefetch.jobs()).isZero();
    }

    @Test
    void callsInTheSameMillisecondAreTakenTogether() {
        for (int i = 0; i < 1_000; i++) {
            now += MILLI / 10;
            prefetch.finished(2, now);
        }

        assertThat(prefetch.jobs()).isBetween(180, 200);
    }
}
