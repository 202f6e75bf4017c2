package io.penstock.memory.trend;

import io.penstock.memory.gc.GcEvent;
import io.penstock.runtime.Clock;
import java.time.Duration;

/**
 * Follows the floors of the live set and tells whether they rise for good.
 *
 * <p>It keeps them at eight resolutions, each four times coarser than the last: the last 64 floors as they are, and the
 * lowest of every 4, 16, 64 ... before. So a leak that fills the heap in a minute and one that takes a week are both
 * seen as a line over 8 to 64 points, whatever the collector's pace.
 *
 * <p>A window counts as growth if all of this holds: the floors rise beyond chance (z above 3, the slope's whole interval
 * above 0); they rise by at least {@link #LEAST_RISE_SHARE} of the heap; both halves of the window share in it, which a
 * step, a burst or a filling cache does not do; they end above the range in which they were before, which a wave does
 * not do a second time; and they rise by more than the load does, which the first morning of a daily wave does not do.
 *
 * <p>Threads: safe. Time: below 1 us for a collection, up to 0.3 ms for one that ends a floor that may be growth. Nothing
 * is allocated by it. Bound: 36 KB. Limit: with a collector whose beans never tell of old objects (G1 that only runs
 * young collections without falls) there are no floors and it says so: {@link MemoryTrend#valleys} stays low.
 */
public final class FloorTrend {
    /** A line through fewer points means nothing. */
    public static final int LEAST_POINTS = 8;

    /** Of the maximum. A cache that fills to a quarter of the heap looks straight until it has taken this much. */
    static final double LEAST_RISE_SHARE = 0.11;

    /** How far above the earlier range growth must end, of the maximum. */
    static final double LEAST_EXCESS_SHARE = 0.03;

    static final double LEAST_Z = 3;

    /** What each half of the window must have of the whole line's slope. */
    static final double LEAST_FIRST_HALF = 0.4;

    static final double LEAST_SECOND_HALF = 0.85;

    /** What of its growth the live set may owe to load that grew as much, with some allowance for what comes later. */
    static final double LOAD_ALLOWANCE = 1.2;

    /** About where {@link #LEAST_SECOND_HALF} of the whole slope lies, in shares of the first half's. */
    static final double SATURATING_SHARE = 0.75;

    static final int CONFIRMATIONS = 3;

    /** Four times four ... : at 20 floors a second the coarsest one spans 14 hours, at one in 10 minutes years. */
    private static final int TIERS = 8;

    /** In production: what rises for less is a process that starts, or work that has just come in. */
    public static final Duration LEAST_WINDOW = Duration.ofMinutes(10);

    private static final int[] WINDOWS = {8, 16, 32, 64};

    /** A century: more is never. */
    private static final double MOST_SECONDS = 3.2e9;

    private static final long DAY_SECONDS = Duration.ofDays(1).toSeconds();

    private final Clock clock;
    private final long maxBytes;
    private final double line;
    private final double leastSeconds;
    private final ValleyFinder valleys;
    private final FloorTier[] tiers = new FloorTier[TIERS];
    private final int[][] hits = new int[TIERS][WINDOWS.length];
    private final boolean[][] wholeDay = new boolean[TIERS][WINDOWS.length];
    private final FloorWindow window = new FloorWindow();

    private long lastAfter = GcEvent.UNKNOWN;
    private double allocated;
    private double allocatedAtFloor;
    private long lastFloorNanos;
    private boolean anyFloor;

    /**
     * @param maxBytes the most the heap can hold
     * @param line the share of it at which the time to full ends, such as 0.75
     * @param leastWindow growth over less than this is none, such as {@link #LEAST_WINDOW}
     */
    public FloorTrend(Clock clock, long maxBytes, double line, Duration leastWindow) {
        if (maxBytes <= 0 || !(line > 0 && line <= 1)) {
            throw new IllegalArgumentException("trend of the live set: maxBytes=" + maxBytes + " line=" + line
                    + " must be above 0, and the line at most 1; nothing was started; pass what the heap can hold");
        }
        this.clock = clock;
        this.maxBytes = maxBytes;
        this.line = line;
        leastSeconds = leastWindow.toNanos() / 1e9;
        valleys = new ValleyFinder(maxBytes);
        for (int tier = 0; tier < TIERS; tier++) {
            tiers[tier] = new FloorTier();
        }
    }

    /** Hears of a collection, in the order in which they ended. */
    public synchronized void onCollection(GcEvent event) {
        if (!event.measured()) {
            return;
        }
        if (lastAfter != GcEvent.UNKNOWN && event.usedBeforeBytes() != GcEvent.UNKNOWN) {
            allocated += Math.max(0, event.usedBeforeBytes() - lastAfter); // below 0 if two collectors overlap
        }
        lastAfter = event.usedAfterBytes();
        if (valleys.add(clock.nanos(), event.usedAfterBytes(), event.wholeHeap())) {
            addFloor(valleys.floorNanos(), valleys.floor());
        }
    }

