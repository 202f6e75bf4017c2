package io.penstock.examples.chat.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** The old pool: 20 connections, one for each operation, and a line of callers before it that has no end and no clock. */
final class OldPool implements AutoCloseable {
    static final int CONNECTIONS = 20;

    private final LinkedBlockingDeque<OldWire> idle = new LinkedBlockingDeque<>();
    private final Semaphore door = new Semaphore(CONNECTIONS, true);
    private final AtomicInteger asking = new AtomicInteger();
    private final AtomicInteger mostAsking = new AtomicInteger();
    private final AtomicInteger mostWaiting = new AtomicInteger();
    private final List<Double> answers = new ArrayList<>(); // as the old design: every answer is remembered

    OldPool(String uri) throws IOException {
        for (int i = 0; i < CONNECTIONS; i++) {
            idle.add(OldWire.open(uri));
        }
    }

    /** One operation on a connection of its own; its answer counts, with the wait for the connection, as Redis's. */
    Object call(String... words) throws IOException, InterruptedException {
        long began = System.nanoTime();
        try {
            return only(words);
        } finally {
            synchronized (answers) {
                answers.add((System.nanoTime() - began) / 1e6);
            }
        }
    }

    /** The same for the polls, whose own second of waiting for a job is no answer time. */
    Object poll(String... words) throws IOException, InterruptedException {
        return only(words);
    }

    private Object only(String... words) throws IOException, InterruptedException {
        mostAsking.accumulateAndGet(asking.incrementAndGet(), Math::max);
        mostWaiting.accumulateAndGet(Math.max(0, asking.get() - CONNECTIONS), Math::max);
        door.acquire();
        OldWire mine = idle.take();
        try {
            return mine.call(words);
        } finally {
            idle.addFirst(mine);
            door.release();
            asking.decrementAndGet();
        }
    }

    int mostAsking() {
        return mostAsking.get();
    }

    int mostWaiting() {
        return mostWaiting.get();
    }

    /** Milliseconds that this share of all answers took at most; 0 = there was none. */
    double percentile(double share) {
        double[] sorted;
        synchronized (answers) {
            sorted = answers.stream().mapToDouble(Double::doubleValue).toArray();
        }
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)];
    }

    @Override
    public void close() throws IOException {
        for (OldWire wire : idle) {
            wire.close();
        }
    }
}
