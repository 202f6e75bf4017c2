package io.penstock.memory.probe;

/**
 * One bean of the collector since the JVM began.
 *
 * @param concurrent whether its time ran beside the program; false = the program waited
 */
public record CollectorTotals(String name, boolean concurrent, long count, long millis) {}
