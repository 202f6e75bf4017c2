package io.penstock;

/**
 * One thing that the doctor looked at.
 *
 * @param check what was looked at, one word
 * @param message what was found and, unless it is fine, what to do
 */
public record Finding(Level level, String check, String message) {
    /** How much it matters. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Works, but less safely than it could. */
        WARNING,
        /** Jobs can be lost or stand still. */
        ERROR
    }
}
