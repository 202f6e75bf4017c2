package io.penstock.series;

import java.util.Arrays;

/**
 * The entries of one tier, in arrays that are made once and overwritten from the oldest on.
 *
 * <p>The mean of the open entry is kept in doubles, so the errors of {@link Cells} do not add up.
 *
 * <p>Threads: its series locks.
 */
final class Ring {
    private final int columns;
    private final int points;
    private final long stepMillis; // 0 = every reading is an entry
    private final long[] begins;
    private final int[] samples;
    private final Cells min;
    private final Cells avg;
    private final Cells max; // the three are one where nothing is folded

    private final double[] sums;
    private final int[] known;
    private int head = -1; // the newest entry
    private int size;

    Ring(int columns, int points, long stepMillis, boolean compact) {
        this.columns = columns;
        this.points = points;
        this.stepMillis = stepMillis;
        begins = new long[points];
        samples = new int[points];
        avg = Cells.of(points * columns, compact);
        min = stepMillis == 0 ? avg : Cells.of(points * columns, compact);
        max = stepMillis == 0 ? avg : Cells.of(points * columns, compact);
        sums = new double[columns];
        known = new int[columns];
    }

    void append(long millis, double[] row) {
        long begin = stepMillis == 0 ? millis : Math.floorDiv(millis, stepMillis) * stepMillis;
        if (size == 0 || stepMillis == 0 || begin > begins[head]) {
            open(begin);
        }
        samples[head]++;
        for (int column = 0, at = head * columns; column < columns; column++, at++) {
            double value = row[column];
            if (!Double.isNaN(value)) {
                fold(column, at, value);
            }
        }
    }

    private void open(long begin) {
        head = head + 1 == points ? 0 : head + 1;
        size = Math.min(size + 1, points);
        begins[head] = begin;
        samples[head] = 0;
        int from = head * columns;
        avg.forget(from, from + columns);
        min.forget(from, from + columns);
        max.forget(from, from + columns);
        Arrays.fill(sums, 0);
        Arrays.fill(known, 0);
    }

    private void fold(int column, int at, double value) {
        sums[column] += value;
        known[column]++;
        float shortened = (float) value;
        avg.set(at, (float) (sums[column] / known[column]));
        if (known[column] == 1) {
            min.set(at, shortened);
            max.set(at, shortened);
        } else {
            min.set(at, Math.min(min.get(at), shortened));
            max.set(at, Math.max(max.get(at), shortened));
        }
    }

    /** Forgets what is stamped later than this; the next reading opens an entry of its own. */
    void forgetAfter(long millis) {
        while (size > 0 && begins[head] > millis) {
            head = head == 0 ? points - 1 : head - 1;
            size--;
        }
        if (size > 0) {
            resume();
        }
    }

    /** Takes up the entry that was closed before: its mean weighs as much as its readings. */
    private void resume() {
        for (int column = 0, at = head * columns; column < columns; column++, at++) {
            known[column] = Float.isNaN(avg.get(at)) ? 0 : samples[head];
            sums[column] = known[column] == 0 ? 0 : (double) avg.get(at) * known[column];
        }
    }

    long stepMillis() {
        return stepMillis;
    }

    int size() {
        return size;
    }

    boolean full() {
        return size == points;
    }

    /** @param age 0 = the oldest */
    private int slot(int age) {
        int slot = head - size + 1 + age;
        return slot < 0 ? slot + points : slot;
    }

    long begin(int age) {
        return begins[slot(age)];
    }

    /** @param column the first of those that are merged */
    void mergeInto(Merge merge, int age, int column) {
        int slot = slot(age);
        merge.begin(begins[slot], samples[slot]);
        int from = slot * columns + column;
        for (int i = 0; i < merge.columns(); i++) {
            merge.add(i, samples[slot], min.get(from + i), avg.get(from + i), max.get(from + i));
        }
    }

    /** Bytes of its arrays: 16 of each header and what is in them. */
    long retainedBytes() {
        return (stepMillis == 0 ? 1 : 3) * avg.bytes()
                + (16L + (long) points * Long.BYTES)
                + (16L + (long) points * Integer.BYTES)
                + (16L + (long) columns * Double.BYTES)
                + (16L + (long) columns * Integer.BYTES)
                + 80; // the object itself
    }
}
