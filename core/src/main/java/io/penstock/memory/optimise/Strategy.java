package io.penstock.memory.optimise;

/**
 * How far an optimisation goes: which kinds of steps, how much of each, and when it has reached its goal.
 *
 * <p>Found by {@link java.util.ServiceLoader}; the four that come with Penstock are registered the same way. A strategy holds
 * no state: what it gained is remembered by the {@link Optimiser}.
 */
public interface Strategy {
    /** Returns its name, in lower case, one of a kind. */
    String name();

    /** Returns the share (0..1) that steps of this kind shall give up; 0 = they are left alone. */
    double share(Step.Kind kind);

    /** Returns the share (0..1) of the heap's maximum at or below which the live set shall be afterwards; the policy's threshold less 5 points counts if that is lower. */
    double goalShare();

    /** Tells whether it may ask for a collection to measure its effect, if the rule for that allows one. */
    default boolean collects() {
        return true;
    }
}
