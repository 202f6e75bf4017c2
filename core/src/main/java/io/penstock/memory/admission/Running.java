package io.penstock.memory.admission;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The permits that are held, and their sums.
 *
 * <p>Bound: one entry a running job; a group is counted while one of its jobs runs. Threads: guarded by the load line.
 */
final class Running {
    /** Jobs whose threads are asked at a collection what they have allocated: 256 cost some 30 microseconds. */
    private static final int MOST_ASKED = 256;

    /** The sum of many is beyond so many deviations once in fifty times, and the line leaves a third of the heap for that. */
    private static final double DEVIATIONS = 2;

    /** Whose the moved bytes are is a guess; without some more, jobs whose need triples at once ran out of memory oftener. */
    private static final double GUESSED = 1.15;

    private final Footprint untyped = new Footprint("");
    private final long groupBytes;
    private final Map<String, Long> groups = new HashMap<>();
    private final List<Permit> held = new ArrayList<>();
    private long cost;
    private long likelyCost;
    private double variance;
    private long records;
    private long likely;
    private long owed;
    private long ended;
    private long allocatedBefore;
    private long allocatedByHeld;
    private boolean mostTell;

    /** @param groupBytes 0 = groups are not counted */
    Running(long groupBytes) {
        this.groupBytes = groupBytes;
    }

    int size() {
        return held.size();
    }

    /** Bytes promised. */
    long cost() {
        return promised(cost, likelyCost, variance);
    }

    /** The same were this one among them. */
    long costWith(Permit permit) {
        return promised(cost + permit.cost, likelyCost + permit.likelyCost, variance + permit.variance);
    }

    /** One may need the most of its like, but hardly all of them at once. */
    private static long promised(long most, long likely, double variance) {
        return most == likely ? most : Math.min(most, likely + (long) (DEVIATIONS * Math.sqrt(variance)));
    }

    /** Bytes of their records. */
    long records() {
        return records;
    }

    /** Bytes that they are likely to allocate in all. */
    long likely() {
        return likely;
    }

    /** Bytes that they may hold beyond what the last collection found. */
    long owed() {
        return owed;
    }

    /** What their records take in the heap. */
    long recordCosts() {
        long sum = 0;
        for (Permit permit : held) {
            sum += permit.recordCost;
        }
        return sum;
    }

    /**
     * So much came into the old generation: each type is charged with all of it, for nobody knows whose it is, and within
     * a type each job by what it had allocated and was not charged with before. What a job was charged with goes with it.
     */
    void moved(long bytes) {
        for (Permit permit : held) {
            of(permit).shares += share(permit);
        }
        for (Permit permit : held) {
            permit.moved += (long) (bytes * (share(permit) / of(permit).shares));
        }
        for (Permit permit : held) {
            of(permit).shares = 0;
        }
    }

    /** Returns what the type that is charged with the most is charged with. */
    long mostMoved() {
        long most = 0;
        for (Permit permit : held) {
            Footprint type = of(permit);
            type.moved += permit.moved;
            most = Math.max(most, type.moved);
        }
        for (Permit permit : held) {
            of(permit).moved = 0;
        }
        return Math.round(most * GUESSED);
    }

    /** Whether most of them told when they were last asked: threads of handlers may be virtual, small jobs are not measured. */
    boolean mostTell() {
        return mostTell;
    }

    /** Returns what jobs have allocated since this was last asked, as far as they have told or their like did. */
    long allocatedSince() {
        long now = ended + allocatedByHeld;
        long since = now - allocatedBefore;
        allocatedBefore = now;
        return since;
    }

    boolean groupFits(Permit permit) {
        String group = permit.request.group();
        if (groupBytes == 0 || group == null) {
            return true;
        }
        Long has = groups.get(group);
        return has == null || has + permit.cost <= groupBytes;
    }

    void add(Permit permit) {
        count(permit, permit.cost);
        permit.place = held.size();
        held.add(permit);
        sum(permit);
        records += permit.request.recordBytes();
        permit.owed = permit.cost;
        owed += permit.cost;
    }

