package io.penstock.memory.optimise;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A collector that finds alive what a test says. */
final class ToldCollector implements Collector {
    final AtomicInteger collections = new AtomicInteger();
    final List<CompletableFuture<Floor>> waiting = new CopyOnWriteArrayList<>();
    volatile String refusal = "";
    volatile boolean exact = true;
    volatile @Nullable Floor latest;

    private final Clock clock;
    private final LongSupplier live;

    ToldCollector(Clock clock, LongSupplier live) {
        this.clock = clock;
        this.live = live;
    }

    /** A collection that came by itself. */
    void collected() {
        Floor floor = new Floor(live.getAsLong(), exact, clock.nanos());
        latest = floor;
        waiting.forEach(one -> one.complete(floor));
    }

    @Override
    public Subscription listen() {
        return () -> {};
    }

    @Override
    public @Nullable Floor latest() {
        return latest;
    }

    @Override
    public CompletableFuture<Floor> next() {
        CompletableFuture<Floor> next = new CompletableFuture<>();
        waiting.add(next);
        return next;
    }

    @Override
    public String refusal(long gainBytes, long liveBytes, long maxBytes) {
        return refusal;
    }

    @Override
    public Floor collect(long liveBytes) {
        collections.incrementAndGet();
        collected();
        return new Floor(live.getAsLong(), exact, clock.nanos());
    }
}
