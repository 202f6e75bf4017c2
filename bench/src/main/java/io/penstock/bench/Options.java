package io.penstock.bench;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to measure and how much of it.
 *
 * @param jobs jobs of one throughput measurement, 500 to 10,000,000
 * @param rounds rounds that count, 1 to 99; one more before them does not
 * @param payload bytes of one payload, 40 to 200,000
 * @param large jobs waiting in the longer of the two lines whose cost is compared, 1,000 to 50,000,000
 * @param only groups of lines to measure
 * @param redis address of a Redis to use; null = two embedded ones
 */
record Options(
        int jobs,
        int rounds,
        int payload,
        int large,
        Set<Line.Group> only,
        @Nullable String redis,
        boolean quick,
        boolean json) {
    static final String USAGE = """
            usage: bench [--jobs N] [--rounds N] [--payload BYTES] [--only GROUP,...] [--redis URI]
                         [--quick] [--large N] [--json]
              --jobs N        jobs of one throughput measurement, 500 to 10000000 (200000)
              --rounds N      rounds that count, 1 to 99 (5); one warm-up round before them does not
              --payload BYTES bytes of one payload, 40 to 200000 (200)
              --only GROUPS   floor throughput single idle bytes growth connections rss io (all)
              --redis URI     redis://[:password@]host:port or redis-socket:///path (two embedded ones)
              --quick         fewer jobs and rounds: less than 40 seconds
              --large N       jobs waiting in the longer line of the comparison (1000000)
              --json          one JSON object instead of the table
            """;

    /** A command line that says something else. */
    static final class Wrong extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    static Options parse(String[] args) {
        boolean quick = Arrays.asList(args).contains("--quick");
        int jobs = quick ? 50_000 : 200_000;
        int rounds = quick ? 2 : 5;
        int payload = 200;
        int large = quick ? 100_000 : 1_000_000;
        Set<Line.Group> only = EnumSet.allOf(Line.Group.class);
        String redis = null;
        boolean json = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--jobs" -> jobs = number(args, ++i, 500, 10_000_000);
                case "--rounds" -> rounds = number(args, ++i, 1, 99);
                case "--payload" -> payload = number(args, ++i, 40, 200_000);
                case "--only" -> only = groups(value(args, ++i));
                case "--redis" -> redis = value(args, ++i);
                case "--quick" -> quick = true;
                case "--large" -> large = number(args, ++i, 1_000, 50_000_000);
                case "--json" -> json = true;
                default -> throw new Wrong("unknown option " + args[i] + "; nothing was measured");
            }
        }
        return new Options(jobs, rounds, payload, large, only, redis, quick, json);
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            throw new Wrong(args[at - 1] + " needs a value; nothing was measured");
        }
        return args[at];
    }

    private static int number(String[] args, int at, int least, int most) {
        String text = value(args, at);
        int number;
        try {
            number = Integer.parseInt(text);
        } catch (NumberFormatException none) {
            number = Integer.MIN_VALUE;
        }
        if (number < least || number > most) {
            throw new Wrong(args[at - 1] + " " + text + " is not a number from " + least + " to " + most
                    + "; nothing was measured");
        }
        return number;
    }

    private static Set<Line.Group> groups(String names) {
        Set<Line.Group> some = EnumSet.noneOf(Line.Group.class);
        for (String name : names.split(",", -1)) {
            some.add(Arrays.stream(Line.Group.values())
                    .filter(group -> group.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new Wrong("--only " + name + " is none of the groups; nothing was measured")));
        }
        return some;
    }

    boolean wants(Line.Group group) {
        return only.contains(group);
    }
}
