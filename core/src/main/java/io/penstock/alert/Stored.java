package io.penstock.alert;

import io.penstock.notice.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What another process has to know of an alert to go on with it, as one line of at most {@value #MOST_CHARACTERS}
 * characters; also how its end is remembered.
 *
 * @param process empty = it is of the whole Redis
 * @param sinceMillis when the line was passed; millis are of the clock of Redis, 0 = never
 * @param begun whether somebody was told that it fires and not yet that it ended
 * @param owed whether somebody is still to be told of the last change
 * @param fires when it fired, in the last hour
 */
record Stored(
        String id,
        String rule,
        String metric,
        String process,
        Phase phase,
        long sinceMillis,
        long firedMillis,
        long resolvedMillis,
        boolean begun,
        boolean owed,
        double value,
        double threshold,
        Severity severity,
        String reason,
        List<Long> fires) {
    /** Names of at most 300 characters, a reason of at most 240, 60 times of firing. */
    static final int MOST_CHARACTERS = 1_600;

    private static final int FIELDS = 15;

    /** What it does. */
    enum Phase {
        CALM,
        PENDING,
        FIRING
    }

    Stored {
        fires = List.copyOf(fires);
    }

    /** The same as the memory of an alert that ended: without what only a living one needs. */
    Stored past() {
        return new Stored(
                id,
                rule,
                metric,
                process,
                Phase.CALM,
                sinceMillis,
                firedMillis,
                resolvedMillis,
                begun,
                false,
                value,
                threshold,
                severity,
                reason,
                List.of());
    }

    String write() {
        return String.join(
                "\t",
                id,
                rule,
                metric,
                process,
                phase.name(),
                Long.toString(sinceMillis),
                Long.toString(firedMillis),
                Long.toString(resolvedMillis),
                begun ? "1" : "0",
                owed ? "1" : "0",
                Double.toString(value),
                Double.toString(threshold),
                severity.name(),
                reason,
                String.join(",", fires.stream().map(at -> Long.toString(at)).toList()));
    }

    /** @throws IllegalArgumentException if it is no such line */
    static Stored read(String line) {
        String[] part = line.split("\t", -1);
        if (part.length < FIELDS) {
            throw new IllegalArgumentException("alert has " + part.length + " fields, not " + FIELDS);
        }
        List<Long> fires = new ArrayList<>();
        for (String at : part[14].split(",", AlertRule.MOST_AN_HOUR + 1)) {
            if (!at.isEmpty()) {
                fires.add(Long.parseLong(at));
            }
        }
        return new Stored(
                part[0],
                part[1],
                part[2],
                part[3],
                Phase.valueOf(part[4].toUpperCase(Locale.ROOT)),
                Long.parseLong(part[5]),
                Long.parseLong(part[6]),
                Long.parseLong(part[7]),
                part[8].equals("1"),
                part[9].equals("1"),
                Double.parseDouble(part[10]),
                Double.parseDouble(part[11]),
                Severity.valueOf(part[12]),
                part[13],
                fires);
    }
}
