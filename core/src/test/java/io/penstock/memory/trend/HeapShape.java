package io.penstock.memory.trend;

import io.penstock.memory.gc.GcEvent;
import io.penstock.runtime.Clock;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A heap that lives through days in milliseconds: a live set of a given shape below G1's saw-tooth of old garbage.
 * The heap has 100,000 units; hours are virtual and every figure of a run follows from its seed.
 */
final class HeapShape {
    static final long MAX = 100_000;

    /** Everything that live sets of healthy processes were seen to do; the rule was chosen with all of them in sight. */
    enum Kind {
        FLAT,
        NOISY,
        BURSTS,
        STEP,
        CACHE_FILL,
        WAVE,
        WAVE_BURSTS,
        // held out when the weights of the forecast were chosen
        LAGGING_WAVE,
        OFFICE_HOURS,
        SLOW_NOISE,
        STAIRS
    }

    private final Random random;
    private final Kind kind;
    private final double leakPerHour;
    private final double leakFromHour;

    private double hour;
    private double noise;
    private double slowNoise;
    private double burst;
    private double burstEnd;
    private final double phase;
    private final double event;
    private final double tau;
    private double lagged = Double.NaN;
    private double old;
    private double trigger;
    private int mixed;
    private long number;
    private double trueLive;

    /** @param leakPerHour in shares of the heap, such as 0.02 */
    HeapShape(Kind kind, long seed, double leakPerHour, double leakFromHour) {
        this.random = new Random(seed);
        this.kind = kind;
        this.leakPerHour = leakPerHour;
        this.leakFromHour = leakFromHour;
        phase = random.nextDouble() * 24;
        event = 1 + random.nextDouble() * 20;
        tau = 1 + random.nextDouble() * 4;
        trigger = 20 + random.nextDouble() * 10;
    }

    double hour() {
        return hour;
    }

    /** Tells its virtual time. */
    Clock clock() {
        return new Clock() {
            @Override
            public long nanos() {
                return HeapShape.this.nanos();
            }

            @Override
            public long millis() {
                return HeapShape.this.nanos() / 1_000_000;
            }
        };
    }

    long nanos() {
        return (long) (hour * 3600e9);
    }

    double leaked() {
        return Math.max(0, hour - leakFromHour) * leakPerHour * 100;
    }

    /** What really lives now, in percent of the heap; only the one who judges a forecast may know. */
    double trueLive() {
        return trueLive;
    }

    boolean full() {
        return leaked() > 45;
    }

    /** How much work there is, 1 on average. */
    private double load() {
        double day = Math.sin((hour + phase) / 24 * 2 * Math.PI);
        return switch (kind) {
            case WAVE, WAVE_BURSTS, LAGGING_WAVE -> 1 + 0.6 * day;
            case OFFICE_HOURS -> {
                double h = (hour + phase) % 24;
                yield 0.4 + 1.2 * ramp(h - 8) * (1 - ramp(h - 18));
            }
            default -> 1;
        };
    }

    private static double ramp(double hours) {
        return Math.min(1, Math.max(0, hours / 2));
    }

    private double live(double stepHours) {
        noise += -noise * stepHours / 1.0 + Math.sqrt(2 * stepHours) * random.nextGaussian();
        slowNoise += -slowNoise * stepHours / 6 + Math.sqrt(2 * stepHours / 6) * random.nextGaussian();
        if (hour > burstEnd && random.nextDouble() < stepHours * 4 / 24) {
            burst = 5 + random.nextDouble() * 15;
            burstEnd = hour + 0.15 + random.nextDouble() * 0.6;
        }
        double now = hour < burstEnd ? burst : 0;
        double target = 18 * load();
        lagged = Double.isNaN(lagged) ? target : lagged + (target - lagged) * stepHours / 2;
        return switch (kind) {
            case FLAT -> 30 + 0.1 * noise;
            case NOISY -> 30 + 2.5 * noise;
            case BURSTS -> 25 + 0.5 * noise + now;
            case STEP -> 25 + 0.5 * noise + (hour > event ? 15 : 0);
            case CACHE_FILL -> 15 + 0.5 * noise + 25 * (1 - Math.exp(-hour / tau));
            case WAVE -> 14 + 18 * load() + 0.7 * noise;
            case WAVE_BURSTS -> 14 + 14 * load() + 0.7 * noise + now;
            case LAGGING_WAVE -> 14 + lagged + 0.7 * noise;
            case OFFICE_HOURS -> 14 + 18 * load() + 0.7 * noise;
            case SLOW_NOISE -> 35 + 3 * slowNoise + noise;
            case STAIRS -> 20 + 0.5 * noise + 5 * Math.min(4, Math.floor(hour / event * 2));
        };
    }

    /** Runs until the hour, telling every collection. */
    void run(double untilHour, Consumer<GcEvent> collections) {
        while (hour < untilHour && !full()) {
            double load = load();
            double step = (30 + random.nextDouble() * 10) / 3600 / load; // each young collection after as many bytes
            hour += step;
            double live = live(step) + leaked();
            trueLive = live;
            old += 0.4 + random.nextDouble() * 0.6;
            double before = live + old + 12;
            if (mixed > 0) {
                mixed--;
                old *= 0.35 + random.nextDouble() * 0.3;
            } else if (old > trigger || live + old > 82) {
                mixed = 4 + random.nextInt(3);
                trigger = 12 + random.nextDouble() * 18;
            }
            double after = Math.min(98, live + old + random.nextDouble() * 1.5);
            collections.accept(new GcEvent(
                    "young",
                    "simulated",
                    false,
                    false,
                    (long) (Math.max(after, before) * MAX / 100),
                    (long) (after * MAX / 100),
                    10,
                    ++number));
        }
    }
}
