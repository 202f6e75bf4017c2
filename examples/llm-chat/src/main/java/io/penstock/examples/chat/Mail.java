package io.penstock.examples.chat;

import io.penstock.job.Backoff;
import io.penstock.job.JobType;
import io.penstock.job.RetryPolicy;
import java.time.Duration;

/** A mail that a job sends. */
record Mail(String to, String subject, String text) {
    static final JobType<Mail> TYPE = JobType.of("mail.send", Mail.class)
            .queue("email")
            .retry(RetryPolicy.of(Backoff.exponential(Duration.ofSeconds(2)), 8))
            .timeout(Duration.ofSeconds(60));
}
