package io.penstock.monitor;

import io.penstock.queue.QueueStats;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Rounds over all queues: those that have a track are looked at, those that have none may win one by their traffic.
 *
 * <p>Nothing waits: a round is a chain of answers of Redis, all questions of a step sent at once, and the next round
 * does not begin before it is over. Bound: {@code room} tracks; {@value #A_STEP} queues a step, {@value #A_COHORT} of those
 * without a track a round, {@value #MOST_NAMES} names. Threads: safe.
 */
final class QueueLook {
    /** Two to ten commands each of about 10 us: whoever is asked after them waits for a few milliseconds at most. */
    private static final int A_STEP = 64;

    /** With a minute for each cohort a thousand queues are through in 18 minutes. */
    private static final int A_COHORT = 64;

    /** Rounds between the two looks at a cohort: over a single one, work that comes in bursts looks like much traffic. */
    private static final int APART = 6;

    /** With more, their names are asked for each sixth round only: ten thousand are 300 KB. */
    private static final int MANY = 256;

    private static final int SELDOM = 6;
    private static final int MOST_NAMES = 10_000;

    /** A track that is younger is left to its queue, else two queues of equal traffic would take it from each other. */
    private static final long SETTLED_NANOS = Duration.ofMinutes(10).toNanos();

    /** One event in 100 s: a queue with less is asleep and yields at once. */
    private static final double ASLEEP = 0.01;

    /** Whoever takes a track from another queue must have so much more traffic, because a history goes with it. */
    private static final double CLEARLY = 2;

    private final MonitorSources sources;
    private final Clock clock;
    private final Metrics metrics;
    private final Cost cost;
    private final boolean history;
    private final int room;
    private final ConcurrentMap<String, QueueTrack> tracks = new ConcurrentHashMap<>();
    private final AtomicBoolean asking = new AtomicBoolean();
    private final AtomicLong skipped = new AtomicLong();
    private volatile int known;
    private volatile boolean closed;

    // of the round under way; the answers of a step are counted atomically, so the next step sees all that they did
    private List<String> names = List.of();
    private Map<String, Long> cohort = Map.of(); // totals at the round before
    private long cohortNanos;
    private int cohortRounds;
    private int cursor;
    private int round;

    QueueLook(MonitorSources sources, Clock clock, Metrics metrics, Cost cost, boolean history, int room) {
        this.sources = sources;
        this.clock = clock;
        this.metrics = metrics;
        this.cost = cost;
        this.history = history;
        this.room = room;
    }

    /** Begins a round, unless the one before is not over. */
    void look() {
        if (closed) {
            return;
        }
        if (!asking.compareAndSet(false, true)) {
            skipped.incrementAndGet();
            return;
        }
        if (round++ % SELDOM == 0 || names.size() <= MANY) {
            each(List.of(""), any -> sources.queueNames().get(), this::named, this::lookAtTracks);
        } else {
            lookAtTracks();
        }
    }

    /**
     * Asks a question of each name at once, takes each answer as it comes, null for none, and goes on after the last.
     * Whatever throws, the round goes on to its end.
     */
    private <T> void each(
            List<String> asked,
            Function<String, CompletionStage<T>> question,
            BiConsumer<String, @Nullable T> take,
            Runnable next) {
        long begin = clock.nanos();
        AtomicInteger left = new AtomicInteger(asked.size() + 1);
        for (String name : asked) {
            CompletionStage<T> answer;
            try {
                answer = question.apply(name);
            } catch (RuntimeException refused) {
                answer = CompletableFuture.failedFuture(refused);
            }
            var unused = answer.whenComplete((found, failure) -> {
                long from = clock.nanos();
                try {
                    take.accept(name, failure == null ? found : null);
                } finally {
                    cost.part(clock.nanos() - from);
                    goOn(left, next);
                }
            });
        }
        cost.part(clock.nanos() - begin);
        goOn(left, next);
    }

    private static void goOn(AtomicInteger left, Runnable next) {
        if (left.decrementAndGet() == 0) {
            next.run();
        }
    }

    private void named(String any, @Nullable Set<String> found) {
        if (found == null || closed) {
            return; // asking for the queues themselves will fail too, and leave their gap
        }
        for (QueueTrack track : tracks.values()) {
            if (!found.contains(track.name)) {
                drop(track);
            }
        }
        names = found.stream().limit(MOST_NAMES).toList();
        known = found.size();
        for (String name : names) {
            if (tracks.size() >= room) {
                break;
            }
            add(name, 0);
        }
    }

    private void add(String name, double traffic) {
        if (!tracks.containsKey(name)) {
            QueueTrack track = new QueueTrack(name, history, clock.nanos(), traffic);
            tracks.put(name, track);
            metrics.add(track.track);
        }
    }

    private void drop(QueueTrack track) {
        tracks.remove(track.name, track);
        metrics.drop(track.track);
    }

    /** The queue is gone. */
    void forget(String name) {
        QueueTrack track = tracks.get(name);
        if (track != null) {
            drop(track);
        }
    }

    void ran(String queue, long waitMillis, long runMillis) {
        QueueTrack track = tracks.get(queue);
        if (track != null) {
            track.ran(waitMillis, runMillis);
        }
    }

    private void lookAtTracks() {
        lookAt(List.copyOf(tracks.keySet()), 0);
    }

    private void lookAt(List<String> all, int from) {
        if (from >= all.size() || closed) {
            scout();
            return;
        }
        int to = Math.min(all.size(), from + A_STEP);
        each(all.subList(from, to), sources.queue(), this::keep, () -> lookAt(all, to));
    }

    private void keep(String name, @Nullable QueueStats stats) {
        QueueTrack track = tracks.get(name);
        if (track == null) {
            return; // deleted meanwhile
        }
        if (stats == null) {
            track.track.unknown();
        } else {
            track.keep(stats, clock.nanos(), clock.millis());
        }
    }

    /** Looks at some queues that have no track: once to know their totals, and a few rounds later again to compare. */
    private void scout() {
        boolean again = !cohort.isEmpty();
        if (again && ++cohortRounds < APART) {
            end();
            return;
        }
        cohortRounds = 0;
        List<String> asked = again ? List.copyOf(cohort.keySet()) : strangers();
        if (asked.isEmpty() || closed) {
            end();
            return;
        }
        Map<String, Long> totals = new ConcurrentHashMap<>();
        each(
                asked,
                sources.traffic(),
                (name, total) -> {
                    if (total != null) {
                        totals.put(name, total);
                    }
                },
                () -> {
                    if (again) {
                        contest(totals);
                        cohort = Map.of();
                    } else {
                        cohort = totals;
                        cohortNanos = clock.nanos();
                    }
                    end();
                });
    }

    private List<String> strangers() {
        List<String> found = new ArrayList<>();
        if (names.size() <= tracks.size()) {
            return found;
        }
        for (int looked = 0; looked < names.size() && found.size() < A_COHORT; looked++) {
            cursor = cursor + 1 >= names.size() ? 0 : cursor + 1;
            String name = names.get(cursor);
            if (!tracks.containsKey(name)) {
                found.add(name);
            }
        }
        return found;
    }

    private void contest(Map<String, Long> totals) {
        double seconds = (clock.nanos() - cohortNanos) / 1e9;
        if (seconds <= 0) {
            return;
        }
        Map<String, Double> traffic = new HashMap<>();
        totals.forEach((name, total) -> traffic.put(name, (total - cohort.getOrDefault(name, total)) / seconds));
        traffic.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(entry -> contest(entry.getKey(), entry.getValue()));
    }

    private void contest(String name, double traffic) {
        long now = clock.nanos();
        QueueTrack least = tracks.values().stream()
                .filter(track -> track.traffic() < ASLEEP || track.ageNanos(now) >= SETTLED_NANOS)
                .min(Comparator.comparingDouble(QueueTrack::traffic))
                .orElse(null);
        if (least != null && traffic > CLEARLY * Math.max(ASLEEP, least.traffic())) {
            drop(least);
            add(name, traffic);
        }
    }

    private void end() {
        cost.sampled(clock.millis());
        asking.set(false);
    }

    int tracked() {
        return tracks.size();
    }

    int unmonitored() {
        return Math.max(0, known - tracks.size());
    }

    long skipped() {
        return skipped.get();
    }

    void close() {
        closed = true;
        tracks.clear();
    }
}
