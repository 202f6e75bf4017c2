package io.penstock.notice;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a channel of this process does.
 *
 * @param waiting notices that wait to be sent
 * @param waitingBytes about what they take of the heap
 * @param delivered messages that were taken
 * @param failed messages that were given up
 * @param dropped notices that were never sent because there was no room or no time left
 * @param collapsed notices that a later one of the same alert took the place of before they were sent
 * @param lastError of the last message; empty = it was taken
 * @param lastDelivered null = none yet
 */
public record ChannelStats(
        int waiting,
        int waitingBytes,
        long delivered,
        long failed,
        long dropped,
        long collapsed,
        String lastError,
        @Nullable Instant lastDelivered) {}