    private void addFloor(long nanos, long floor) {
        double seconds = Math.max(1e-3, (nanos - lastFloorNanos) / 1e9);
        double load = anyFloor ? (allocated - allocatedAtFloor) / seconds : 0;
        lastFloorNanos = nanos;
        allocatedAtFloor = allocated;
        anyFloor = true;
        long atNanos = nanos;
        long low = floor;
        for (int tier = 0; tier < TIERS; tier++) {
            boolean full = tiers[tier].add(atNanos, low, load);
            judge(tier);
            if (!full) {
                return;
            }
            atNanos = tiers[tier].lowestNanos();
            low = tiers[tier].lowest();
            load = tiers[tier].meanLoad();
        }
    }

    private void judge(int tier) {
        for (int w = 0; w < WINDOWS.length && WINDOWS[w] <= tiers[tier].size(); w++) {
            window.fill(tiers[tier], WINDOWS[w]);
            boolean hit = window.range() >= LEAST_RISE_SHARE * maxBytes && window.span() >= leastSeconds && grows(tier);
            hits[tier][w] = hit ? Math.min(CONFIRMATIONS, hits[tier][w] + 1) : 0;
            wholeDay[tier][w] = window.span() >= DAY_SECONDS;
        }
    }

    private boolean grows(int tier) {
        window.fit();
        if (window.lower() <= 0
                || window.rise() < LEAST_RISE_SHARE * maxBytes
                || window.firstHalf() < LEAST_FIRST_HALF * window.slope()
                || window.secondHalf() < LEAST_SECOND_HALF * window.slope()
                || window.z() <= LEAST_Z) {
            return false;
        }
        double start = Math.max(1, window.startFloor());
        if (window.rise() / start <= LOAD_ALLOWANCE * (window.loadFactor() - 1)) {
            return false;
        }
        double least = window.endFloor() - LEAST_EXCESS_SHARE * maxBytes;
        for (int coarser = tier; coarser < TIERS; coarser++) {
            if (window.earlierHigh(tiers[coarser]) > least) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether any window grows; cheaper than {@link #trend}. */
    synchronized boolean growing() {
        for (int[] tier : hits) {
            for (int confirmed : tier) {
                if (confirmed == CONFIRMATIONS) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns what the floors say now: of the window that grows, or else of the latest that has a sure trend. */
    public synchronized MemoryTrend trend() {
        boolean lasting = false;
        int growingTier = -1;
        int growingPoints = 0;
        for (int tier = 0; tier < TIERS; tier++) {
            for (int w = 0; w < WINDOWS.length; w++) {
                if (hits[tier][w] == CONFIRMATIONS) {
                    lasting |= wholeDay[tier][w];
                    growingTier = tier;
                    growingPoints = WINDOWS[w];
                }
            }
        }
        if (growingTier >= 0) {
            return tell(growingTier, growingPoints, true, lasting);
        }
        for (int tier = 0; tier < TIERS; tier++) {
            for (int w = 1; w < WINDOWS.length && WINDOWS[w] <= tiers[tier].size(); w++) {
                window.fill(tiers[tier], WINDOWS[w]);
                if (window.span() >= leastSeconds && Math.abs(window.z()) > LEAST_Z) {
                    return tell(tier, WINDOWS[w], false, false);
                }
            }
        }
        int all = tiers[0].size();
        return all < LEAST_POINTS ? unknown() : tell(0, all, false, false);
    }

    private MemoryTrend unknown() {
        long floor = anyFloor ? valleys.floor() : GcEvent.UNKNOWN;
        return new MemoryTrend(0, 0, 0, 0, Duration.ZERO, tiers[0].size(), floor, null, null, false, false, false);
    }

    private MemoryTrend tell(int tier, int points, boolean growing, boolean lasting) {
        window.fill(tiers[tier], points);
        window.fit();
        double room = Math.max(0, line * maxBytes - valleys.floor());
        boolean sure = window.lower() > 0;
        return new MemoryTrend(
                window.slope(),
                window.lower(),
                window.upper(),
                window.z(),
                Duration.ofMillis((long) (window.span() * 1_000)),
                points,
                valleys.floor(),
                sure ? seconds(room / window.upper()) : null,
                sure ? seconds(room / window.lower()) : null,
                window.firstHalf() > 0 && window.secondHalf() < SATURATING_SHARE * window.firstHalf(),
                growing,
                lasting);
    }

    private static Duration seconds(double seconds) {
        return Duration.ofSeconds((long) Math.min(seconds, MOST_SECONDS));
    }
}
