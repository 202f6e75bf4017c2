package io.penstock.server;

import io.penstock.job.Awaited;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.redact.Eye;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Spans;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for the end of a job: {@code ?wait=10s}.
 *
 * <p>None holds a thread. Bound: {@link Limits#WAITS} of {@link Limits#WAIT}; who comes when there are as many is answered
 * at once, as if the time were over. Threads: safe.
 */
final class JobWaits {
    private final Engine engine;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Set<Waiting> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** One request; each is itself only. */
    private static final class Waiting {
        private final JobId id;
        private final CompletableFuture<Awaited> answer;

        Waiting(JobId id, CompletableFuture<Awaited> answer) {
            this.id = id;
            this.answer = answer;
        }

        void giveUp() {
            answer.complete(new Awaited.Pending(id, null));
        }
    }

    JobWaits(Engine engine) {
        this.engine = engine;
    }

    /**
     * Returns how long the call wants to wait, clamped; null = it does not.
     *
     * @throws Problem INVALID_VALUE if that is no duration
     */
    static @Nullable Duration wish(Call call) {
        String text = call.query("wait");
        if (text == null) {
            return null;
        }
        try {
            Duration wish = Spans.parse(text);
            return wish.compareTo(Limits.WAIT) > 0 ? Limits.WAIT : wish;
        } catch (IllegalArgumentException illegal) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter wait: " + illegal.getMessage() + "; nothing was done; send 0s to "
                            + Spans.format(Limits.WAIT));
        }
    }

    /**
     * Answers a job that was just added: 200 with the job if it ended in time, 202 with it if not.
     *
     * @param receipt what is answered if the job has gone without a trace
     */
    CompletionStage<Reply> added(Reply receipt, Enqueued added, Duration wait, Eye eye) {
        boolean duplicate = added instanceof Enqueued.Duplicate;
        JobId id = duplicate ? ((Enqueued.Duplicate) added).id() : ((Enqueued.Accepted) added).id();
        return end(id, wait).thenApply(end -> {
            if (end instanceof Awaited.Ended ended) {
                return shown(200, ended.job(), duplicate, eye);
            }
            Job job = end instanceof Awaited.Pending pending ? pending.job() : null;
            return job == null ? receipt : shown(202, job, duplicate, eye);
        });
    }

    private Reply shown(int status, Job job, boolean duplicate, Eye eye) {
        byte[] payload = engine.payload(job);
        return Reply.json(status, json -> {
                    json.writeStartObject();
                    JobView.fields(json, job, payload, eye);
                    json.writeBooleanField("duplicate", duplicate);
                    json.writeEndObject();
                })
                .header("Location", "/api/v1/jobs/" + job.id());
    }

    /** Answers the job as it is when it has ended or the time is over. */
    CompletionStage<Reply> ended(Job seen, Duration wait, Function<Job, Reply> shown) {
        return end(seen.id(), wait).thenApply(end -> {
            if (end instanceof Awaited.Ended ended) {
                return shown.apply(ended.job());
            }
            if (end instanceof Awaited.Pending pending) {
                return shown.apply(pending.job() == null ? seen : pending.job());
            }
            throw Problem.notFound("job", seen.id().toString());
        });
    }

    private CompletionStage<Awaited> end(JobId id, Duration wait) {
        boolean room = waiting.incrementAndGet() <= Limits.WAITS && !closed;
        CompletableFuture<Awaited> answer;
        try {
            answer = engine.ended(id, room ? wait : Duration.ZERO).toCompletableFuture();
        } catch (IllegalStateException tooMany) {
            answer = CompletableFuture.completedFuture(new Awaited.Pending(id, null));
        }
        Waiting entry = new Waiting(id, answer);
        open.add(entry);
        if (closed) {
            entry.giveUp();
        }
        return answer.whenComplete((end, never) -> {
            waiting.decrementAndGet();
            open.remove(entry);
        });
    }

    int size() {
        return waiting.get();
    }

    /** Answers all that wait as if their time were over. */
    void close() {
        closed = true;
        open.forEach(Waiting::giveUp);
    }
}
