package io.penstock.memory.leak;

import java.time.Duration;

/**
 * Objects of one class that the JVM's own sampler found alive long after they were made.
 *
 * @param className as the JVM prints it
 * @param samples how many of the sampled objects were of it
 * @param oldest how long the oldest has lived
 */
public record OldObject(String className, int samples, Duration oldest) {}
