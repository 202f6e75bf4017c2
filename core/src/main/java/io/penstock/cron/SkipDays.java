package io.penstock.cron;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.MonthDay;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Days on which a schedule does not run: holidays, weekends, a closed fortnight.
 *
 * <p>Each is a date {@code 2026-12-25}, a day of every year {@code --12-25}, a span with both its ends
 * {@code 2026-12-24/2027-01-02}, or a day of the week {@code SAT}. They are days of the schedule's zone. One value may serve
 * any number of schedules. Immutable. Bound: {@value #MOST} entries.
 */
public final class SkipDays implements Predicate<LocalDate> {
    /** Ten years of holidays and bridges. */
    static final int MOST = 400;

    /** Skips nothing. */
    public static final SkipDays NONE = new SkipDays(List.of());

    private final List<String> entries;
    private final Set<LocalDate> dates = new HashSet<>();
    private final Set<MonthDay> yearly = new HashSet<>();
    private final EnumSet<DayOfWeek> weekdays = EnumSet.noneOf(DayOfWeek.class);
    private final List<LocalDate[]> spans = new ArrayList<>();

    private SkipDays(List<String> entries) {
        this.entries = List.copyOf(entries);
        for (String entry : this.entries) {
            add(entry);
        }
    }

    /**
     * Reads days.
     *
     * @throws IllegalArgumentException naming the entry that is none, or that there are too many
     */
    public static SkipDays of(List<String> entries) {
        if (entries.size() > MOST) {
            throw new IllegalArgumentException("skip has " + entries.size() + " entries, more than " + MOST
                    + "; nothing was scheduled; use spans such as 2026-12-24/2027-01-02");
        }
        return entries.isEmpty() ? NONE : new SkipDays(entries);
    }

    /** Reads days; see {@link #of(List)}. */
    public static SkipDays of(String... entries) {
        return of(List.of(entries));
    }

    private void add(String entry) {
        try {
            int slash = entry.indexOf('/');
            if (slash > 0) {
                LocalDate from = LocalDate.parse(entry.substring(0, slash));
                LocalDate to = LocalDate.parse(entry.substring(slash + 1));
                if (!to.isBefore(from)) {
                    spans.add(new LocalDate[] {from, to});
                    return;
                }
            } else if (entry.startsWith("--")) {
                yearly.add(MonthDay.parse(entry));
                return;
            } else if (entry.length() == 3) {
                for (DayOfWeek day : DayOfWeek.values()) {
                    if (day.name().startsWith(entry.toUpperCase(Locale.ROOT))) {
                        weekdays.add(day);
                        return;
                    }
                }
            } else {
                dates.add(LocalDate.parse(entry));
                return;
            }
        } catch (DateTimeException none) {
            // the message below names the forms
        }
        throw new IllegalArgumentException(
                "skip \"" + (entry.length() > 40 ? entry.substring(0, 40) : entry).replaceAll("\\p{Cntrl}", "?")
                        + "\" is no day; nothing was scheduled; write 2026-12-25, --12-25 (every year),"
                        + " 2026-12-24/2027-01-02 or SAT");
    }

    @Override
    public boolean test(LocalDate date) {
        if (entries.isEmpty()) {
            return false;
        }
        if (weekdays.contains(date.getDayOfWeek()) || dates.contains(date) || yearly.contains(MonthDay.from(date))) {
            return true;
        }
        for (LocalDate[] span : spans) {
            if (!date.isBefore(span[0]) && !date.isAfter(span[1])) {
                return true;
            }
        }
        return false;
    }

    /** Returns the entries as they were given. */
    public List<String> entries() {
        return entries;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SkipDays days && days.entries.equals(entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return String.join(",", entries);
    }
}
