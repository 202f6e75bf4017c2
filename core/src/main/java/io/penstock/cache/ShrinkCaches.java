package io.penstock.cache;

import io.penstock.memory.optimise.Step;

/** Lets go of cached values when memory asks for it. */
public record ShrinkCaches(Caches caches) implements Step {
    @Override
    public String name() {
        return "shrink-caches";
    }

    @Override
    public Kind kind() {
        return Kind.CACHES;
    }

    @Override
    public long estimate() {
        return caches.nearBytes();
    }

    @Override
    public long run(double share) {
        return caches.shrink(share);
    }
}
