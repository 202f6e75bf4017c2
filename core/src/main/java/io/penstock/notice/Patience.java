package io.penstock.notice;

import io.penstock.job.Backoff;
import java.time.Duration;

/**
 * How long a courier waits for what.
 *
 * @param window how long the first notice waits for others to go with it
 * @param backoff between the attempts of one message
 * @param attempts of one message
 * @param longest wait that a receiver may ask for
 * @param farewell what is under way at the end gets this long
 */
record Patience(Duration window, Backoff backoff, int attempts, Duration longest, Duration farewell) {
    /** Six attempts in about a minute and a half; 5 s is what the threads of a process get to end. */
    static final Patience USUAL = new Patience(
            Duration.ofSeconds(5),
            Backoff.exponential(Duration.ofSeconds(2)).max(Duration.ofMinutes(1)),
            6,
            Duration.ofMinutes(10),
            Duration.ofSeconds(5));
}
