package io.penstock.resilience;

import java.util.concurrent.CompletableFuture;

/** Interrupts the thread of an attempt when its time is over, and never after the attempt has ended. */
final class Interrupter {
    private final Thread thread;
    private final CompletableFuture<Boolean> alarm = new CompletableFuture<>();
    private boolean over; // guarded by this
    private boolean fired; // guarded by this

    Interrupter(Thread thread) {
        this.thread = thread;
        var unused = alarm.thenAccept(rung -> {
            if (rung) {
                fire();
            }
        });
    }

    CompletableFuture<Boolean> alarm() {
        return alarm;
    }

    private synchronized void fire() {
        if (!over) {
            over = true;
            fired = true;
            thread.interrupt();
        }
    }

    /** Ends it, takes back an interrupt that came too late to be noticed, and tells whether there was one. */
    boolean end() {
        boolean late;
        synchronized (this) {
            late = fired;
            over = true;
            fired = false;
        }
        if (late) {
            var unused = Thread.interrupted();
        }
        alarm.complete(false);
        return late;
    }
}
