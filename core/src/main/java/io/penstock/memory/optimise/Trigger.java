package io.penstock.memory.optimise;

/** Why an optimisation is asked for. Each has a wait of its own before it may ask again. */
public enum Trigger {
    /** Somebody asked. */
    MANUAL,
    /** The live set, or the resident memory, stands above the threshold of the policy. */
    SCHEDULED,
    /** The trend says that it will. */
    PREVENTIVE,
    /** The level says that little is left. */
    EMERGENCY;

    /** Tells whether a program asks: then a run has to earn the next one. */
    public boolean automatic() {
        return this != MANUAL;
    }
}
