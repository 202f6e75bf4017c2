package io.penstock.worker;

import io.penstock.job.Names;
import io.penstock.job.Payload;
import io.penstock.payload.PayloadException;
import io.penstock.queue.QueueReplies.Waited;
import io.penstock.queue.QueueStore;
import io.penstock.worker.Outcome.Verdict;
import java.time.Duration;
import java.util.Optional;

/** What a job can wait for without holding a slot: the end of a time, or a signal. */
final class Waits {
    private Waits() {}

    static Duration checked(String what, Duration wait) {
        if (wait.compareTo(JobContext.LONGEST_WAIT) > 0) {
            throw new IllegalArgumentException(what + " of " + wait + " is longer than " + JobContext.LONGEST_WAIT
                    + "; the attempt fails; enqueue another job for then");
        }
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    static void sleep(Run run, String name, Duration wait) throws InterruptedException {
        Names.check("sleep", name);
        Duration checked = checked("sleep \"" + name + "\"", wait);
        Waited found = Run.await(store(run).sleep(run.job, name, checked), "noting sleep " + name);
        if (found.leftMillis() > 0) {
            throw new Verdict(Outcome.snoozed(Duration.ofMillis(found.leftMillis())));
        }
    }

    static <T> Optional<T> signal(Run run, String name, Duration timeout, Class<T> type) throws InterruptedException {
        Names.check("signal", name);
        Duration checked = checked("waiting for signal \"" + name + "\"", timeout);
        Waited found = Run.await(store(run).awaitSignal(run.job, name, checked), "looking for signal " + name);
        byte[] value = found.value();
        if (value != null) {
            return Optional.of(Payload.decode(opened(run, name, value), type));
        }
        if (found.leftMillis() > 0) {
            throw new Verdict(Outcome.awaiting(name, Duration.ofMillis(found.leftMillis())));
        }
        return Optional.empty();
    }

    private static byte[] opened(Run run, String name, byte[] stored) {
        try {
            return run.job.openSignal(name, stored);
        } catch (PayloadException closed) {
            throw Handlers.unreadable(closed);
        }
    }

    private static QueueStore store(Run run) {
        return run.hold.intake.store();
    }
}
