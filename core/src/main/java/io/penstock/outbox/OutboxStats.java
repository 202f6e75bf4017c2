package io.penstock.outbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How an outbox stands.
 *
 * @param waiting rows that are to be relayed, of all processes
 * @param oldest age of the oldest of them by this machine's clock; zero if there is none
 * @param setAside rows that were given up and wait for a person
 * @param relayed jobs that this process brought to Redis since it started
 * @param duplicates jobs of this process whose unique key another job held
 * @param refusals batches of this process that Redis, its queue or this process' memory did not take; they were tried again
 * @param recovered batches that somebody had left behind and this process settled
 * @param trouble what stopped the last round of this process; null = nothing did
 */
public record OutboxStats(
        long waiting,
        Duration oldest,
        long setAside,
        long relayed,
        long duplicates,
        long refusals,
        long recovered,
        @Nullable String trouble) {}
