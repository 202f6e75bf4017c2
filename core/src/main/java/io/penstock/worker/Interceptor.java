package io.penstock.worker;

import io.penstock.job.JobId;

/**
 * Sees every run of a worker from the runner's own thread: for tracing, logging context, measuring.
 *
 * <p>{@code before} is called in the order of registration, {@code after} and {@code error} in the opposite order, and
 * one of the two always follows a {@code before} that returned. What these two throw is logged and changes nothing.
 */
public interface Interceptor {
    /** Comes before the handler; what it throws fails the attempt. */
    default void before(JobContext context) {}

    /** The handler returned. */
    default void after(JobContext context) {}

    /** The handler threw. */
    default void error(JobContext context, Throwable error) {}

    /** The job had gone to another worker before its end was reported, so this run's outcome was refused. */
    default void refused(JobId id) {}
}
