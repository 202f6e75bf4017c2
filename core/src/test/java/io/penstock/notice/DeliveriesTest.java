package io.penstock.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.notice.Delivery.Outcome;
import io.penstock.notice.Delivery.Told;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeliveriesTest {
    private final Deliveries deliveries = new Deliveries(1_000);

    private Delivery add(String id, String channel, Outcome outcome, int notices) {
        Told told = Told.of(Notices.firing("a".repeat(500)));
        Delivery one =
                new Delivery(id, channel, "log", Collections.nCopies(notices, told), 1, outcome, "", Instant.EPOCH, 1);
        deliveries.put(one);
        return one;
    }

    @Test
    void givesTheNewestFirstByChannelAndPage() {
        for (int i = 0; i < 10; i++) {
            add(deliveries.nextId(), i % 2 == 0 ? "even" : "odd", Outcome.DELIVERED, 1);
        }
        List<Delivery> page = deliveries.newest("even", null, 2);
        assertThat(page).extracting(Delivery::id).containsExactly("1008", "1006");
        assertThat(deliveries.newest("even", 1_006L, 10))
                .extracting(Delivery::id)
                .containsExactly("1004", "1002", "1000");
        assertThat(deliveries.newest(null, null, 100)).hasSize(10);
    }

    @Test
    void putsTheOutcomeInThePlaceOfTheAttempt() {
        String id = deliveries.nextId();
        add(id, "a", Outcome.RETRYING, 1);
        add(id, "a", Outcome.DELIVERED, 1);
        assertThat(deliveries.newest(null, null, 10))
                .singleElement()
                .extracting(Delivery::outcome)
                .isEqualTo(Outcome.DELIVERED);
    }

    @Test
    void keepsTheLast500AndNoMoreBytesThanItMay() {
        for (int i = 0; i < 700; i++) {
            add(deliveries.nextId(), "a", Outcome.DELIVERED, 1);
        }
        assertThat(deliveries.newest(null, null, 1_000)).hasSize(Deliveries.MOST);
        for (int i = 0; i < 500; i++) {
            add(deliveries.nextId(), "a", Outcome.DELIVERED, 20);
        }
        List<Delivery> left = deliveries.newest(null, null, 1_000);
        assertThat(left).hasSizeLessThan(Deliveries.MOST);
        assertThat(left.stream().mapToInt(Delivery::bytes).sum()).isLessThanOrEqualTo(Deliveries.MOST_BYTES);
    }
}