    void remove(Permit permit) {
        Permit last = held.remove(held.size() - 1);
        if (last != permit) {
            held.set(permit.place, last);
            last.place = permit.place;
        }
        cost -= permit.cost;
        likelyCost -= permit.likelyCost;
        variance = held.isEmpty() ? 0 : Math.max(0, variance - permit.variance);
        likely -= permit.likely;
        ended += Math.max(permit.likely, permit.allocated);
        records -= permit.request.recordBytes();
        owed -= permit.owed;
        count(permit, -permit.cost);
    }

    private void count(Permit permit, long bytes) {
        String group = permit.request.group();
        if (groupBytes > 0 && group != null) {
            Long has = groups.get(group);
            long now = (has == null ? 0 : has) + bytes;
            if (now == 0) {
                groups.remove(group);
            } else {
                groups.put(group, now);
            }
        }
    }

    /** Prices all of them anew, by what is known now. */
    void priceAgain(Consumer<Permit> price) {
        cost = 0;
        likelyCost = 0;
        variance = 0; // and with it what sums of fractions lose
        likely = 0;
        for (Permit permit : held) {
            long before = permit.cost;
            price.accept(permit);
            sum(permit);
            owe(permit, Math.max(permit.owed, permit.cost - before + permit.owed));
            count(permit, permit.cost - before);
        }
    }

    private Footprint of(Permit permit) {
        Footprint type = permit.footprint;
        return type == null ? untyped : type;
    }

    private static double share(Permit permit) {
        return Math.max(1, permit.told - permit.moved);
    }

    private void sum(Permit permit) {
        cost += permit.cost;
        likelyCost += permit.likelyCost;
        variance += permit.variance;
        likely += permit.likely;
    }

    private void owe(Permit permit, long bytes) {
        owed += bytes - permit.owed;
        permit.owed = bytes;
    }

    /** A collection has found what they had allocated when they were last asked, which was before it. */
    void found() {
        for (Permit permit : held) {
            owe(permit, permit.stillOwed());
        }
    }

    /** Whether this thread runs one of them. */
    boolean runsOn(long threadId) {
        return held.stream().anyMatch(permit -> permit.runsOn(threadId));
    }

    boolean anyBegun() {
        return held.stream().anyMatch(Permit::begun);
    }

    /** Time has passed and they still run. */
    void proven(long look) {
        for (Permit permit : held) {
            Footprint footprint = permit.footprint;
            if (footprint != null) {
                footprint.proven(look, permit.begun());
            }
        }
    }

    /**
     * Learns from runs that go on: one that needs more than its like must not have to end before it is noticed. Returns
     * how many bytes all of them have allocated so far.
     *
     * @param told whether the next collection is taken to have found that: not where this may come between a collection
     *     and the news of it, or what was allocated since would count as found (seen: OutOfMemoryErrors with G1)
     */
    long ask(boolean told) {
        allocatedByHeld = 0;
        int asked = 0;
        long[] ids = new long[Math.min(held.size(), MOST_ASKED)];
        Permit[] of = new Permit[ids.length];
        for (int i = 0; i < held.size() && asked < ids.length; i++) {
            long thread = held.get(i).thread;
            if (thread > 0) {
                ids[asked] = thread;
                of[asked++] = held.get(i);
            }
        }
        mostTell = asked * 2 >= held.size();
        if (asked == 0) {
            return 0;
        }
        long[] allocated = Allocations.of(Arrays.copyOf(ids, asked));
        long sum = 0;
        for (int i = 0; i < asked; i++) {
            long since = allocated[i] - of[i].allocatedBefore;
            @Nullable Footprint footprint = of[i].footprint;
            if (footprint != null && since > 0 && of[i].thread == ids[i]) {
                footprint.seen(since, of[i].request.recordBytes());
                of[i].allocated = since;
                of[i].told = told ? since : of[i].told;
                sum += since;
            }
        }
        allocatedByHeld = sum * held.size() / asked;
        return allocatedByHeld; // those that do not tell are taken to be like those that do
    }
}
