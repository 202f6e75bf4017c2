package io.penstock.queue;

import io.penstock.job.Job;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of the jobs in one state.
 *
 * @param next where the next page begins, null at the end; good for as long as the queue lives
 */
public record JobPage(List<Job> jobs, @Nullable String next) {}
