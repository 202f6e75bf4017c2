package io.penstock.notice;

import java.io.IOException;
import java.util.List;

/**
 * A way to tell people: a log, a web hook, a mailbox, a chat room.
 *
 * <p>Threads: sends come one at a time, the closing maybe while one is under way. Who calls it bounds rate and retries; a
 * channel sends once, and bounds the time of that.
 */
public interface Channel extends AutoCloseable {
    /** Returns what it is, e.g. {@code webhook}. */
    String kind();

    /**
     * Sends notices together; returns once the receiver has taken them.
     *
     * @param notices at least one; those that one message should tell
     * @throws NotTaken if the receiver did not take them; the message says why, without secrets
     * @throws IOException the same, where trying again may help
     */
    void send(List<Notice> notices) throws IOException, InterruptedException;

    @Override
    void close();
}
