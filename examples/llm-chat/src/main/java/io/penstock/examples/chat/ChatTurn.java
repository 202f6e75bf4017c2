package io.penstock.examples.chat;

import io.penstock.examples.chat.llm.ModelBusyException;
import io.penstock.examples.chat.llm.ModelRefusedException;
import io.penstock.job.Backoff;
import io.penstock.job.JobType;
import io.penstock.job.Retention;
import io.penstock.job.RetryPolicy;
import io.penstock.job.RetryPolicy.Decision;
import io.penstock.resilience.CallRefusedException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a chat job carries.
 *
 * @param email who is told of the answer by mail
 * @param webhook who is told of it by HTTP
 */
record ChatTurn(
        String tenant,
        String agent,
        String conversation,
        String question,
        @Nullable String email,
        @Nullable String webhook) {
    /** A model that says 429 or whose breaker is open is asked again when it said; the slot is free meanwhile. */
    private static final RetryPolicy RETRY = RetryPolicy.of(Backoff.exponential(Duration.ofSeconds(1)), 6)
            .on(ModelBusyException.class, busy -> new Decision.RetryAfter(busy.retryAfter()))
            .on(CallRefusedException.class, open -> new Decision.RetryAfter(atLeastASecond(open.retryAfter())))
            .notOn(ModelRefusedException.class);

    /** Tenants are groups, so one that asks a hundred times delays the others by one turn. */
    static final JobType<ChatTurn> TYPE = JobType.of("chat.turn", ChatTurn.class)
            .queue("chat")
            .retry(RETRY)
            .timeout(Duration.ofMinutes(5))
            .groupBy(ChatTurn::tenant)
            .retain(new Retention(Duration.ofMinutes(10), Duration.ofDays(7)));

    private static Duration atLeastASecond(Duration wait) {
        return wait.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : wait;
    }
}
