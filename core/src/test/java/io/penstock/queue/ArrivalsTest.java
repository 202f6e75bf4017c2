package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.runtime.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ArrivalsTest {
    private final Arrivals arrivals = new Arrivals();
    private final List<String> heard = new ArrayList<>();

    private final Arrivals.Listener listener = new Arrivals.Listener() {
        @Override
        public void sent() {
            heard.add("sent");
        }

        @Override
        public void arrived() {
            heard.add("arrived");
        }
    };

    @Test
    void tellsWhoListensUntilItsPlaceIsClosed() {
        Subscription place = arrivals.listen(listener);
        arrivals.sent("a");
        arrivals.arrived();
        place.close();
        arrivals.sent("a");
        arrivals.arrived();
        assertThat(heard).containsExactly("sent", "arrived");
    }

    @Test
    void knowsTheMessagesAboutItsOwnJobs() {
        arrivals.listen(listener);
        arrivals.sent("a");
        assertThat(arrivals.ours("a")).isTrue();
        assertThat(arrivals.ours("b")).isFalse();
        assertThat(arrivals.ours("")).isFalse();
    }

    @Test
    void hearsMessagesAboutJobsOfWhichNobodyHereWasTold() {
        arrivals.sent("a");
        arrivals.listen(listener);
        assertThat(arrivals.ours("a")).isFalse();
    }

    @Test
    void remembersTheLastBlocksOnly() {
        arrivals.listen(listener);
        for (String block : List.of("a", "b", "c", "d", "e")) {
            arrivals.sent(block);
        }
        assertThat(arrivals.ours("a")).isFalse();
        assertThat(arrivals.ours("e")).isTrue();
    }
}
