package io.penstock.server.caller;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Which roles may call a route. */
public enum Access {
    /** Also who has no token: probes and sign-in. */
    ANYONE(Role.VIEWER, Role.PRODUCER, Role.WORKER, Role.OPERATOR, Role.ADMIN),
    /** Every role: who am I, and how is this API spoken. */
    KNOWN(Role.VIEWER, Role.PRODUCER, Role.WORKER, Role.OPERATOR, Role.ADMIN),
    /** How things stand. */
    READ(Role.VIEWER, Role.OPERATOR, Role.ADMIN),
    /** What became of a job, a flow or a batch. */
    FOLLOW(Role.VIEWER, Role.PRODUCER, Role.OPERATOR, Role.ADMIN),
    /** New jobs, flows and batches, and what is said to jobs. */
    ADD(Role.PRODUCER, Role.OPERATOR, Role.ADMIN),
    /** What programs ask while they work, whichever side of the queue they are on. */
    ASK(Role.PRODUCER, Role.WORKER, Role.OPERATOR, Role.ADMIN),
    /** Leases and heartbeats. */
    WORK(Role.WORKER, Role.ADMIN),
    /** What is done by day: retry, pause, purge, optimise, set limits and schedules. */
    OPERATE(Role.OPERATOR, Role.ADMIN),
    /** What changes the house itself, or cannot be taken back. */
    ADMINISTER(Role.ADMIN);

    @SuppressWarnings("ImmutableEnumChecker") // unmodifiable, as the checker cannot see
    private final Set<Role> roles;

    Access(Role first, Role... more) {
        this.roles = Collections.unmodifiableSet(EnumSet.of(first, more));
    }

    /** Returns the roles that may. */
    public Set<Role> roles() {
        return roles;
    }

    /** Returns what a route of this method needs when it says nothing else. */
    public static Access of(String method) {
        return switch (method) {
            case "GET" -> READ;
            case "DELETE" -> ADMINISTER;
            default -> OPERATE;
        };
    }

    /** Names the roles for a refusal. */
    public String named() {
        String all = roles.stream().map(Role::wire).collect(Collectors.joining(", "));
        return (roles.size() == 1 ? "the role " : "one of the roles ") + all;
    }
}
