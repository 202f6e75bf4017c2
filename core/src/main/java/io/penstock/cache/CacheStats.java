package io.penstock.cache;

/**
 * What one cache has done in this process since it was opened, and what it holds here now.
 *
 * @param farMisses of those that the near tier did not have: Redis had none either, or an outdated one
 * @param farFailures times that Redis could not be asked or told; the near tier and the loaders went on without it
 * @param loads calls of loaders, in the background too; {@code loadFailures} of them threw
 * @param loadMillis time that all of them took together
 * @param staleServed answers that were older than they should be, and renewed afterwards
 * @param notKept loaded values that were too large to keep, or outdated before they were loaded
 * @param evictions values that left the near tier for want of room or because their time was over
 * @param entries now in the near tier; {@code bytes} is what they weigh with everything around them
 * @param waiting callers that wait for somebody else's load right now
 */
public record CacheStats(
        String name,
        long nearHits,
        long nearMisses,
        long farHits,
        long farMisses,
        long farFailures,
        long loads,
        long loadFailures,
        long loadMillis,
        long staleServed,
        long notKept,
        long evictions,
        long entries,
        long bytes,
        long waiting) {
    /** Returns the share of all questions that needed no load, 0 to 1; 0 before the first. */
    public double hitShare() {
        long all = nearHits + nearMisses;
        return all == 0 ? 0 : (double) (nearHits + farHits) / all;
    }

    /** Returns what this and another process of the same cache have done and hold together. */
    public CacheStats plus(CacheStats other) {
        return new CacheStats(
                name,
                nearHits + other.nearHits,
                nearMisses + other.nearMisses,
                farHits + other.farHits,
                farMisses + other.farMisses,
                farFailures + other.farFailures,
                loads + other.loads,
                loadFailures + other.loadFailures,
                loadMillis + other.loadMillis,
                staleServed + other.staleServed,
                notKept + other.notKept,
                evictions + other.evictions,
                entries + other.entries,
                bytes + other.bytes,
                waiting + other.waiting);
    }
}
