package io.penstock.worker;

import io.penstock.job.Payload;
import io.penstock.queue.LeaseLostException;
import io.penstock.queue.QueueReplies.Extended;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the leases of a worker alive, and stops its jobs before a lease can have ended.
 *
 * <p>One timer task renews all leases every sixth of their length. A lease that was not renewed in time by our monotonic
 * clock is fenced a tenth of its length before Redis can give its jobs to others: nothing is begun under it and what
 * runs is interrupted. If Redis then answers that it is still held, work goes on under it; else the worker joins anew.
 *
 * <p>Threads: safe. Nothing here blocks.
 */
final class LeaseKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** Running jobs listed in a report: at most 220 bytes each keep it under 16 KiB. */
    private static final int MOST_JOBS = 64;

    private final Clock clock;
    private final String name;
    private final Duration leaseLength;
    private final long periodNanos;
    private final long fenceNanos;
    private final Runners runners;
    private final Watch watch;
    private final Outage outage;
    private final Task task;
    private volatile List<Intake> intakes = List.of();
    private volatile Runnable signal = () -> {};
    private volatile Runnable dismissal = () -> {};

    LeaseKeeper(Timer timer, WorkerConfig config, Runners runners, Watch watch) {
        this.clock = timer.clock();
        this.name = config.name();
        this.leaseLength = config.leaseLength();
        this.periodNanos = leaseLength.toNanos() / 6;
        this.fenceNanos = leaseLength.toNanos() - leaseLength.toNanos() / 10;
        this.runners = runners;
        this.watch = watch;
        this.outage = new Outage(LOG, clock, "worker=" + config.name() + " renewing its leases");
        this.task = timer.every("lease " + config.name(), Duration.ofNanos(periodNanos), this::renew);
    }

    /** Begins to look after the leases of these. */
    void keep(List<Intake> all, Runnable onChange) {
        intakes = all;
        signal = onChange;
    }

    /** Says what is done when an operator asks this worker to leave; must not block, may be called again. */
    void onDismissal(Runnable told) {
        dismissal = told;
    }

    /** There is a new lease: its first renewal also brings the report of this worker to Redis. */
    void joined() {
        task.runNow();
    }

    private void renew() {
        long now = clock.nanos();
        long next = periodNanos;
        for (Intake intake : intakes) {
            Hold hold = intake.hold();
            if (hold != null && !hold.lost() && !hold.leaving()) {
                long left = fenceNanos - (now - hold.renewedNanos());
                if (left <= 0 && hold.fence()) {
                    fenced(hold, now);
                }
                if (!hold.extending()) {
                    extend(hold, now);
                }
                next = left > 0 ? Math.min(next, left) : next;
            }
        }
        task.reschedule(Duration.ofNanos(next));
    }

    private void extend(Hold hold, long askedNanos) {
        hold.extending(true);
        try {
            hold.intake.store().extend(hold.lease, leaseLength, report()).whenComplete((reply, error) -> {
                hold.extending(false);
                answered(hold, askedNanos, reply, error);
            });
        } catch (RuntimeException refused) {
            hold.extending(false);
            outage.failed(refused);
        }
    }

    private void answered(Hold hold, long askedNanos, @Nullable Extended reply, @Nullable Throwable error) {
        Throwable cause = (error instanceof CompletionException && error.getCause() != null) ? error.getCause() : error;
        if (cause instanceof LeaseLostException || (reply != null && !reply.held())) {
            outage.worked();
            lost(hold);
        } else if (cause != null) {
            outage.failed(cause);
        } else if (reply != null) {
            outage.worked();
            renewed(hold, askedNanos, reply);
        }
    }

    private void renewed(Hold hold, long askedNanos, Extended reply) {
        if (hold.fenced()) {
            LOG.info("lease={} is still held; work goes on under it", hold.lease);
        }
        hold.renewed(askedNanos, reply.quiet());
        hold.forgetCancelsBut(reply.cancelRequested());
        for (String serial : reply.cancelRequested()) {
            cancel(hold, serial);
        }
        signal.run();
        if (reply.stop()) {
            dismissal.run();
        }
    }

    private void fenced(Hold hold, long now) {
        LOG.warn(
                "lease={} was not renewed for millis={}; its jobs are interrupted and none is begun, because others may"
                        + " get them soon; it goes on when Redis answers",
                hold.lease,
                (now - hold.renewedNanos()) / 1_000_000);
        interrupt(hold);
        signal.run();
    }

    /** Redis says that this lease has ended. */
    void lost(Hold hold) {
        if (hold.lost() || hold.leaving()) {
            return;
        }
        hold.lose();
        LOG.warn("lease={} was lost: its jobs are interrupted and run elsewhere; the worker joins anew", hold.lease);
        interrupt(hold);
        signal.run();
    }

    private void interrupt(Hold hold) {
        runners.release(hold);
        long now = clock.nanos();
        for (Slot slot : runners.slots()) {
            Run run = slot.running();
            if (run != null && run.hold == hold && slot.stop(run, Run.Stop.LEASE_LOST, now)) {
                watch.look();
            }
        }
    }

    /** Interrupts this job if it runs here, or keeps it from running if it waits here. */
    void cancel(Hold hold, String serial) {
        hold.cancelLater(serial); // first this, then the look: a run that begins in between sees it
        for (Slot slot : runners.slots()) {
            Run run = slot.running();
            if (run != null && run.hold == hold && run.chunk != null) {
                run.chunk.cancel(serial); // the others of its call go on
            } else if (run != null
                    && run.hold == hold
                    && run.job.id().serial().equals(serial)
                    && slot.stop(run, Run.Stop.CANCELLED, clock.nanos())) {
                hold.cancelled(serial); // heard: the job may be started anew before Redis forgets the request
                watch.look();
            }
        }
    }

    /** What this worker tells operators about itself: a small JSON object. */
    private byte[] report() {
        List<Map<String, Object>> jobs = new ArrayList<>();
        int running = 0;
        for (Slot slot : runners.slots()) {
            Run run = slot.running();
            if (run != null && running++ < MOST_JOBS) {
                jobs.add(Map.of(
                        "id", run.job.id().toString(),
                        "type", run.job.type(),
                        "startedAtMillis", run.startedAtMillis));
            }
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("worker", name);
        report.put("pid", ProcessHandle.current().pid());
        report.put("concurrency", runners.concurrency());
        report.put("running", running);
        report.put("ready", runners.ready());
        report.put("abandoned", runners.abandoned());
        report.put("jobs", jobs);
        return Payload.encode(report);
    }

    @Override
    public void close() {
        task.close();
    }
}
