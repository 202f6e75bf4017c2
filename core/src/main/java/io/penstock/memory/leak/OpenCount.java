package io.penstock.memory.leak;

/**
 * How many of one kind of thing are open.
 *
 * @param kind such as {@code lease} or {@code job mail.send}
 * @param opened how many were opened so far
 * @param closed how many were closed so far
 * @param lostHandles sampled handles that were collected without having been closed; each stands for 128
 * @param growing whether the number of open ones rises beyond chance and has at least doubled
 */
public record OpenCount(String kind, long opened, long closed, long lostHandles, boolean growing) {
    /** Returns how many are open; the two counts are read one after the other, so it may be off by those in between. */
    public long open() {
        return Math.max(0, opened - closed);
    }
}
