package io.penstock.bench;

/**
 * One feature under measurement: so many jobs that use it, from the first call to the confirmed end of the last.
 *
 * @param before what is not measured and comes first
 * @param after what is not measured and comes last
 */
record Feature(String name, int jobs, Work before, Work work, Work after) {
    /** A part of a measurement. */
    @FunctionalInterface
    interface Work {
        void run(int jobs) throws Exception;
    }

    static Feature of(String name, int jobs, Work work) {
        return new Feature(name, jobs, any -> {}, work, any -> {});
    }
}
