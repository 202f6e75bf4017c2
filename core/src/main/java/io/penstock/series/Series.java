package io.penstock.series;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Named numbers over time in a number of bytes that is fixed when it is made.
 *
 * <p>The last readings are kept as they came, older ones in {@link Tier}s that fold all readings of a step into
 * minimum, mean and maximum: a peak of one second is still seen a week later. Every tier is fed by every reading
 * itself, never by a finer tier, so a tier may be long after the finer one has forgotten.
 *
 * <p>Bound: {@link #retainedBytes}, reached when it is made and never left: 4 bytes a number. Precision: 7 decimal
 * digits; half the bytes and 0.05 % where it is {@link #compact}. Cost: appending allocates nothing; asking costs one look at each stored entry of one tier, at most.
 *
 * <p>Threads: safe, one lock, held for microseconds.
 */
public final class Series {
    /** Stands for a number that is not known. */
    public static final double UNKNOWN = Double.NaN;

    /** A clock that is set back by less is taken for a correction: readings in between get the time of the last. */
    private static final long CORRECTION_MILLIS = 10_000;

    private final List<String> columns;
    private final Ring[] rings; // finest first
    private final long retainedBytes;
    private long newestMillis = Long.MIN_VALUE; // guarded by this

    /**
     * Makes an empty one.
     *
     * @param columns a name for each number of a reading, best with its unit
     * @param rawPoints how many readings are kept as they came, 1 or more
     * @param tiers finest first
     */
    public Series(List<String> columns, int rawPoints, List<Tier> tiers) {
        this(columns, rawPoints, tiers, false);
    }

    private Series(List<String> columns, int rawPoints, List<Tier> tiers, boolean compact) {
        if (columns.isEmpty() || rawPoints < 1 || rawPoints > Tier.MOST_POINTS) {
            throw new IllegalArgumentException("series of " + columns.size() + " columns and " + rawPoints
                    + " readings was not made: it needs 1 column or more and 1 to " + Tier.MOST_POINTS
                    + " readings; give it both");
        }
        this.columns = List.copyOf(columns);
        rings = new Ring[1 + tiers.size()];
        rings[0] = new Ring(columns.size(), rawPoints, 0, compact);
        long bytes = 80 + rings[0].retainedBytes();
        for (int i = 0; i < tiers.size(); i++) {
            Tier tier = tiers.get(i);
            rings[i + 1] = new Ring(columns.size(), tier.points(), tier.step().toMillis(), compact);
            bytes += rings[i + 1].retainedBytes();
        }
        retainedBytes = bytes;
    }

    /**
     * Makes one that keeps tiers only, in 2 bytes a number: from 0 (negative ones become 0) to 281 TB, with an error of
     * 0.05 % at most, whole numbers up to 2,048 exact.
     */
    public static Series compact(List<String> columns, List<Tier> tiers) {
        return new Series(columns, 1, tiers, true);
    }

    /** Returns the names of the numbers, in the order of a row. */
    public List<String> columns() {
        return columns;
    }

    /**
     * Adds a reading; allocates nothing. After the clock was set back by more than 10 s, what is stamped later than
     * this reading is forgotten, because it carries a wrong time.
     *
     * @param millis wall clock
     * @param row one number a column, {@link #UNKNOWN} where there is none; copied
     */
    public synchronized void append(long millis, double[] row) {
        if (row.length != columns.size()) {
            throw new IllegalArgumentException("reading was not added: it has " + row.length
                    + " numbers and the series " + columns.size() + " columns; give one for each of " + columns);
        }
        if (newestMillis != Long.MIN_VALUE && millis < newestMillis - CORRECTION_MILLIS) {
            for (Ring ring : rings) {
                ring.forgetAfter(millis);
            }
            newestMillis = millis;
        }
        newestMillis = Math.max(newestMillis, millis);
        for (Ring ring : rings) {
            ring.append(newestMillis, row);
        }
    }

    /**
     * Returns what is known of a span, from the finest tier that reaches back to its begin.
     *
     * @param fromMillis wall clock, included
     * @param toMillis wall clock, included
     * @param points the most points of the answer; where more entries are stored, neighbours are folded
     */
    public synchronized Window query(long fromMillis, long toMillis, int points) {
        check(fromMillis, toMillis, points);
        return fold(reaching(fromMillis), new Span(fromMillis, toMillis, points), 0, columns);
    }

    /**
     * Returns the same of one column.
     *
     * @param column its place, from 0
     * @param least stored entries that a point of the answer stands for at least, 1 or more
     */
    public synchronized Window query(int column, long fromMillis, long toMillis, int points, int least) {
        check(fromMillis, toMillis, points);
        Ring ring = reaching(fromMillis);
        Span all = new Span(fromMillis, toMillis, points);
        int entries = 0;
        for (int age = 0; age < ring.size(); age++) {
            entries += all.holds(ring, age) ? 1 : 0;
        }
        int fewer = Math.max(1, Math.min(points, entries / Math.max(1, least)));
        return fold(ring, new Span(fromMillis, toMillis, fewer), column, columns.subList(column, column + 1));
    }

    private static void check(long fromMillis, long toMillis, int points) {
        if (points < 1 || toMillis < fromMillis) {
            throw new IllegalArgumentException("span from " + fromMillis + " to " + toMillis + " in " + points
                    + " points was not read: it needs 1 point or more and an end that is not before its begin");
        }
    }

    /** What was asked for. */
    private record Span(long fromMillis, long toMillis, int points) {
        boolean holds(Ring ring, int age) {
            long begin = ring.begin(age);
            return begin + Math.max(0, ring.stepMillis() - 1) >= fromMillis && begin <= toMillis;
        }
    }

    private Window fold(Ring ring, Span span, int column, List<String> names) {
        long first = Math.max(span.fromMillis, ring.size() == 0 ? span.fromMillis : ring.begin(0));
        long last = Math.max(first, Math.min(span.toMillis, newestMillis));
        double width = (last - first + 1.0) / span.points;
        List<Window.Point> found = new ArrayList<>();
        Merge merge = new Merge(names.size());
        long bucket = -1;
        for (int age = 0; age < ring.size(); age++) {
            if (!span.holds(ring, age)) {
                continue;
            }
            long place = (long) (Math.max(0, ring.begin(age) - first) / width);
            if (place != bucket && !merge.empty()) {
                found.add(merge.take());
            }
            bucket = place;
            ring.mergeInto(merge, age, column);
        }
        if (!merge.empty()) {
            found.add(merge.take());
        }
        return new Window(names, Duration.ofMillis(ring.stepMillis()), List.copyOf(found));
    }

    private Ring reaching(long fromMillis) {
        Ring best = rings[0];
        for (Ring ring : rings) {
            if (ring.size() == 0 || ring.begin(0) <= fromMillis || !ring.full()) {
                return ring; // one that is not full has forgotten nothing
            }
            if (ring.begin(0) < best.begin(0)) {
                best = ring;
            }
        }
        return best;
    }

    /** Returns the readings as they came, the newest of them last. */
    public synchronized Window latest(int most) {
        Ring ring = rings[0];
        List<Window.Point> found = new ArrayList<>();
        Merge merge = new Merge(columns.size());
        for (int age = Math.max(0, ring.size() - most); age < ring.size(); age++) {
            ring.mergeInto(merge, age, 0);
            found.add(merge.take());
        }
        return new Window(columns, Duration.ZERO, List.copyOf(found));
    }

    /** Returns the bytes it holds, by the size of its arrays. */
    public long retainedBytes() {
        return retainedBytes;
    }
}
