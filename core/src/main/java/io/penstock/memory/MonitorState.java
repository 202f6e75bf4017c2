package io.penstock.memory;

import io.penstock.memory.probe.ProbeState;
import java.util.List;

/**
 * What watching memory costs and how well it can see.
 *
 * @param samples taken since it was started
 * @param sampleMicros what one costs, mean of the last dozen
 * @param longestMicros the dearest so far
 * @param retainedBytes history, last events and buffers
 * @param probes which are asked and which rest
 */
public record MonitorState(
        MonitorMode mode,
        long samples,
        double sampleMicros,
        double longestMicros,
        long retainedBytes,
        List<ProbeState> probes) {}
