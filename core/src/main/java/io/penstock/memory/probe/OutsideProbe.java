package io.penstock.memory.probe;

/** The memory of somebody else. */
final class OutsideProbe implements Probe {
    private final Outside outside;

    OutsideProbe(Outside outside) {
        this.outside = outside;
    }

    @Override
    public String name() {
        return outside.name();
    }

    @Override
    public Column[] columns() {
        return new Column[] {Column.OUTSIDE_USED, Column.OUTSIDE_MAX};
    }

    @Override
    public void read(long[] row) {
        long used = outside.used().getAsLong();
        long max = outside.max().getAsLong();
        row[Column.OUTSIDE_USED.index()] = used < 0 ? Column.UNKNOWN : used;
        row[Column.OUTSIDE_MAX.index()] = max <= 0 ? Column.UNKNOWN : max;
    }
}
