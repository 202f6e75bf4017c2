package io.penstock.queue;

import io.penstock.job.Priority;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an operator changes of a waiting or delayed job; null leaves it as it is.
 *
 * @param payload JSON text in UTF-8
 * @param delay from now; zero makes the job ready
 */
public record JobEdit(
        byte @Nullable [] payload,
        @Nullable Priority priority,
        @Nullable Duration delay) {}
