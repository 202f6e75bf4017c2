package io.penstock.memory.trend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValleyFinderTest {
    private final ValleyFinder finder = new ValleyFinder(1_000);
    private final List<Long> floors = new ArrayList<>();
    private long nanos;

    private void young(long... used) {
        for (long after : used) {
            if (finder.add(++nanos, after, false)) {
                floors.add(finder.floor());
            }
        }
    }

    @Test
    void findsTheLowestPointOfASawTooth() {
        young(300, 310, 320, 330, 340, 350, 360, 370, 380, 390, 400, 350, 305, 310, 330, 360, 370, 380);

        assertThat(floors).containsExactly(305L);
        assertThat(finder.floorNanos()).isEqualTo(13);
    }

    @Test
    void waitsUntilTheFallIsOver() {
        young(300, 320, 340, 360, 380, 400, 300, 310, 290, 280, 290, 300);
        assertThat(floors).isEmpty();

        young(320, 345);
        assertThat(floors).containsExactly(280L);
    }

    @Test
    void takesASmallFallForNoise() {
        young(300, 305, 310, 280, 300, 310, 275, 300, 310);

        assertThat(floors).isEmpty(); // 35 of 1,000 is below 4 %
    }

    @Test
    void asksForALargerFallWhereEveryStepIsLarge() {
        young(300, 360, 300, 360, 300, 360, 300, 360, 300, 360);

        assertThat(floors).hasSizeLessThan(2);
    }

    @Test
    void takesEveryCollectionOfTheWholeHeap() {
        assertThat(finder.add(1, 500, true)).isTrue();
        assertThat(finder.add(2, 501, true)).isTrue();
        assertThat(finder.floor()).isEqualTo(501);
    }

    @Test
    void findsValleyAfterValley() {
        for (int tooth = 0; tooth < 10; tooth++) {
            for (int step = 0; step < 20; step++) {
                young(300 + tooth * 5 + step * 8);
            }
        }
        assertThat(floors).containsExactly(305L, 310L, 315L, 320L, 325L, 330L, 335L, 340L, 345L);
    }
}
