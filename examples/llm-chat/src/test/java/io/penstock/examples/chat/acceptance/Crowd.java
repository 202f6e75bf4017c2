package io.penstock.examples.chat.acceptance;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** So many callers at once, each a thread. */
final class Crowd {
    interface Caller {
        void run(int number) throws Exception;
    }

    private static final int STACK_BYTES = 256 << 10;

    private Crowd() {}

    /** Returns when all have ended; one that throws is told on stderr and counts as ended. */
    static void run(String name, int callers, Caller work) throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            int number = i;
            Runnable one = () -> {
                try {
                    go.await();
                    work.run(number);
                } catch (Exception failed) {
                    System.err.println(name + " " + number + " failed: " + failed);
                }
            };
            threads.add(new Thread(null, one, name + "-" + i, STACK_BYTES));
        }
        threads.forEach(Thread::start);
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
