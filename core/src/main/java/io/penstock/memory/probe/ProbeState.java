package io.penstock.memory.probe;

import org.jspecify.annotations.Nullable;

/**
 * Whether a probe is asked.
 *
 * @param on false = it failed or was too slow three times in a row and rests
 * @param failures in a row
 * @param reason of the last failure, as its message; null = there is none
 */
public record ProbeState(
        String name, boolean on, int failures, @Nullable String reason) {}
