package io.penstock.server.caller;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a caller may do; queue patterns may narrow it further. */
public enum Role {
    /** Reads everything but payloads. */
    VIEWER,
    /** Adds jobs and reads what became of them. */
    PRODUCER,
    /** Leases jobs, ends them, and says that it lives. */
    WORKER,
    /** Reads all and does what an operator does by day: retries, pauses, purges, optimises. */
    OPERATOR,
    /** Everything, tokens and settings among it. */
    ADMIN;

    /** Returns its name in JSON and in settings. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the role of a name, exactly as it is written; null = there is none. */
    public static @Nullable Role of(String wire) {
        return Arrays.stream(values())
                .filter(role -> role.wire().equals(wire))
                .findFirst()
                .orElse(null);
    }

    /** Returns all names. */
    public static List<String> words() {
        return Arrays.stream(values()).map(Role::wire).toList();
    }

    /** Tells whether the dashboard has something to show it; the others are for programs. */
    public boolean person() {
        return Access.READ.roles().contains(this);
    }
}
