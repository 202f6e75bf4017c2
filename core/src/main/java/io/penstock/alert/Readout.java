package io.penstock.alert;

import io.penstock.series.Readings;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** What rules are about: what is measured, and whether this process reaches Redis. */
final class Readout {
    /** 1 = the connection of this process is down, 0 = it is up. Read here, because an outage is when nobody else can. */
    static final String REDIS_DOWN = "redis.down";

    private final Readings readings;
    private final BooleanSupplier connected;

    Readout(Readings readings, BooleanSupplier connected) {
        this.readings = readings;
        this.connected = connected;
    }

    double latest(String metric) {
        if (metric.equals(REDIS_DOWN)) {
            return connected.getAsBoolean() ? 0 : 1;
        }
        double value = readings.latest(metric);
        return Double.isFinite(value) ? value : Double.NaN;
    }

    Set<String> metrics() {
        return readings.metrics();
    }

    /** Tells whether this process measures anything of the whole Redis, so that it can speak for all. */
    boolean measuresShared() {
        return metrics().stream().anyMatch(AlertRule::shared);
    }
}
