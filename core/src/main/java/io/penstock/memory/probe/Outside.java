package io.penstock.memory.probe;

import java.util.function.LongSupplier;

/**
 * A memory that is not ours but decides whether our work can go on, such as that of Redis.
 *
 * <p>The suppliers are asked with each reading and must not block: let them return what was last heard. A negative
 * number means unknown, a limit of 0 that there is none.
 */
public record Outside(String name, LongSupplier used, LongSupplier max) {
    /** Nothing outside is watched. */
    public static final Outside NONE = new Outside("none", () -> Column.UNKNOWN, () -> Column.UNKNOWN);
}
