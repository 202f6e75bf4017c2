package io.penstock.examples.chat.replay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;

/** The old habit: whoever wants something done again and again makes a timer of its own. */
final class OldTimers implements AutoCloseable {
    interface Work {
        void run() throws Exception;
    }

    private final List<Timer> timers = new ArrayList<>();
    private volatile boolean closed;

    synchronized void every(String name, Duration period, Work work) {
        Timer timer = new Timer("old-timer-" + name, true);
        timers.add(timer);
        timer.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        try {
                            work.run();
                        } catch (InterruptedException ends) {
                            Thread.currentThread().interrupt();
                        } catch (Exception failed) {
                            if (!closed) {
                                System.err.println("replay: " + name + " failed: " + failed);
                            }
                        }
                    }
                },
                period.toMillis(),
                period.toMillis());
    }

    synchronized int count() {
        return timers.size();
    }

    @Override
    public synchronized void close() {
        closed = true;
        timers.forEach(Timer::cancel);
    }
}
