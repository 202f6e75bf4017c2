package io.penstock.worker;

import io.penstock.job.JobError;
import io.penstock.memory.admission.Permit;
import io.penstock.memory.leak.JobToken;
import io.penstock.memory.leak.LeakDetector;
import io.penstock.queue.LeasedJob;
import io.penstock.runtime.Clock;
import io.penstock.worker.Outcome.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the jobs of one chunk by one call of its handler.
 *
 * <p>As {@link JobRunner} does for one job; what is a job's own there (cancelled before it ran, undecodable, refused by an
 * interceptor) ends that job here and leaves the others alone. Threads: safe; one for all slots of a worker.
 */
final class ChunkRunner {
    private final Clock clock;
    private final Handlers handlers;
    private final JobRunner runner;
    private final @Nullable LeakDetector leaks;

    ChunkRunner(Clock clock, Handlers handlers, JobRunner runner, @Nullable LeakDetector leaks) {
        this.clock = clock;
        this.handlers = handlers;
        this.runner = runner;
        this.leaks = leaks;
    }

    /** Returns false if it was abandoned while it ran. */
    <P> boolean run(Run carrier, Chunk<P> chunk, Slot slot) {
        slot.begin(carrier);
        Permit measured = chunk.all.get(0).run.permit;
        measured.begin();
        List<JobToken> tokens = watched(chunk);
        Throwable thrown = null;
        try {
            call(carrier, chunk);
        } catch (Throwable any) { // Error too: a slot must outlive whatever a handler does
            thrown = any;
        }
        measured.end(thrown, chunk.all.size());
        if (leaks != null) {
            tokens.forEach(leaks::finished);
        }
        if (!slot.end(carrier)) {
            chunk.leave();
            return false;
        }
        chunk.settle(thrown, false);
        return true;
    }

    private <P> List<JobToken> watched(Chunk<P> chunk) {
        List<JobToken> tokens = new ArrayList<>(leaks == null ? 0 : chunk.all.size());
        if (leaks != null) {
            for (Chunk.Item<P> item : chunk.all) {
                JobToken token = leaks.watch(item.run.job.type());
                item.run.context.watched = token;
                tokens.add(token);
            }
        }
        return tokens;
    }

    private <P> void call(Run carrier, Chunk<P> chunk) throws Exception {
        if (carrier.hold.lost() || carrier.hold.fenced()) {
            throw new Verdict(Outcome.RELEASED);
        }
        long now = clock.millis();
        List<Chunk.Item<P>> items = new ArrayList<>(chunk.all.size());
        for (Chunk.Item<P> item : chunk.all) {
            if (begins(chunk, item, now)) {
                items.add(item);
            }
        }
        if (items.isEmpty()) {
            return;
        }
        carrier.startedAtMillis = now;
        arm(carrier, chunk);
        if (handlers.interceptors().isEmpty()) {
            chunk.begin(items);
            chunk.how.handler().handle(chunk);
        } else {
            intercepted(chunk, items);
        }
    }

    /** Whether the handler shall see this job. */
    private <P> boolean begins(Chunk<P> chunk, Chunk.Item<P> item, long now) throws InterruptedException {
        Run run = item.run;
        LeasedJob job = run.job;
        if (run.hold.cancelled(job.id().serial())) {
            chunk.decide(item, Outcome.CANCELLED);
            return false;
        }
        runner.markCrashed(run);
        run.startedAtMillis = now;
        try {
            P payload = chunk.how.known().decode(job);
            JobToken token = run.context.watched;
            if (token != null && payload != null) {
                token.payload(payload, job.size());
            }
            item.payload(payload);
            return true;
        } catch (IllegalArgumentException undecodable) {
            String why = String.valueOf(undecodable.getMessage());
            chunk.decide(item, Outcome.failed(new JobError("undecodable", why, null)));
            return false;
        }
    }

    /** The call as a whole has the shortest time of its jobs. */
    private <P> void arm(Run carrier, Chunk<P> chunk) {
        long shortest = 0;
        for (Chunk.Item<P> item : chunk.all) {
            Duration own = item.run.job.options().timeout();
            long nanos = own == null ? chunk.how.known().timeoutNanos() : own.toNanos();
            shortest = nanos > 0 && (shortest == 0 || nanos < shortest) ? nanos : shortest;
        }
        if (shortest > 0) {
            runner.arm(carrier, shortest);
        }
    }

    /** Each job passes the interceptors by itself; one that does not get through fails alone. */
    private <P> void intercepted(Chunk<P> chunk, List<Chunk.Item<P>> items) throws Exception {
        List<Interceptor> all = handlers.interceptors();
        List<Chunk.Item<P>> through = new ArrayList<>(items.size());
        for (Chunk.Item<P> item : items) {
            int entered = 0;
            try {
                for (; entered < all.size(); entered++) {
                    all.get(entered).before(item.run.context);
                }
                through.add(item);
            } catch (Throwable refused) {
                leave(all, entered, item, refused);
                chunk.decide(item, runner.outcome(item.run, chunk.how.known(), refused));
            }
        }
        Throwable thrown = null;
        try {
            if (!through.isEmpty()) {
                chunk.begin(through);
                chunk.how.handler().handle(chunk);
            }
        } catch (Throwable any) {
            thrown = any;
            throw any;
        } finally {
            for (int i = through.size() - 1; i >= 0; i--) {
                Chunk.Item<P> item = through.get(i);
                leave(all, all.size(), item, chunk.open(item) ? thrown : item.failure);
            }
        }
    }

    private static void leave(List<Interceptor> all, int entered, Chunk.Item<?> item, @Nullable Throwable thrown) {
        for (int i = entered - 1; i >= 0; i--) {
            JobRunner.leave(all.get(i), item.run, thrown);
        }
    }
}
