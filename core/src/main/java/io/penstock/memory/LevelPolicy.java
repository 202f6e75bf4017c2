package io.penstock.memory;

import java.time.Duration;

/**
 * Turns pressure into a level that does not flutter: up after two readings, at once when it is an emergency; down when
 * the pressure was five points below the line for a minute, to the worst that this minute held.
 *
 * <p>Threads: its monitor locks.
 */
final class LevelPolicy {
    /** 5 points: a collection more or less moves the live set by less. */
    static final double HYSTERESIS = 0.05;

    static final long CALM_NANOS = Duration.ofSeconds(60).toNanos();

    private static final MemoryLevel[] LEVELS = MemoryLevel.values();

    private MemoryConfig config;
    private MemoryLevel level = MemoryLevel.NORMAL;
    private MemoryLevel before = MemoryLevel.NORMAL; // what the last reading alone would have been
    private boolean calm;
    private long calmSinceNanos;
    private double worstWhileCalm;

    LevelPolicy(MemoryConfig config) {
        this.config = config;
    }

    void configure(MemoryConfig changed) {
        config = changed;
    }

    void reset() {
        level = MemoryLevel.NORMAL;
        before = MemoryLevel.NORMAL;
        calm = false;
    }

    MemoryLevel level() {
        return level;
    }

    /** Tells whether one more reading like the last would raise the level. */
    boolean wantsConfirmation() {
        return before.compareTo(level) > 0;
    }

    MemoryLevel read(double pressure, long nowNanos) {
        MemoryLevel alone = reached(pressure, 0);
        MemoryLevel both = alone.compareTo(before) < 0 ? alone : before;
        before = alone;
        if (alone == MemoryLevel.EMERGENCY) {
            rise(alone);
        } else if (both.compareTo(level) > 0) {
            rise(both);
        } else {
            sink(pressure, nowNanos);
        }
        return level;
    }

    private void rise(MemoryLevel to) {
        level = to;
        calm = false;
    }

    private void sink(double pressure, long nowNanos) {
        if (level == MemoryLevel.NORMAL || pressure >= config.line(level) - HYSTERESIS) {
            calm = false;
            return;
        }
        if (!calm) {
            calm = true;
            calmSinceNanos = nowNanos;
            worstWhileCalm = pressure;
        }
        worstWhileCalm = Math.max(worstWhileCalm, pressure);
        if (nowNanos - calmSinceNanos >= CALM_NANOS) {
            level = reached(worstWhileCalm, HYSTERESIS);
            calm = false;
        }
    }

    /** @param slack how far below its line a level still holds */
    private MemoryLevel reached(double pressure, double slack) {
        for (int i = LEVELS.length - 1; i > 0; i--) {
            if (pressure >= config.line(LEVELS[i]) - slack) {
                return LEVELS[i];
            }
        }
        return MemoryLevel.NORMAL;
    }
}
