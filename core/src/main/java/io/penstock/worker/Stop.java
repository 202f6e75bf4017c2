package io.penstock.worker;

/** Why a running handler was interrupted. */
enum Stop {
    TIMEOUT,
    CANCELLED,
    LEASE_LOST,
    SHUTDOWN
}
