package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobState;

/** A job came to a state; carries no data of the job. */
public record QueueEvent(JobId id, JobState state) {}
