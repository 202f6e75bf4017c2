package io.penstock.server.lease;

import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a worker in another language asks for.
 *
 * @param queues in the order of preference
 * @param max most jobs of one answer
 * @param patience how long to wait for the first job
 * @param worker name shown to operators
 * @param length time until the jobs go to others unless the lease is extended or they are done
 */
public record LeaseWish(List<String> queues, int max, Duration patience, String worker, Duration length) {
    /** Queues of one poll: each empty one costs a round trip per look. */
    private static final int MOST_QUEUES = 16;

    /** Jobs of one lease, as one take and one finish of the queue allow. */
    private static final int MOST_JOBS = 100;

    /** Longest wait: below the idle limits of common proxies. */
    private static final int LONGEST_WAIT_MILLIS = 55_000;

    /** Long enough for a pause of the network, short enough that a dead worker's jobs come back soon. */
    private static final long DEFAULT_LENGTH_MILLIS = 30_000;

    private static final int SHORTEST_LENGTH_MILLIS = 1_000;
    private static final int LONGEST_LENGTH_MILLIS = 3_600_000;

    private static final Set<String> FIELDS = Set.of("queues", "max", "waitMillis", "worker", "leaseMillis");

    static LeaseWish read(Slice body) {
        Fields fields = Fields.of(body, FIELDS);
        List<String> queues = fields.texts("queues", MOST_QUEUES);
        if (queues == null || queues.isEmpty()) {
            throw Problem.invalid(
                    "/queues", "queues is missing; nothing was leased; name 1 to " + MOST_QUEUES + " queues");
        }
        queues.forEach(queue -> fields.guarded("queues", () -> io.penstock.job.Names.check("queue", queue)));
        String worker = fields.requiredText("worker");
        fields.guarded("worker", () -> io.penstock.job.Names.check("worker", worker));
        return new LeaseWish(
                queues.stream().distinct().toList(),
                (int) clamped(fields, "max", 1, 1, MOST_JOBS),
                Duration.ofMillis(clamped(fields, "waitMillis", 0, 0, LONGEST_WAIT_MILLIS)),
                worker,
                length(fields));
    }

    private static long clamped(Fields fields, String name, long fallback, long least, long most) {
        Long number = fields.integer(name, Long.MIN_VALUE, Long.MAX_VALUE);
        return number == null ? fallback : Math.max(least, Math.min(most, number));
    }

    /** Reads {@code leaseMillis}. */
    public static Duration length(Fields fields) {
        return Duration.ofMillis(
                clamped(fields, "leaseMillis", DEFAULT_LENGTH_MILLIS, SHORTEST_LENGTH_MILLIS, LONGEST_LENGTH_MILLIS));
    }
}
