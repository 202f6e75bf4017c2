package io.penstock.bench;

import io.penstock.runtime.Threads;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The design of the field report, replayed: a pool of 20 connections, one for each operation, first come first served; 3
 * queues of 5 workers with two timers each, and each timer takes a connection to wait for a job for a second.
 *
 * <p>What the report says: 32 active of 20, 282 waiting, answers after 1,540 to 2,716 ms. This has the same parts and no
 * others, so it shows what the design costs on this machine, not what Node.js costs.
 */
final class Replay implements AutoCloseable {
    static final int CONNECTIONS = 20;
    private static final int QUEUES = 3;
    private static final int WORKERS = 5;
    private static final int TIMERS_EACH = 2;

    /** So long it waits, then asks again. */
    private static final String POP_SECONDS = "1";

    private final LinkedBlockingDeque<Wire> idle = new LinkedBlockingDeque<>();
    private final Semaphore door = new Semaphore(CONNECTIONS, true);
    private final AtomicInteger asking = new AtomicInteger();
    private final Threads threads = new Threads(QUEUES * WORKERS * TIMERS_EACH);
    private volatile boolean over;

    Replay(String uri) throws IOException {
        for (int i = 0; i < CONNECTIONS; i++) {
            idle.add(Wire.open(uri));
        }
        for (int queue = 0; queue < QUEUES; queue++) {
            String key = "replay:" + queue;
            for (int timer = 0; timer < WORKERS * TIMERS_EACH; timer++) {
                threads.start("replay-timer", () -> loop(() -> call("BRPOP", key, POP_SECONDS)));
            }
        }
    }

    /** Threads that only wait for their time to come. */
    static int timers() {
        return QUEUES * WORKERS * TIMERS_EACH;
    }

    /** Those that want a connection and have none. */
    int waiting() {
        return door.getQueueLength();
    }

    /** Operations begun and not ended; the report counts these as active, and so more than there are connections. */
    int asking() {
        return asking.get();
    }

    /** One operation on a connection of its own. */
    void call(String... words) throws IOException, InterruptedException {
        asking.incrementAndGet();
        door.acquire();
        Wire mine = idle.take();
        try {
            mine.call(words);
        } finally {
            idle.addFirst(mine);
            door.release();
            asking.decrementAndGet();
        }
    }

    private void loop(Callers.Operation operation) {
        try {
            while (!over) {
                operation.run();
            }
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
        } catch (Exception lost) {
            if (!over) {
                throw new IllegalStateException("the replay lost its Redis", lost);
            }
        }
    }

    @Override
    public void close() throws IOException {
        over = true;
        threads.close();
        for (Wire wire : idle) {
            wire.close();
        }
    }
}
