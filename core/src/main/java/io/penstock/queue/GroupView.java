package io.penstock.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A group of a queue at one instant.
 *
 * @param waiting jobs in its lines; those parked for want of a permit of their key are not among them
 * @param active jobs in hand of workers
 * @param activeBytes bytes of their records
 * @param held whether its jobs wait for room: it is paused, or at one of its limits
 * @param until when its rate lets the next job start; null if that is not what holds it
 * @param rule what was said of this group; what is null is as all groups have it
 */
public record GroupView(
        String name,
        long waiting,
        long active,
        long activeBytes,
        boolean held,
        @Nullable Instant until,
        GroupRule rule) {}
