package io.penstock.runtime;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, counts and ends all threads of one Penstock; every name begins with {@code penstock-}.
 *
 * <p>They get the context class loader of the thread that made this object, and inherit nothing else.
 *
 * <p>Bound: {@code most} threads alive at once; asking for one more fails. Threads are daemons, so a forgotten close
 * does not keep the JVM alive.
 *
 * <p>Threads: safe.
 */
public final class Threads implements AutoCloseable {
    /** How long {@link #close} waits for threads to heed their interrupt: longer than any wait in this library. */
    private static final Duration LONGEST_JOIN = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

    /** Null before Java 21; by method handle because the baseline is 17. */
    private static final @Nullable VirtualThreads VIRTUAL = VirtualThreads.find();

    private final int most;
    private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
    private final Set<Thread> alive = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Allows at most this many threads alive at once. */
    public Threads(int most) {
        this.most = most;
    }

    /** Tells whether this Java has virtual threads (21 and later). */
    public static boolean virtualAvailable() {
        return VIRTUAL != null;
    }

    /**
     * Starts a platform thread, for what loops for the whole life of its owner.
     *
     * @param name without the prefix
     * @throws IllegalStateException if closed, or as many threads as allowed are alive
     */
    public Thread start(String name, Runnable work) {
        return begin(platform("penstock-" + name, tracked(work)));
    }

    /**
     * Does something to all of these side by side, and waits until all is done: for what each may take its time to close. An
     * interrupt ends the waiting, not the work.
     *
     * @param name of the threads, behind which stands a number
     * @throws IllegalStateException as {@link #start}
     */
    public <T> void sideBySide(String name, Collection<T> all, Consumer<? super T> work) {
        int number = 0;
        List<Thread> working = new ArrayList<>();
        for (T each : all) {
            working.add(start(name + "-" + ++number, () -> work.accept(each)));
        }
        working.forEach(Threads::join);
    }

    /** Waits for the end of a thread, unless it is none or this one; an interrupt ends that, and is remembered. */
    public static void join(@Nullable Thread thread) {
        if (thread != null && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException remembered) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Starts a virtual thread where there are such, else a platform thread, for what may be many and waits a lot.
     *
     * @param name without the prefix
     * @throws IllegalStateException if closed, or as many threads as allowed are alive
     */
    public Thread startLight(String name, Runnable work) {
        String full = "penstock-" + name;
        Runnable tracked = tracked(work);
        return begin(VIRTUAL == null ? platform(full, tracked) : VIRTUAL.unstarted(full, tracked));
    }

    /** Returns how many threads are alive, virtual ones included. */
    public int alive() {
        return alive.size();
    }

    private Thread begin(Thread thread) {
        if (closed || alive.size() >= most) {
            throw new IllegalStateException("thread " + thread.getName() + " was not started: "
                    + (closed ? "the threads are closed" : alive.size() + " of at most " + most + " are alive")
                    + "; nothing was done; lower the concurrency or close what is not needed");
        }
        alive.add(thread);
        boolean started = false;
        try {
            thread.start();
            started = true;
        } finally {
            if (!started) {
                alive.remove(thread);
            }
        }
        return thread;
    }

    private Runnable tracked(Runnable work) {
        return () -> {
            try {
                // threads are started from any thread, such as one of the Redis client, whose loader knows no handler
                Thread.currentThread().setContextClassLoader(loader);
                work.run();
            } catch (Throwable died) {
                LOG.error(
                        "thread={} died of an error that nothing expected",
                        Thread.currentThread().getName(),
                        died);
            } finally {
                alive.remove(Thread.currentThread());
            }
        };
    }

    private static Thread platform(String name, Runnable work) {
        Thread thread = new Thread(null, work, name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /** Interrupts what is still alive and waits up to 5 s for it; names what stays on after that in one log line. */
    @Override
    public void close() {
        closed = true;
        long deadline = Clock.system().nanos() + LONGEST_JOIN.toNanos();
        boolean interrupted = false;
        for (Thread thread : alive) {
            if (thread != Thread.currentThread()) {
                thread.interrupt();
            }
        }
        for (Thread thread : alive) {
            long left = (deadline - Clock.system().nanos()) / 1_000_000;
            if (thread == Thread.currentThread() || left <= 0 || interrupted) {
                continue;
            }
            try {
                thread.join(left);
            } catch (InterruptedException giveUp) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        long stuck = alive.stream().filter(t -> t != Thread.currentThread()).count();
        if (stuck > 0) {
            LOG.warn("threads={} ignored their interrupt and stay on as daemons until they return: {}", stuck, alive);
        }
    }

    /** {@code Thread.ofVirtual().inheritInheritableThreadLocals(false).name(name).unstarted(work)}, where there is such a thing. */
    private record VirtualThreads(
            MethodHandle ofVirtual, MethodHandle inherit, MethodHandle name, MethodHandle unstarted) {
        static @Nullable VirtualThreads find() {
            try {
                MethodHandles.Lookup lookup = MethodHandles.publicLookup();
                Class<?> builder = Class.forName("java.lang.Thread$Builder");
                return new VirtualThreads(
                        lookup.unreflect(Thread.class.getMethod("ofVirtual")),
                        lookup.unreflect(builder.getMethod("inheritInheritableThreadLocals", boolean.class)),
                        lookup.unreflect(builder.getMethod("name", String.class)),
                        lookup.unreflect(builder.getMethod("unstarted", Runnable.class)));
            } catch (ReflectiveOperationException | UnsupportedOperationException before21) {
                return null; // on 19 and 20 they were a preview, whose methods refuse to be called
            }
        }

        Thread unstarted(String threadName, Runnable work) {
            try {
                return (Thread)
                        unstarted.invoke(name.invoke(inherit.invoke(ofVirtual.invoke(), false), threadName), work);
            } catch (Throwable impossible) {
                throw new IllegalStateException("this Java has virtual threads but makes none", impossible);
            }
        }
    }
}
