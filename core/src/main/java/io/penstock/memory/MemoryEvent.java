package io.penstock.memory;

/**
 * Something about memory that somebody should hear of.
 *
 * @param atMillis wall clock
 * @param level when it was told
 * @param before the level before, the same one unless the level has changed
 * @param pressure 0 to 1
 * @param cause what the pressure comes from, as {@link Pressure#cause}
 * @param message for people: what, the number and its bound, what happens now
 */
public record MemoryEvent(
        Kind kind,
        long atMillis,
        MemoryLevel level,
        MemoryLevel before,
        double pressure,
        String cause,
        String message) {
    /** What has happened. */
    public enum Kind {
        /** The level has changed, up or down. */
        THRESHOLD,
        /** The live set rises so fast that it will matter within the hour. */
        RAPID_GROWTH,
        /** The leak detector has a verdict. */
        LEAK,
        OPTIMISATION_COMPLETED,
        OPTIMISATION_FAILED,
        STARTED,
        STOPPED;

        /** Tells whether it warns, when told at a level of HIGH or worse where it is a change of level. */
        public boolean warns() {
            return this == THRESHOLD || this == RAPID_GROWTH || this == LEAK || this == OPTIMISATION_FAILED;
        }
    }

    /** Tells whether a person should look: a rise to HIGH or worse, or another bad word. */
    public boolean alarm() {
        return kind == Kind.THRESHOLD ? level.atLeast(MemoryLevel.HIGH) && level.compareTo(before) > 0 : kind.warns();
    }
}
