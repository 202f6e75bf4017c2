package io.penstock.cron;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One field of a cron expression: the values that fit, as bits, and what cannot be said in values.
 *
 * @param bits bit n = value n fits; Sunday is 0
 * @param star whether it begins with {@code *} or {@code ?}, as Vixie's cron asks before it joins the two day fields
 * @param specials days that depend on the month: {@code L W #}
 */
record CronField(long bits, boolean star, List<Special> specials) {
    /**
     * A day that depends on the month.
     *
     * @param kind {@code L} last day less {@code n}, {@code B} last weekday (LW), {@code W} weekday nearest to day {@code day},
     *     {@code F} last {@code day} of the week, {@code #} the n-th {@code day} of the week
     */
    record Special(char kind, int day, int n) {}

    /** What a field may hold. */
    enum Kind {
        SECOND(0, 59, ""),
        MINUTE(0, 59, ""),
        HOUR(0, 23, ""),
        DAY(1, 31, ""),
        MONTH(1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
        WEEKDAY(0, 7, "SUN MON TUE WED THU FRI SAT");

        final int least;
        final int most;
        private final String names;

        Kind(int least, int most, String names) {
            this.least = least;
            this.most = most;
            this.names = names;
        }

        String title() {
            return switch (this) {
                case DAY -> "day of the month";
                case WEEKDAY -> "day of the week";
                default -> name().toLowerCase(Locale.ROOT);
            };
        }

        /** Sunday is 0 and 7, and one bit. */
        int span() {
            return this == WEEKDAY ? 7 : most - least + 1;
        }

        String legal() {
            String values = least + " to " + most
                    + (names.isEmpty()
                            ? ""
                            : " or " + names.substring(0, 3) + " to " + names.substring(names.length() - 3));
            return values + ", *, lists a,b, ranges a-b and steps a-b/n or */n"
                    + switch (this) {
                        case DAY -> ", ?, L, L-3, LW, 15W";
                        case WEEKDAY -> ", ?, FRIL or 5L (the last Friday), MON#2 (the second Monday)";
                        default -> "";
                    };
        }
    }

    /** Reads a field in upper case; faults are told as {@link Fault}. */
    static CronField parse(Kind kind, String text) {
        long bits = 0;
        List<Special> specials = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!special(kind, part, specials)) {
                bits |= range(kind, part);
            }
        }
        return new CronField(bits, text.startsWith("*") || text.startsWith("?"), List.copyOf(specials));
    }

    /** A value that a field may not have; the expression around it makes the message whole. */
    static final class Fault extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Fault(Kind kind, String why) {
            super(kind.title() + " " + why + "; nothing was scheduled; write " + kind.legal());
        }
    }

    private static boolean special(Kind kind, String part, List<Special> into) {
        if (kind == Kind.DAY) {
            if (part.equals("LW")) {
                return into.add(new Special('B', 0, 0));
            }
            if (part.equals("L")) {
                return into.add(new Special('L', 0, 0));
            }
            if (part.startsWith("L-")) {
                return into.add(new Special('L', 0, number(kind, part.substring(2), 1, 30)));
            }
            if (part.endsWith("W")) {
                return into.add(new Special('W', value(kind, part.substring(0, part.length() - 1)), 0));
            }
        }
        if (kind == Kind.WEEKDAY) {
            int hash = part.indexOf('#');
            if (hash >= 0) {
                int nth = number(kind, part.substring(hash + 1), 1, 5);
                return into.add(new Special('#', value(kind, part.substring(0, hash)) % 7, nth));
            }
            if (part.equals("L")) {
                throw new Fault(kind, "L is Saturday to some and the last day of the month to others");
            }
            if (part.endsWith("L")) {
                return into.add(new Special('F', value(kind, part.substring(0, part.length() - 1)) % 7, 0));
            }
        }
        return false;
    }

    private static long range(Kind kind, String part) {
        int slash = part.indexOf('/');
        String base = slash < 0 ? part : part.substring(0, slash);
        int step = slash < 0 ? 1 : number(kind, part.substring(slash + 1), 1, kind.most);
        if (base.equals("?")) {
            if ((kind != Kind.DAY && kind != Kind.WEEKDAY) || slash >= 0) {
                throw new Fault(kind, shown(part) + " is not legal here");
            }
            return bits(kind, kind.least, kind.least + kind.span() - 1, 1);
        }
        if (base.equals("*")) {
            return bits(kind, kind.least, kind.least + kind.span() - 1, step);
        }
        int dash = base.indexOf('-', 1);
        if (dash > 0) {
            int from = value(kind, base.substring(0, dash));
            int to = value(kind, base.substring(dash + 1));
            // backwards over the end: FRI-MON, 22-2
            return bits(kind, from, from <= to ? to : to + kind.span(), step);
        }
        int from = value(kind, base);
        return bits(kind, from, slash < 0 ? from : Math.max(from, kind.least + kind.span() - 1), step);
    }

    private static long bits(Kind kind, int from, int to, int step) {
        long bits = 0;
        for (int value = from; value <= to; value += step) {
            bits |= 1L << (kind.least + (value - kind.least) % kind.span());
        }
        return bits;
    }

    private static int value(Kind kind, String text) {
        int named = text.matches("[A-Z]{3}") ? kind.names.indexOf(text) : -1; // names have three letters and a space
        return named >= 0 ? named / 4 + kind.least : number(kind, text, kind.least, kind.most);
    }

    private static int number(Kind kind, String text, int least, int most) {
        if (!text.matches("\\d{1,4}")) {
            throw new Fault(kind, shown(text) + " is no value");
        }
        int number = Integer.parseInt(text);
        if (number < least || number > most) {
            throw new Fault(kind, text + " is outside " + least + " to " + most);
        }
        return number;
    }

    private static String shown(String text) {
        return "\"" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "\"";
    }

    boolean has(int value) {
        return (bits >>> value & 1) == 1;
    }

    /** Returns the first value from this one on, or -1. */
    int from(int value) {
        long left = value > 63 ? 0 : bits >>> value << value;
        return left == 0 ? -1 : Long.numberOfTrailingZeros(left);
    }
}
