package io.penstock.memory.optimise;

import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs foreign work on a thread of its own and leaves it behind at its deadline, so that what hangs blocks nothing.
 *
 * <p>Bound: {@value #MOST_HANGING} threads left behind at once; none is used again before its work has returned, and the
 * same work is not begun again before that.
 */
final class Isolation {
    /** Enough to say that the fault lies with the process; few enough not to be a leak of threads. */
    static final int MOST_HANGING = 4;

    private final Timer timer;
    private final Threads threads;
    private final Map<String, AtomicBoolean> hanging = new ConcurrentHashMap<>(); // name -> whether it is over

    Isolation(Timer timer, Threads threads) {
        this.timer = timer;
        this.threads = threads;
    }

    int hanging() {
        return hanging.size();
    }

    /**
     * Returns what the work returns.
     *
     * @throws TimeoutException if it did not return in time: it was interrupted, and left alone
     * @throws InterruptedException if the caller was interrupted: the work was too
     * @throws Exception what the work throws; an Error of it comes wrapped
     */
    <T> T call(String name, Duration deadline, Callable<T> work) throws Exception {
        refuseWhileHanging(name);
        CompletableFuture<T> done = new CompletableFuture<>();
        AtomicBoolean over = new AtomicBoolean();
        Task limit = timer.after(
                "optimise-deadline",
                deadline,
                () -> done.completeExceptionally(new TimeoutException(name + " did not return within "
                        + Texts.span(deadline) + "; it was interrupted and left behind, the run went on;"
                        + " look for what it waits on")));
        Thread thread;
        try {
            thread = begin(name, work, done, over);
        } catch (RuntimeException refused) {
            limit.close();
            throw refused;
        }
        try {
            return done.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof TimeoutException && !over.get()) {
                leaveBehind(name, thread, over);
            }
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        } catch (InterruptedException stopped) {
            leaveBehind(name, thread, over);
            throw stopped;
        } finally {
            limit.close();
        }
    }

    private <T> Thread begin(String name, Callable<T> work, CompletableFuture<T> done, AtomicBoolean over) {
        return threads.start("optimise-step", () -> {
            try {
                done.complete(work.call());
            } catch (Throwable failed) { // an Error of one step is a line in the report
                done.completeExceptionally(failed);
            } finally {
                over.set(true);
                hanging.remove(name, over);
            }
        });
    }

    private void refuseWhileHanging(String name) {
        if (hanging.containsKey(name) || hanging.size() >= MOST_HANGING) {
            throw new IllegalStateException(name + " was not begun: "
                    + (hanging.containsKey(name)
                            ? "its last run has not returned yet"
                            : hanging.size() + " steps hang, the most that may")
                    + "; the run went on without it; look for what " + hanging.keySet() + " wait on");
        }
    }

    private void leaveBehind(String name, Thread thread, AtomicBoolean over) {
        hanging.put(name, over);
        thread.interrupt();
        if (over.get()) { // it ended between our looks, and found nothing to remove
            hanging.remove(name, over);
        }
    }
}
