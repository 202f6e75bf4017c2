package io.penstock.outbox;

import io.penstock.queue.Queue;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;

/** What an outbox needs of the Penstock whose queues it fills. */
public interface QueueAccess {
    /** Returns the queue of this name, whether it has jobs or not. */
    Queue queue(String name);

    /** Returns the one timer of the process. */
    Timer timer();

    /** Returns the maker of all threads. */
    Threads threads();
}
