package io.penstock.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The instants of a schedule: pure arithmetic, the same in every process.
 *
 * <p>An instant of a {@link Rhythm.FixedDelay} depends on the end of the run before it, which others know; here it is as if
 * that had taken no time.
 */
final class Plan {
    /** Missed runs that are counted one by one. */
    static final int MOST_COUNTED = 1_000;

    /** Skipped days in a row that a rate is followed over: as long as a calendar takes to repeat. */
    private static final int MOST_DAYS = 146_097;

    private static final Duration FIRST_WINDOW = Duration.ofMinutes(2);

    private final Schedule schedule;
    private final Instant anchor;

    /** @param made when the schedule was made, from which rates without a start are counted */
    Plan(Schedule schedule, Instant made) {
        this.schedule = schedule;
        this.anchor = schedule.start() == null ? made : schedule.start();
    }

    /** Returns the first run after this instant, null if there is none. */
    @Nullable
    Instant next(Instant after) {
        Instant start = schedule.start();
        Instant from = start != null && after.isBefore(start) ? start.minusNanos(1) : after;
        Rhythm rhythm = schedule.rhythm();
        Instant next = rhythm instanceof Rhythm.ByCron by
                ? by.cron().next(from, schedule.zone(), by.clockChange(), schedule.skip())
                : rhythm instanceof Rhythm.Every every ? rate(from, every.period()) : first(from);
        return next == null || (schedule.end() != null && !next.isBefore(schedule.end())) ? null : next;
    }

    private @Nullable Instant rate(Instant after, Duration period) {
        long millis = period.toMillis();
        long began = anchor.toEpochMilli();
        Instant from = after;
        for (int days = 0; days < MOST_DAYS; days++) {
            long place = Math.floorDiv(from.toEpochMilli() - began, millis) + 1;
            // a start is a run itself, the making of a schedule is none
            Instant next = Instant.ofEpochMilli(began + Math.max(schedule.start() == null ? 1 : 0, place) * millis);
            LocalDate date = next.atZone(schedule.zone()).toLocalDate();
            if (!schedule.skip().test(date)) {
                return next;
            }
            from = date.plusDays(1).atStartOfDay(schedule.zone()).toInstant().minusNanos(1);
        }
        return null;
    }

    private @Nullable Instant first(Instant after) {
        Instant start = schedule.start();
        Duration pause = ((Rhythm.FixedDelay) schedule.rhythm()).pause();
        return open(start != null && start.isAfter(after) ? start : after.plus(pause));
    }

    /** Returns the instant, or the begin of the first day after it that is not skipped; a delay has no run to leave out. */
    @Nullable
    Instant open(Instant at) {
        ZonedDateTime local = at.atZone(schedule.zone());
        LocalDate date = local.toLocalDate();
        for (int days = 0; days < MOST_DAYS && schedule.skip().test(date); days++) {
            date = date.plusDays(1);
        }
        if (schedule.skip().test(date)) {
            return null;
        }
        return date.equals(local.toLocalDate())
                ? at
                : date.atStartOfDay(schedule.zone()).toInstant();
    }

    /** Returns when a run is started: its instant, and its share of the jitter. */
    Instant at(Instant run) {
        long most = schedule.jitter().toMillis();
        if (most == 0) {
            return run;
        }
        Instant next = next(run);
        if (next != null) {
            most = Math.min(most, Duration.between(run, next).toMillis());
        }
        return most <= 0 ? run : run.plusMillis(Math.floorMod(mixed(schedule.runId(run)), most));
    }

    /** FNV-1a and the finish of SplitMix64: spread well over few bits, and the same in every process and version. */
    private static long mixed(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ hash >>> 30) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ hash >>> 27) * 0x94d049bb133111ebL;
        return hash ^ hash >>> 31;
    }

    /**
     * What lies between two instants, both included.
     *
     * @param last the last runs, oldest first
     * @param count all runs; {@value #MOST_COUNTED} stands for that many or more
     */
    record Missed(List<Instant> last, int count) {}

    /** Returns the last runs from the first, which is one, to the end. */
    Missed between(Instant first, Instant end, int most) {
        Deque<Instant> last = new ArrayDeque<>();
        int count = walk(first, end, most, MOST_COUNTED, last);
        if (count < MOST_COUNTED) {
            return new Missed(List.copyOf(last), count);
        }
        // Too many to walk over: look back from the end, twice as far each time.
        for (Duration window = FIRST_WINDOW; ; window = window.multipliedBy(2)) {
            Instant from = end.minus(window);
            Instant begin = from.isAfter(first) ? next(from) : first;
            last.clear();
            int seen = begin == null ? 0 : walk(begin, end, most, Integer.MAX_VALUE, last);
            if (seen >= Math.max(1, most) || !from.isAfter(first)) {
                return new Missed(List.copyOf(last), MOST_COUNTED);
            }
        }
    }

    private int walk(Instant first, Instant end, int most, int mostCounted, Deque<Instant> last) {
        int count = 0;
        for (Instant at = first; at != null && !at.isAfter(end); at = next(at)) {
            if (count == mostCounted) {
                return count;
            }
            count++;
            last.addLast(at);
            if (last.size() > most) {
                last.removeFirst();
            }
        }
        return count;
    }
}
