package io.penstock.memory.optimise;

/**
 * One way to free memory, contributed by whoever owns that memory.
 *
 * <p>Threads: {@link #run} is called on a thread of the optimiser, never twice at once; it is interrupted at its deadline
 * and then left alone, and not called again until it has returned. The owner makes it safe against its own use.
 */
public interface Step {
    /** The step cannot count what it frees. */
    long UNKNOWN = -1;

    /** What a step gives up, in the order in which a run asks for it: the cheapest to lose first. */
    enum Kind {
        /** Readings and records that are old. */
        HISTORIES,
        /** What can be had again at a price. */
        CACHES,
        /** What is kept ready: idle connections, buffers. */
        POOLS,
        /** Work that was fetched ahead and can go back. */
        PREFETCH,
        /** How the collector sizes the heap, for the length of the run. */
        COLLECTOR,
        /** Memory that is free already and still held from the machine. */
        RETURN;

        /** Tells whether it makes objects collectable, so that the live set must fall. */
        boolean freesObjects() {
            return this != COLLECTOR && this != RETURN;
        }
    }

    /** Returns its name, one of a kind in the process, as reports show it. */
    String name();

    /** Returns what it gives up; a strategy chooses steps by this. */
    Kind kind();

    /** Tells whether it takes part in this strategy, if that asks for its kind at all. */
    default boolean appliesTo(String strategy) {
        return true;
    }

    /** Returns how many bytes a whole run would free, or {@link #UNKNOWN}. Returns at once and changes nothing. */
    default long estimate() {
        return UNKNOWN;
    }

    /**
     * Frees this share of what it could free.
     *
     * @param share above 0, at most 1 = everything
     * @return the bytes that it let go by its own count, or {@link #UNKNOWN}; the report shows it as such, beside what was
     *     measured
     * @throws Exception whatever it wants: it is reported, and the run goes on
     */
    long run(double share) throws Exception;
}
