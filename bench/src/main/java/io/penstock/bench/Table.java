package io.penstock.bench;

import io.penstock.bench.Line.Column;
import io.penstock.bench.Line.Unit;
import io.penstock.bench.Results.Summary;
import io.penstock.job.Payload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The results as one table of 80 columns, or as JSON. */
final class Table {
    private static final String ROW = "%-25s %7s %-11s %7s %-11s %9s %s%n";

    /** Measured once on a machine of this kind, without persistence, 200-byte payloads; not measured again here. */
    private static final String PEERS = """

            Quoted for comparison, not measured in this run (2 cores, Redis 7.0 beside it):
              end to end jobs/s     BullMQ 6.7 6.4-7.5k, Sidekiq 6.4 5.4-6.0k, JobRunr 0.3k
              Redis us/job          BullMQ 65-73, Sidekiq 17.5
              bulk / 200 callers    BullMQ 22k / 22-31k, Sidekiq 92-102k / 10k
              idle p50 / p99 ms     BullMQ 0.61 / 3.0, Sidekiq 0.72 / 5.7, JobRunr 4,706
              bytes over body       BullMQ 550 waiting, 1,060 kept when done
              connections 3x5, 200  BullMQ 9, 3; Sidekiq 16, 201
              RSS MB                JobRunr 312 loaded
            """;

    private final Results results;
    private final Map<String, Object> facts;

    /** @param facts about the run, in the order in which they are shown */
    Table(Results results, Map<String, Object> facts) {
        this.results = results;
        this.facts = facts;
    }

    String text() {
        StringBuilder out = new StringBuilder();
        facts.forEach(
                (name, value) -> out.append(name).append(' ').append(value).append('\n'));
        out.append("median and least-most; ! misses its target; us/job is processor time; k = 1,000\n\n");
        out.append(row("persistence", "off", "", "fsync/s", "", "target", ""));
        for (Line line : Line.values()) {
            Optional<Summary> off = results.of(line, Column.OFF);
            Optional<Summary> durable = results.of(line, Column.EVERYSEC);
            if (off.isPresent() || durable.isPresent()) {
                out.append(row(
                        line.label,
                        middle(line, Column.OFF, off),
                        range(line, off),
                        middle(line, Column.EVERYSEC, durable),
                        range(line, durable),
                        target(line),
                        verdict(line)));
            }
        }
        return out.append(PEERS).toString();
    }

    private static String row(Object... cells) {
        return ROW.formatted(cells).replaceAll(" +(\\R)", "$1");
    }

    private static String middle(Line line, Column column, Optional<Summary> summary) {
        return summary.map(s -> number(s.median(), line.unit) + (line.reaches(s.median(), column) ? " " : "!"))
                .orElse("- ");
    }

    private static String range(Line line, Optional<Summary> summary) {
        return summary.filter(s -> s.rounds() > 1)
                .map(s -> number(s.least(), line.unit) + "-" + number(s.most(), line.unit))
                .orElse("");
    }

    private static String target(Line line) {
        double off = line.target(Column.OFF);
        double durable = line.target(Column.EVERYSEC);
        if (Double.isNaN(off)) {
            return "";
        }
        return number(off, line.unit) + (Double.isNaN(durable) ? "" : "/" + number(durable, line.unit));
    }

    private String verdict(Line line) {
        if (Double.isNaN(line.target(Column.OFF))) {
            return "";
        }
        return passes(line) ? "pass" : "MISS";
    }

    private boolean passes(Line line) {
        for (Column column : Column.values()) {
            if (results.of(line, column)
                    .filter(s -> !line.reaches(s.median(), column))
                    .isPresent()) {
                return false;
            }
        }
        return true;
    }

    static String number(double value, Unit unit) {
        if (unit == Unit.COUNT) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        if (unit == Unit.RATE && value >= 999_500) {
            return String.format(Locale.ROOT, "%.2fM", value / 1e6);
        }
        if (unit == Unit.RATE && value >= 1_000) {
            return String.format(Locale.ROOT, value < 99_500 ? "%.1fk" : "%.0fk", value / 1e3);
        }
        int decimals = Math.abs(value) >= 99.5 ? 0 : Math.abs(value) >= 9.95 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    String json() {
        List<Object> lines = new ArrayList<>();
        for (Line line : Line.values()) {
            Map<String, Object> about = new LinkedHashMap<>();
            about.put("line", line.name().toLowerCase(Locale.ROOT).replace('_', '.'));
            about.put("unit", line.unit.text);
            for (Column column : Column.values()) {
                results.of(line, column)
                        .ifPresent(s -> about.put(column.name().toLowerCase(Locale.ROOT), summary(line, column, s)));
            }
            if (about.size() > 2) {
                lines.add(about);
            }
        }
        Map<String, Object> all = new LinkedHashMap<>(facts);
        all.put("lines", lines);
        return new String(Payload.encode(all), StandardCharsets.UTF_8);
    }

    private static Map<String, Object> summary(Line line, Column column, Summary s) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("median", s.median());
        numbers.put("least", s.least());
        numbers.put("most", s.most());
        numbers.put("rounds", s.rounds());
        if (!Double.isNaN(line.target(column))) {
            numbers.put("target", line.target(column));
            numbers.put("pass", line.reaches(s.median(), column));
        }
        return numbers;
    }
}
