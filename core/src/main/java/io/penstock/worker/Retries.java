package io.penstock.worker;

import io.penstock.job.JobError;
import io.penstock.job.JobOptions;
import io.penstock.job.RetryPolicy;
import io.penstock.job.RetryPolicy.Decision;
import io.penstock.queue.LeasedJob;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a job whose attempt failed: the job's own options come before the policy of its type.
 *
 * <p>Pure but for the jitter.
 */
final class Retries {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private Retries() {}

    static Outcome after(LeasedJob job, RetryPolicy policy, Throwable error, JobError described) {
        try {
            Decision decision = policy.decide(error);
            if (decision instanceof Decision.Snooze snooze) {
                return Outcome.snoozed(notNegative(snooze.pause()));
            }
            if (decision instanceof Decision.Fail || job.attempt() >= attempts(job, policy)) {
                return Outcome.failed(described);
            }
            Duration wait = decision instanceof Decision.RetryAfter after
                    ? notNegative(after.pause())
                    : pause(job, policy, error);
            return Outcome.retried(wait, described);
        } catch (RuntimeException faulty) { // a rule or a wait function of the user's
            LOG.warn("type={} its retry policy threw; the job is treated by the default policy", job.type(), faulty);
            return byDefault(job, error, described);
        }
    }

    private static Outcome byDefault(LeasedJob job, Throwable error, JobError described) {
        RetryPolicy policy = RetryPolicy.DEFAULT;
        return job.attempt() >= attempts(job, policy)
                ? Outcome.failed(described)
                : Outcome.retried(pause(job, policy, error), described);
    }

    private static int attempts(LeasedJob job, RetryPolicy policy) {
        Integer own = job.options().maxAttempts();
        return own == null ? policy.maxAttempts() : own;
    }

    private static Duration pause(LeasedJob job, RetryPolicy policy, Throwable error) {
        JobOptions options = job.options();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return options.backoff() == null
                ? policy.waitAfter(job.attempt(), error, random::nextDouble)
                : options.backoff().after(job.attempt(), random::nextDouble);
    }

    private static Duration notNegative(Duration wait) {
        return wait.isNegative() ? Duration.ZERO : wait;
    }
}
