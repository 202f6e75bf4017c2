package io.penstock.bench;

/** The lines of the table, in its order, each with the target it has to reach. */
enum Line {
    FLOOR_PRODUCER(Group.FLOOR, "floor: producer", Unit.RATE),
    FLOOR_WORKER(Group.FLOOR, "floor: worker", Unit.RATE),
    FLOOR_CYCLE(Group.FLOOR, "floor: end to end", Unit.RATE),
    FLOOR_REDIS(Group.FLOOR, "  Redis us/job", Unit.MICROS),
    FLOOR_CLIENT(Group.FLOOR, "  client us/job", Unit.MICROS),

    PRODUCER(Group.THROUGHPUT, "producer alone, bulk", Unit.RATE, 800_000),
    PRODUCER_REDIS(Group.THROUGHPUT, "  Redis us/job", Unit.MICROS),
    PRODUCER_CLIENT(Group.THROUGHPUT, "  client us/job", Unit.MICROS),
    WORKER(Group.THROUGHPUT, "worker alone", Unit.RATE),
    WORKER_REDIS(Group.THROUGHPUT, "  Redis us/job", Unit.MICROS),
    WORKER_CLIENT(Group.THROUGHPUT, "  client us/job", Unit.MICROS),
    CYCLE(Group.THROUGHPUT, "end to end, no-op", Unit.RATE, 150_000, 100_000),
    CYCLE_REDIS(Group.THROUGHPUT, "  Redis us/job", Unit.MICROS, 4.5),
    CYCLE_CLIENT(Group.THROUGHPUT, "  client us/job", Unit.MICROS),

    SINGLE_1(Group.SINGLE, "enqueue, 1 caller", Unit.RATE),
    SINGLE_1_REDIS(Group.SINGLE, "  Redis us/job", Unit.MICROS),
    SINGLE_1_CLIENT(Group.SINGLE, "  client us/job", Unit.MICROS),
    SINGLE_16(Group.SINGLE, "enqueue, 16 callers", Unit.RATE),
    SINGLE_16_REDIS(Group.SINGLE, "  Redis us/job", Unit.MICROS),
    SINGLE_16_CLIENT(Group.SINGLE, "  client us/job", Unit.MICROS),
    SINGLE_200(Group.SINGLE, "enqueue, 200 callers", Unit.RATE, Facts.virtualThreads() ? 300_000 : 80_000),
    SINGLE_200_REDIS(Group.SINGLE, "  Redis us/job", Unit.MICROS),
    SINGLE_200_CLIENT(Group.SINGLE, "  client us/job", Unit.MICROS),

    IDLE_P50(Group.IDLE, "idle to start, p50 ms", Unit.MILLIS, 0.3),
    IDLE_P99(Group.IDLE, "idle to start, p99 ms", Unit.MILLIS, 2),
    IDLE_MAX(Group.IDLE, "idle to start, max ms", Unit.MILLIS),

    BYTES_WAITING(Group.BYTES, "bytes over body, waiting", Unit.BYTES, 80),
    BYTES_ACTIVE(Group.BYTES, "  active", Unit.BYTES, 110),
    BYTES_DELAYED(Group.BYTES, "  delayed", Unit.BYTES, 130),
    BYTES_KEPT(Group.BYTES, "  completed and kept", Unit.BYTES),
    BYTES_WAITING_20(Group.BYTES, "  body 20: waiting", Unit.BYTES),
    BYTES_ACTIVE_20(Group.BYTES, "  body 20: active", Unit.BYTES),
    BYTES_DELAYED_20(Group.BYTES, "  body 20: delayed", Unit.BYTES),
    BYTES_KEPT_20(Group.BYTES, "  body 20: kept", Unit.BYTES),
    BYTES_WAITING_2000(Group.BYTES, "  body 2,000: waiting", Unit.BYTES),
    BYTES_ACTIVE_2000(Group.BYTES, "  body 2,000: active", Unit.BYTES),
    BYTES_DELAYED_2000(Group.BYTES, "  body 2,000: delayed", Unit.BYTES),
    BYTES_KEPT_2000(Group.BYTES, "  body 2,000: kept", Unit.BYTES),

    GROWTH_NEAR(Group.GROWTH, "Redis us/job, 10k waits", Unit.MICROS),
    GROWTH_FAR(Group.GROWTH, "Redis us/job, many wait", Unit.MICROS),
    GROWTH(Group.GROWTH, "  many : 10k", Unit.RATIO, 1.3),

    CONNECTIONS_3X5(Group.CONNECTIONS, "connections, 3 x 5", Unit.COUNT, 3),
    CONNECTIONS_200(Group.CONNECTIONS, "connections, 200 workers", Unit.COUNT, 3),

    RSS_IDLE(Group.RSS, "RSS MB, bare JVM, idle", Unit.MEGABYTES, 110),
    RSS_LOADED(Group.RSS, "RSS MB, after load", Unit.MEGABYTES),
    IO_IN_FLIGHT(Group.IO, "I/O-bound jobs in flight", Unit.COUNT),
    IO_RSS(Group.IO, "  RSS MB with them", Unit.MEGABYTES, 256),

    RATIO_PRODUCER(Group.FLOOR, "producer : floor", Unit.RATIO),
    RATIO_WORKER(Group.FLOOR, "worker : floor", Unit.RATIO),
    RATIO_CYCLE(Group.FLOOR, "end to end : floor", Unit.RATIO),
    RATIO_REDIS(Group.FLOOR, "Redis CPU : floor", Unit.RATIO);

    /** What is measured together, and what {@code --only} names. */
    enum Group {
        FLOOR,
        THROUGHPUT,
        SINGLE,
        IDLE,
        BYTES,
        GROWTH,
        CONNECTIONS,
        RSS,
        IO
    }

    /** How a number is written, and which way is better. */
    enum Unit {
        RATE("jobs/s"),
        MICROS("us"),
        MILLIS("ms"),
        BYTES("bytes"),
        MEGABYTES("MB"),
        COUNT(""),
        RATIO("x");

        final String text;

        Unit(String text) {
            this.text = text;
        }
    }

    final Group group;
    final String label;
    final Unit unit;
    private final double target;
    private final double durableTarget;

    Line(Group group, String label, Unit unit) {
        this(group, label, unit, Double.NaN);
    }

    Line(Group group, String label, Unit unit, double target) {
        this(group, label, unit, target, Double.NaN);
    }

    Line(Group group, String label, Unit unit, double target, double durableTarget) {
        this.group = group;
        this.label = label;
        this.unit = unit;
        this.target = target;
        this.durableTarget = durableTarget;
    }

    /** The target, NaN where there is none; design of record, section 7. */
    double target(Column column) {
        return column == Column.OFF ? target : durableTarget;
    }

    boolean reaches(double value, Column column) {
        double wanted = target(column);
        return Double.isNaN(wanted) || (unit == Unit.RATE ? value >= wanted : value <= wanted);
    }

    /** The persistence of the Redis that a number was measured with. */
    enum Column {
        OFF,
        EVERYSEC
    }
}
