package io.penstock.server.http;

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
    ADMIN
}
