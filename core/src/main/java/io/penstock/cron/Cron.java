package io.penstock.cron;

import io.penstock.cron.CronField.Kind;
import io.penstock.cron.CronField.Special;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression: minute, hour, day of the month, month, day of the week, with the second in front if there are six.
 *
 * <p>Numbers mean what crontab(5) says: 0 and 7 are Sunday. When both day fields say something a day fits that fits one of
 * them, unless one begins with {@code *} or {@code ?}; then it must fit both. Ranges may run over the end ({@code FRI-MON},
 * {@code 22-2}). {@code nW} is the weekday nearest to day n in the same month; a month without a day n has none. An
 * expression that never fits, such as 30 February, is refused: the calendar repeats after 400 years, so that is certain.
 *
 * <p>Immutable. Time: a microsecond for the next instant of a common expression, some ten for one years away, 5 ms to find that one never fires.
 * Why no library: docs/decisions/0011-own-cron.md.
 */
public final class Cron {
    /** What becomes of times of day when clocks are changed. */
    public enum ClockChange {
        /**
         * A time that is left out runs when the clock goes on, once for all such times; one that comes twice runs the first
         * time. What a time of day means.
         */
        CLOCK,
        /** A time that is left out does not run; one that comes twice runs twice. What "every 15 minutes" means. */
        ELAPSED;

        /** Returns the name used in JSON. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Map<String, String> MACROS = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");

    /** The Gregorian calendar repeats after 400 years, days of the week included: 146,097 days are 20,871 weeks. */
    private static final int CYCLE_YEARS = 401;

    /** Clock changes looked over: four a year is the most that a zone has planned, until 2087. */
    private static final int MOST_TRANSITIONS = 2_000;

    /** Characters; the longest that means something is shorter. */
    private static final int LONGEST = 200;

    private final String text;
    final CronField second;
    final CronField minute;
    final CronField hour;
    final CronField day;
    final CronField month;
    final CronField weekday;

    private Cron(String text, List<String> fields) {
        this.text = text;
        second = CronField.parse(Kind.SECOND, fields.get(0));
        minute = CronField.parse(Kind.MINUTE, fields.get(1));
        hour = CronField.parse(Kind.HOUR, fields.get(2));
        day = CronField.parse(Kind.DAY, fields.get(3));
        month = CronField.parse(Kind.MONTH, fields.get(4));
        weekday = CronField.parse(Kind.WEEKDAY, fields.get(5));
    }

    /**
     * Reads an expression of five or six fields, or one of @yearly @monthly @weekly @daily @hourly.
     *
     * @throws IllegalArgumentException naming the field, the value and what is legal; or that it never fits
     */
    public static Cron parse(String text) {
        String shown = "cron \""
                + (text.length() > LONGEST ? text.substring(0, 40) + "..." : text).replaceAll("\\p{Cntrl}", "?")
                + "\" ";
        String plain = text.strip();
        if (plain.startsWith("@")) {
            String macro = MACROS.get(plain.toLowerCase(Locale.ROOT));
            if (macro == null) {
                throw new IllegalArgumentException(shown + "is no macro; nothing was scheduled; use @yearly @monthly"
                        + " @weekly @daily or @hourly");
            }
            plain = macro;
        }
        List<String> fields = Arrays.asList(plain.toUpperCase(Locale.ROOT).split("\\s+"));
        if (fields.size() == 5) {
            fields = List.of("0", fields.get(0), fields.get(1), fields.get(2), fields.get(3), fields.get(4));
        }
        if (fields.size() != 6 || text.length() > LONGEST) {
            throw new IllegalArgumentException(shown + "has " + fields.size() + " fields in " + text.length()
                    + " characters; nothing was scheduled; write 5 fields (minute hour day month weekday) or 6 (second"
                    + " first) in at most " + LONGEST + " characters");
        }
        try {
            Cron cron = new Cron(text.strip(), fields);
            if (cron.nextLocal(LocalDateTime.of(1999, 12, 31, 0, 0), SkipDays.NONE) == null) {
                throw new IllegalArgumentException("never fires: no month that it names has such a day;"
                        + " nothing was scheduled; change the day or the month");
            }
            return cron;
        } catch (IllegalArgumentException fault) {
            throw new IllegalArgumentException(
                    shown + (fault instanceof CronField.Fault ? "is not legal: " : "") + fault.getMessage(), fault);
        }
    }

    /** Returns what fits best when nobody has said: {@code ELAPSED} if every hour fits, {@code CLOCK} else. */
    public ClockChange usualClockChange() {
        return Long.bitCount(hour.bits()) == 24 ? ClockChange.ELAPSED : ClockChange.CLOCK;
    }

    /** Returns the first instant after this one that fits in the zone; null if there is none in 400 years. */
    public @Nullable Instant next(Instant after, ZoneId zone, ClockChange change) {
        return next(after, zone, change, SkipDays.NONE);
    }

    /** Returns the same, with days left out. */
    public @Nullable Instant next(Instant after, ZoneId zone, ClockChange change, Predicate<LocalDate> skipped) {
        ZoneRules rules = zone.getRules();
        return change == ClockChange.ELAPSED ? elapsed(after, rules, skipped) : clock(after, rules, skipped);
    }

