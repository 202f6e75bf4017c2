package io.penstock.database;

import io.penstock.runtime.Health;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What {@link DatabaseHealth} saw at its last look that was answered, with the health it settled on.
 *
 * @param lookedAt null before the first answer: the numbers are 0 and the names empty then
 * @param product and {@code version} as the driver says
 * @param acquireMillis how long the last look waited for a connection
 * @param answerMillis how long the database took to prove that connection alive
 * @param ewmaMillis the same, smoothed over the last few looks: what is judged
 * @param readOnly whether it takes no writes, as a standby does not
 */
public record DatabaseStatus(
        String name,
        Health health,
        @Nullable Instant lookedAt,
        String product,
        String version,
        double acquireMillis,
        double answerMillis,
        double ewmaMillis,
        boolean readOnly) {
    DatabaseStatus with(Health other) {
        return new DatabaseStatus(
                name, other, lookedAt, product, version, acquireMillis, answerMillis, ewmaMillis, readOnly);
    }
}
