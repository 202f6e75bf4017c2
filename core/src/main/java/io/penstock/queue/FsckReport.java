package io.penstock.queue;

import java.util.List;

/**
 * What one call of {@link Queue#fsck} found, and mended if it was asked to.
 *
 * @param looked jobs looked at
 * @param dropped index entries and finish records whose job is gone
 * @param restored jobs that were in no index and wait again, in their line or until they are due
 * @param indexed ended jobs that had lost their index entry or their finish record
 * @param orphaned incarnations that held jobs but no lease; the reclaimer hands their jobs on
 * @param keys unique keys that were freed or given back to their job
 * @param stale places, marks, counts of crashes, cancel requests and the like that stood for nothing
 * @param quarantined jobs whose record cannot be read, now dead letters of type {@code unreadable-record}
 * @param corrected counters that were wrong
 * @param flows sums, ends and work of flows and batches that were lost, for which they would have waited for ever
 * @param unchecked what was not looked at, and why; empty if the whole queue was
 */
public record FsckReport(
        long looked,
        long dropped,
        long restored,
        long indexed,
        long orphaned,
        long keys,
        long stale,
        long quarantined,
        long corrected,
        long flows,
        List<String> unchecked) {
    /** Tells whether the whole queue was looked at and nothing was wrong. */
    public boolean clean() {
        return mended() == 0 && unchecked.isEmpty();
    }

    /** Returns how many things were mended, or would have been. */
    public long mended() {
        return dropped + restored + indexed + orphaned + keys + stale + quarantined + corrected + flows;
    }
}