    /** From clock change to clock change: between two of them local time runs as instants do. */
    private @Nullable Instant elapsed(Instant after, ZoneRules rules, Predicate<LocalDate> skipped) {
        Instant from = after;
        LocalDateTime local = LocalDateTime.ofInstant(after, rules.getOffset(after));
        for (int i = 0; i < MOST_TRANSITIONS; i++) {
            LocalDateTime next = nextLocal(local, skipped);
            if (next == null) {
                return null;
            }
            Instant found = next.toInstant(rules.getOffset(from));
            ZoneOffsetTransition change = rules.nextTransition(from);
            if (change == null || found.isBefore(change.getInstant())) {
                return found;
            }
            from = change.getInstant();
            local = change.getDateTimeAfter().minusSeconds(1);
        }
        return null;
    }

    /** Local times in their order; their instants never go back, so the first that is later is the one. */
    private @Nullable Instant clock(Instant after, ZoneRules rules, Predicate<LocalDate> skipped) {
        ZoneOffset offset = rules.getOffset(after);
        LocalDateTime local = LocalDateTime.ofInstant(after, offset);
        ZoneOffsetTransition around = rules.getTransition(local);
        if (around != null && around.isOverlap() && offset.equals(around.getOffsetAfter())) {
            local = around.getDateTimeBefore().minusSeconds(1); // all that comes twice has been there
        }
        while (true) {
            local = nextLocal(local, skipped);
            if (local == null) {
                return null;
            }
            ZoneOffsetTransition change = rules.getTransition(local);
            Instant found = change == null
                    ? local.toInstant(rules.getOffset(local))
                    : change.isGap() ? change.getInstant() : local.toInstant(change.getOffsetBefore());
            if (found.isAfter(after)) {
                return found;
            }
        }
    }

    private @Nullable LocalDateTime nextLocal(LocalDateTime after, Predicate<LocalDate> skipped) {
        LocalDate today = after.toLocalDate();
        LocalDate date = nextDay(today, skipped);
        if (date != null && date.equals(today)) {
            int time = nextTime(after.toLocalTime().toSecondOfDay() + 1);
            if (time >= 0) {
                return date.atTime(LocalTime.ofSecondOfDay(time));
            }
            date = nextDay(today.plusDays(1), skipped);
        }
        return date == null ? null : date.atTime(LocalTime.ofSecondOfDay(nextTime(0)));
    }

    /** Returns the first second of the day from this one on, or -1. */
    private int nextTime(int from) {
        int h = from / 3600;
        int m = from / 60 % 60;
        int s = second.from(from % 60);
        if (h > 23) {
            return -1;
        }
        if (hour.has(h)) {
            if (minute.has(m) && s >= 0) {
                return h * 3600 + m * 60 + s;
            }
            int next = minute.from(m + 1);
            if (next >= 0) {
                return h * 3600 + next * 60 + second.from(0);
            }
        }
        int next = hour.from(h + 1);
        return next < 0 ? -1 : next * 3600 + minute.from(0) * 60 + second.from(0);
    }

    private @Nullable LocalDate nextDay(LocalDate from, Predicate<LocalDate> skipped) {
        LocalDate end = from.plusYears(CYCLE_YEARS);
        LocalDate date = from;
        while (date.isBefore(end)) {
            if (!month.has(date.getMonthValue())) {
                date = date.with(TemporalAdjusters.firstDayOfNextMonth());
            } else if (fits(date) && !skipped.test(date)) {
                return date;
            } else {
                date = date.plusDays(1);
            }
        }
        return null;
    }

    private boolean fits(LocalDate date) {
        boolean byDay = day.has(date.getDayOfMonth()) || any(day, date);
        boolean byWeekday = weekday.has(date.getDayOfWeek().getValue() % 7) || any(weekday, date);
        return day.star() || weekday.star() ? byDay && byWeekday : byDay || byWeekday;
    }

    private static boolean any(CronField field, LocalDate date) {
        for (Special special : field.specials()) {
            if (fits(special, date)) {
                return true;
            }
        }
        return false;
    }

    private static boolean fits(Special special, LocalDate date) {
        int today = date.getDayOfMonth();
        int last = date.lengthOfMonth();
        boolean named = date.getDayOfWeek().getValue() % 7 == special.day();
        return switch (special.kind()) {
            case 'L' -> today == last - special.n();
            case 'B' -> today == nearest(date, last);
            case 'W' -> special.day() <= last && today == nearest(date, special.day());
            case 'F' -> named && today > last - 7;
            default -> named && (today + 6) / 7 == special.n();
        };
    }

    /** Returns the weekday nearest to a day of the date's month, in that month. */
    private static int nearest(LocalDate date, int day) {
        DayOfWeek at = date.withDayOfMonth(day).getDayOfWeek();
        if (at == DayOfWeek.SATURDAY) {
            return day > 1 ? day - 1 : day + 2;
        }
        if (at == DayOfWeek.SUNDAY) {
            return day < date.lengthOfMonth() ? day + 1 : day - 2;
        }
        return day;
    }

    /** Says in words when it fits: in Chinese for {@code zh}, in English for all others. */
    public String describe(Locale locale) {
        return CronWords.of(locale).describe(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Cron cron && cron.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Returns the text that was read. */
    @Override
    public String toString() {
        return text;
    }
}
