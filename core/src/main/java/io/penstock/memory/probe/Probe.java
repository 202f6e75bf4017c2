package io.penstock.memory.probe;

import java.io.IOException;

/**
 * Reads a few related numbers; it fails alone.
 *
 * <p>Threads: its {@link Probes} lock. It may throw anything; what it wrote until then does not count.
 */
interface Probe extends AutoCloseable {
    /** A short name for messages. */
    String name();

    /** The columns that it owns: they become unknown when it fails. */
    Column[] columns();

    /** Writes its columns. */
    void read(long[] row) throws IOException;

    /** How often at most it is worth being read; in between its columns keep their value. 0 = each time. */
    default long everyNanos() {
        return 0;
    }

    @Override
    default void close() throws IOException {}
}
