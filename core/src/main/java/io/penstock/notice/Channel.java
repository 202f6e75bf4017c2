package io.penstock.notice;

import java.io.IOException;
import java.util.List;

/**
 * A way to tell people: a log, a web hook, a mailbox, a chat room.
 *
 * <p>Threads: called by one at a time. Who calls it bounds rate and retries; a channel sends once.
 */
public interface Channel extends AutoCloseable {
    /** Returns what it is, e.g. {@code webhook}. */
    String kind();

    /**
     * Sends notices together; returns once the receiver has taken them.
     *
     * @param notices at least one; those that one message should tell
     * @throws IOException if the receiver did not take them; the message says why, without secrets
     */
    void send(List<Notice> notices) throws IOException, InterruptedException;

    @Override
    void close();
}
