package io.penstock.memory.admission;

import java.time.Duration;

/**
 * Why a producer is refused: what collections left of the heap is over the line that producers have.
 *
 * @param heapShare what the last collection left, 0 to 1
 * @param lineShare what it may leave at most
 * @param retryAfter when the heap will have been looked at again
 */
public record Pressure(double heapShare, double lineShare, Duration retryAfter) {}
