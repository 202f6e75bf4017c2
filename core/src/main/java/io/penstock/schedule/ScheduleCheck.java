package io.penstock.schedule;

/**
 * What {@link Schedules#fsck} found, and mended if it was asked to.
 *
 * @param looked schedules looked at
 * @param dropped index entries and states without a definition
 * @param restored schedules that had lost their state, their name or their next run
 */
public record ScheduleCheck(long looked, long dropped, long restored) {
    /** Returns how much was wrong. */
    public long faults() {
        return dropped + restored;
    }
}
