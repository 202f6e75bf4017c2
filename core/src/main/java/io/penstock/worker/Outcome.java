package io.penstock.worker;

import io.penstock.job.JobError;
import io.penstock.job.JobOptions;
import io.penstock.job.RetryPolicy;
import io.penstock.job.RetryPolicy.Decision;
import io.penstock.queue.Ending;
import io.penstock.queue.LeasedJob;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of one run: the closed set of answers that {@link JobRunner} gives.
 *
 * @param pause before the next run: RETRIED and SNOOZED only
 * @param awaits the signal that ends the pause early, or null
 */
record Outcome(
        Ending.Kind kind,
        Duration pause,
        @Nullable JobError error,
        @Nullable String awaits) {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** Shared, so that the common end of a job allocates nothing. */
    static final Outcome COMPLETED = new Outcome(Ending.Kind.COMPLETED, Duration.ZERO, null, null);

    static final Outcome RELEASED = new Outcome(Ending.Kind.RELEASED, Duration.ZERO, null, null);

    static final Outcome CANCELLED = new Outcome(Ending.Kind.CANCELLED, Duration.ZERO, null, null);

    private static final JobError NO_MEMORY =
            new JobError("java.lang.Error", "the attempt failed and memory did not suffice to say how", null);

    /** Made beforehand, for when there is no memory to describe a failure. */
    static final Outcome INDESCRIBABLE = retried(Duration.ofSeconds(10), NO_MEMORY);

    static final Outcome INDESCRIBABLE_AND_LAST = failed(NO_MEMORY);

    boolean delays() {
        return kind == Ending.Kind.RETRIED || kind == Ending.Kind.SNOOZED;
    }

    static Outcome retried(Duration wait, JobError error) {
        return new Outcome(Ending.Kind.RETRIED, wait, error, null);
    }

    static Outcome snoozed(Duration wait) {
        return new Outcome(Ending.Kind.SNOOZED, wait, null, null);
    }

    /** Goes on when the signal comes, or else after this wait. */
    static Outcome awaiting(String signal, Duration wait) {
        return new Outcome(Ending.Kind.SNOOZED, wait, null, signal);
    }

    static Outcome failed(JobError error) {
        return new Outcome(Ending.Kind.FAILED, Duration.ZERO, error, null);
    }

    /** What becomes of a job whose attempt failed: the job's own options come before the policy of its type. */
    static Outcome afterFailure(LeasedJob job, RetryPolicy policy, Throwable error, JobError described) {
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

    /** Ends a run with an outcome that is no failure of the handler; thrown, so that it passes through the user's frames. */
    static final class Verdict extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Outcome outcome;

        Verdict(Outcome outcome) {
            super("the run ends here: " + outcome.kind() + "; let this pass", null, false, false);
            this.outcome = outcome;
        }

        Outcome outcome() {
            return outcome;
        }
    }
}
