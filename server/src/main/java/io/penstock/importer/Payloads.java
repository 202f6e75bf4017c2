package io.penstock.importer;

/** The bound of payloads that are read at all. */
final class Payloads {
    /** What fits into a request of 1 MiB beside its fields; a larger one is not even read from the source. */
    static final int MOST_BYTES = 900_000;

    /** Bytes of payloads that are read together. */
    static final long TOGETHER_BYTES = 4 << 20;

    private Payloads() {}
}
