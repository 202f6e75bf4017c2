package io.penstock.notice;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The last deliveries of this process.
 *
 * <p>Bound: {@value #MOST} of them and {@value #MOST_BYTES} bytes; the oldest go. Threads: safe.
 */
final class Deliveries {
    static final int MOST = 500;

    /** 500 of one notice each are 200 KiB; full messages of long names are fewer then. */
    static final int MOST_BYTES = 1 << 20;

    private final TreeMap<Long, Delivery> kept = new TreeMap<>(); // guarded by this
    private final AtomicLong numbers;
    private int bytes; // guarded by this

    /** @param first number of the first one: the wall clock, so that those of a process that follows are greater */
    Deliveries(long first) {
        this.numbers = new AtomicLong(first);
    }

    String nextId() {
        return Long.toString(numbers.getAndIncrement());
    }

    /** Keeps it in place of what had its id. */
    synchronized void put(Delivery delivery) {
        Delivery before = kept.put(Long.parseLong(delivery.id()), delivery);
        bytes += delivery.bytes() - (before == null ? 0 : before.bytes());
        while (kept.size() > MOST || (bytes > MOST_BYTES && kept.size() > 1)) {
            bytes -= kept.pollFirstEntry().getValue().bytes();
        }
    }

    /**
     * Returns the newest ones.
     *
     * @param channel null = of any
     * @param before id that all of them are older than; null = from the newest
     */
    synchronized List<Delivery> newest(@Nullable String channel, @Nullable Long before, int limit) {
        List<Delivery> found = new ArrayList<>();
        Iterator<Delivery> down = (before == null ? kept : kept.headMap(before, false))
                .descendingMap()
                .values()
                .iterator();
        while (down.hasNext() && found.size() < limit) {
            Delivery delivery = down.next();
            if (channel == null || channel.equals(delivery.channel())) {
                found.add(delivery);
            }
        }
        return found;
    }
}
