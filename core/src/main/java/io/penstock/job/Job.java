package io.penstock.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One job as it stood when it was looked at.
 *
 * @param payload as it is stored: JSON text in UTF-8 if {@code encoding} is empty, else for {@code Queue.open}
 * @param attempt tries that were started and charged, the running one included
 * @param deliveries times that a worker got the job; more than {@code attempt} when workers died or handed it back
 * @param maxAttempts 0 = as its type says on the worker's side
 * @param runAt when it is due; null unless delayed
 * @param startedAt when the running or last attempt began, null if none did or the worker has not told yet
 * @param progress as the handler reported it (JSON), null if it did not
 * @param result as the handler gave it (JSON); null if it did not, or if it is sealed and was not opened: in lists, and
 *     where its key is missing
 * @param cancelRequested whether a running job has been asked to stop
 * @param encoding how the payload was sealed; empty = it is plain
 * @param resultEncoding how the result was sealed where it is stored; empty = it is plain, or there is none
 */
public record Job(
        JobId id,
        String type,
        JobState state,
        byte[] payload,
        JobOptions options,
        int attempt,
        int deliveries,
        int maxAttempts,
        Instant createdAt,
        @Nullable Instant runAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable String progress,
        byte @Nullable [] result,
        @Nullable JobError error,
        @Nullable String worker,
        boolean cancelRequested,
        String encoding,
        String resultEncoding) {}
