package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.testing.Journal.Line;
import io.penstock.testing.Ledger;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The control runs: books that do not add up are seen, so a fault test that is green was not blind. */
class LedgerTest {
    private final Ledger ledger = new Ledger();

    private void added(int n) {
        ledger.attempted(n);
        ledger.answered(n, new Enqueued.Accepted(new JobId("q", "100")));
    }

    private void refused(int n, Enqueued.Reason reason) {
        ledger.attempted(n);
        ledger.answered(n, new Enqueued.Refused(reason, Duration.ZERO, ""));
    }

    @Test
    void balancesWhenEveryAcknowledgedJobEndedOnce() {
        added(1);
        ledger.ran(1, 1, false);
        ledger.ended(1, JobState.COMPLETED);

        assertThat(ledger.balance().holds()).isTrue();
        assertThat(ledger.balance().ok()).isEqualTo(1);
    }

    @Test
    void seesALoss() {
        added(1);

        assertThat(ledger.balance().holds()).isFalse();
        assertThat(ledger.balance().lost()).containsExactly(1);
    }

    @Test
    void seesASecondEnd() {
        added(1);
        ledger.ended(1, JobState.COMPLETED);
        ledger.ended(1, JobState.FAILED);

        assertThat(ledger.balance().holds()).isFalse();
        assertThat(ledger.balance().duplicated()).containsExactly(1);
    }

    @Test
    void seesAnEndOfWhatWasRefusedOrNeverAdded() {
        refused(1, Enqueued.Reason.REDIS_FULL);
        ledger.ended(1, JobState.COMPLETED);
        ledger.ended(2, JobState.COMPLETED);

        assertThat(ledger.balance().holds()).isFalse();
        assertThat(ledger.balance().unexpected()).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void seesASecondRunOfOneDelivery() {
        added(1);
        ledger.ran(List.of(new Line('S', "1", 1), new Line('E', "1", 1)));
        ledger.ran(List.of(new Line('S', "1", 1)));
        ledger.ended(1, JobState.COMPLETED);

        assertThat(ledger.balance().holds()).isFalse();
        assertThat(ledger.balance().unexpected()).containsExactly(1);
    }

    @Test
    void acceptsARunAfterAReclaimOrAnInterruptAndCountsWhatCameThroughUnanswered() {
        added(1);
        ledger.ran(List.of(new Line('S', "1", 1)));
        ledger.ran(List.of(new Line('S', "1", 2), new Line('I', "1", 2), new Line('S', "1", 2), new Line('E', "1", 2)));
        ledger.ended(1, JobState.COMPLETED);
        refused(2, Enqueued.Reason.REDIS_UNREACHABLE);
        ledger.ended(2, JobState.COMPLETED);

        assertThat(ledger.balance().holds()).isTrue();
        assertThat(ledger.balance().reruns()).isEqualTo(2);
        assertThat(ledger.balance().recovered()).isEqualTo(1);
    }
}
