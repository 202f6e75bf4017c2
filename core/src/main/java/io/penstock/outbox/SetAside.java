package io.penstock.outbox;

import java.time.Instant;

/**
 * A row of an outbox that was given up: it can not become a job as it is.
 *
 * @param row its id in the outbox
 * @param attempts how often it was tried
 * @param reason why the last one failed
 */
public record SetAside(
        long row, String queue, String type, int attempts, Instant createdAt, Instant setAsideAt, String reason) {}
