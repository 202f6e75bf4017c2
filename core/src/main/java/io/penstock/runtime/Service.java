package io.penstock.runtime;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Something that is started once and stopped once, however many callers ask for either.
 *
 * <p>A service that was stopped stays stopped: make a new one. When starting fails, what was started so far is stopped
 * again, so a failed start leaves nothing behind.
 *
 * <p>Threads: any thread may start, stop or ask.
 */
public abstract class Service implements AutoCloseable {
    private enum State {
        NEW,
        STARTING,
        RUNNING,
        STOPPING,
        STOPPED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable Thread stopper;

    /** For subclasses. */
    protected Service() {}

    /** Starts whatever runs; called once at most. Must not call {@link #close}. */
    protected abstract void onStart();

    /** Stops whatever {@link #onStart} started, also when that failed half way; called once at most. */
    protected abstract void onStop();

    /**
     * Starts the service.
     *
     * @throws IllegalStateException if it was started or closed before
     */
    public final void start() {
        if (!state.compareAndSet(State.NEW, State.STARTING)) {
            throw new IllegalStateException(getClass().getSimpleName() + " is " + state.get()
                    + ", not NEW: it can be started once; nothing was done; make a new one");
        }
        try {
            onStart();
        } catch (Throwable failed) {
            state.set(State.RUNNING);
            try {
                close();
            } catch (Throwable alsoFailed) {
                failed.addSuppressed(alsoFailed);
            }
            throw failed;
        }
        state.set(State.RUNNING);
    }

    /** Tells whether it was started and nobody has begun to stop it. */
    public final boolean running() {
        return state.get() == State.RUNNING;
    }

    /**
     * Stops the service and returns when it has stopped, also for the second caller. A service that never started is
     * simply over. Called by the stopping itself, it returns at once.
     *
     * @throws IllegalStateException if it is just being started: stop what starts it first
     */
    @Override
    public final void close() {
        if (state.compareAndSet(State.NEW, State.STOPPED)) {
            stopped.countDown();
        } else if (state.compareAndSet(State.RUNNING, State.STOPPING)) {
            stopper = Thread.currentThread();
            try {
                onStop();
            } finally {
                state.set(State.STOPPED);
                stopped.countDown();
            }
        } else if (state.get() == State.STARTING) {
            throw new IllegalStateException(getClass().getSimpleName()
                    + " is STARTING and cannot be closed yet; nothing was done; close it after start() returned");
        } else if (stopper != Thread.currentThread()) {
            awaitStopped();
        }
    }

    private void awaitStopped() {
        boolean interrupted = false;
        while (true) {
            try {
                stopped.await();
                break;
            } catch (InterruptedException remembered) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
