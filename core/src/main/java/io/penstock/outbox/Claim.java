package io.penstock.outbox;

import io.penstock.job.JobSpec;
import java.util.List;

/**
 * Rows of one queue that one relay has taken on itself, with the ticket under which it adds them.
 *
 * @param rows ids, as they are written in SQL: numbers with commas between them
 * @param specs what the rows say; empty when a claim of somebody else was read
 */
record Claim(String queue, String ticket, long untilMillis, String rows, List<JobSpec> specs) {
    /** 500 ids of 19 digits, with commas. */
    static final int MOST_IDS_CHARS = 10_000;

    /** Begins the ticket of a job that is enqueued by itself: it needs none to be safe. */
    static final String ALONE = "-";

    boolean alone() {
        return ticket.startsWith(ALONE);
    }
}
