package io.penstock.queue;

import io.penstock.job.Enqueued;
import org.jspecify.annotations.Nullable;

/**
 * What became of a stream of jobs.
 *
 * @param refused jobs that were not added; the stream was not read further after the first of them
 * @param firstRefusal why, null if none was refused
 */
public record EnqueueSummary(long accepted, long duplicates, long refused, Enqueued.@Nullable Refused firstRefusal) {}
