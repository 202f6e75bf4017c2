package io.penstock.memory.optimise;

import static io.penstock.memory.optimise.Step.Kind.CACHES;
import static io.penstock.memory.optimise.Step.Kind.COLLECTOR;
import static io.penstock.memory.optimise.Step.Kind.HISTORIES;
import static io.penstock.memory.optimise.Step.Kind.POOLS;
import static io.penstock.memory.optimise.Step.Kind.PREFETCH;
import static io.penstock.memory.optimise.Step.Kind.RETURN;

import java.util.Map;

/**
 * The four strategies that come with Penstock, registered like anybody's.
 *
 * <p>The goals lie below the threshold of 80 %, so that a run that meets its goal is not followed by the next one.
 */
abstract class BuiltIn implements Strategy {
    private final String name;
    private final double goalShare;
    private final Map<Step.Kind, Double> shares; // a kind that is missing is left alone

    BuiltIn(String name, double goalShare, Map<Step.Kind, Double> shares) {
        this.name = name;
        this.goalShare = goalShare;
        this.shares = shares;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double share(Step.Kind kind) {
        return shares.getOrDefault(kind, 0.0);
    }

    @Override
    public double goalShare() {
        return goalShare;
    }

    /** Before anything presses: what is old, a quarter of what is cached or kept ready; work in hand feels nothing. */
    public static final class Preventive extends BuiltIn {
        /** For the ServiceLoader. */
        public Preventive() {
            super("preventive", 0.7, Map.of(HISTORIES, 1.0, CACHES, 0.25, POOLS, 0.25));
        }

        /** Nothing presses: the next collection that comes of itself is soon enough to measure by. */
        @Override
        public boolean collects() {
            return false;
        }
    }

    /** The usual one: what is old, half of what is cached or kept ready, and what the C library holds for nothing. */
    public static final class Standard extends BuiltIn {
        /** For the ServiceLoader. */
        public Standard() {
            super("standard", 0.75, Map.of(HISTORIES, 1.0, CACHES, 0.5, POOLS, 0.5, RETURN, 1.0));
        }
    }

    /** Little is left: nine tenths of the caches, all that is kept ready or fetched ahead, and a heap that shrinks. */
    public static final class Aggressive extends BuiltIn {
        /** For the ServiceLoader. */
        public Aggressive() {
            super(
                    "aggressive",
                    0.7,
                    Map.of(HISTORIES, 1.0, CACHES, 0.9, POOLS, 1.0, PREFETCH, 1.0, COLLECTOR, 1.0, RETURN, 1.0));
        }
    }

    /** Nearly nothing is left: everything but the work in hand. */
    public static final class Emergency extends BuiltIn {
        /** For the ServiceLoader. */
        public Emergency() {
            super(
                    "emergency",
                    0.7,
                    Map.of(HISTORIES, 1.0, CACHES, 1.0, POOLS, 1.0, PREFETCH, 1.0, COLLECTOR, 1.0, RETURN, 1.0));
        }
    }
}
