package io.penstock.planted.worker;

import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.function.LongSupplier;

final class PlantedTime {
    static long nanos() {
        return System.nanoTime();
    }

    static Instant instant() {
        return Instant.now();
    }

    static LongSupplier reference() {
        return System::currentTimeMillis;
    }

    @SuppressWarnings("JavaUtilDate")
    static Date date() {
        return new Date();
    }

    /** Allowed: the caller says which clock. */
    static Instant given(Clock clock) {
        return Instant.now(clock);
    }
}
