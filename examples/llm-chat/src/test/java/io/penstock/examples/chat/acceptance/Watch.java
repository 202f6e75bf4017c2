package io.penstock.examples.chat.acceptance;

import io.penstock.examples.chat.replay.OldWire;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks at a subject and at its Redis again and again, on a thread of its own, until closed. */
final class Watch implements AutoCloseable {
    /**
     * One look.
     *
     * @param seconds since the subject was started
     * @param clients connections to Redis, without that of the watch
     * @param listeners as the subject counts them
     * @param pingMillis how long Redis took to answer the watch
     */
    record Look(double seconds, ProcessFacts facts, int clients, int listeners, double pingMillis) {}

    private final Subject subject;
    private final OldWire redis;
    private final Duration period;
    private final List<Look> looks = new ArrayList<>();
    private volatile int waitingMost; // written by the watch only
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "watch");

    Watch(Subject subject, String redisUri, Duration period) throws IOException {
        this.subject = subject;
        this.redis = OldWire.open(redisUri);
        this.period = period;
        thread.start();
    }

    private void run() {
        try {
            do {
                look();
            } while (!over.await(period.toMillis(), TimeUnit.MILLISECONDS));
        } catch (IOException | InterruptedException failed) {
            System.err.println("the watch of " + subject.name + " ends: " + failed);
        }
    }

    private void look() throws IOException, InterruptedException {
        if (subject.name.equals(Options.OURS)) { // the replay counts by itself
            waitingMost = Math.max(
                    waitingMost,
                    Site.beside(subject, "redis/pool").path("waiting").asInt());
        }
        long began = System.nanoTime();
        redis.call("PING");
        double ping = (System.nanoTime() - began) / 1e6;
        int clients = (int) ((String) redis.call("CLIENT", "LIST")).lines().count() - 1;
        int listeners = subject.get("/api/health").path("listeners").asInt();
        Look look = new Look(subject.secondsUp(), ProcessFacts.of(subject.pid()), clients, listeners, ping);
        synchronized (looks) {
            looks.add(look);
        }
    }

    /** Callers of ours that were seen waiting for a connection, at most. */
    int waitingMost() {
        return waitingMost;
    }

    List<Look> looks() {
        synchronized (looks) {
            return List.copyOf(looks);
        }
    }

    @Override
    public void close() throws IOException {
        over.countDown();
        try {
            thread.join();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        redis.close();
    }
}
