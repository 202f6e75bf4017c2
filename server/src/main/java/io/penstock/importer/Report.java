package io.penstock.importer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was found, taken, left and removed; bounded whatever the size of the source. */
public final class Report {
    /** Lines of each kind that are told apart; beyond it they are only counted in the totals. */
    private static final int MOST_LINES = 200;

    /** Jobs named for each reason or warning. */
    private static final int MOST_SAMPLES = 5;

    private static final int MOST_SAMPLE_TEXT = 120;

    private final Map<String, Row> rows = new TreeMap<>();
    private final Map<String, Told> skipped = new LinkedHashMap<>();
    private final Map<String, Told> warned = new LinkedHashMap<>();
    private final Map<String, Told> left = new LinkedHashMap<>();
    private final Map<String, Told> removals = new LinkedHashMap<>();
    private long broken;

    /** Jobs of one queue of the source in one state. */
    private static final class Row {
        final String from;
        final String state;
        String to = "";
        long found;
        long imported;
        long before;
        long notTaken;
        long removed;

        Row(String from, String state) {
            this.from = from;
            this.state = state;
        }

        ObjectNode json() {
            return Json.object()
                    .put("from", from)
                    .put("state", state)
                    .put("to", to)
                    .put("found", found)
                    .put("imported", imported)
                    .put("before", before)
                    .put("notTaken", notTaken)
                    .put("removed", removed);
        }
    }

    /** Something that happened to many, with a few of them by name. */
    private static final class Told {
        long count;
        final List<String> samples = new ArrayList<>(MOST_SAMPLES);
    }

    private Row row(Draft draft, Place place) {
        String key = draft.queue + "\n" + place.state();
        Row row = rows.get(key);
        if (row == null) {
            boolean room = rows.size() < MOST_LINES;
            row = rows.computeIfAbsent(
                    room ? key : "\uffff", any -> new Row(room ? draft.queue : "(others)", place.state()));
        }
        return row;
    }

    private static void tell(Map<String, Told> of, String what, String sample, long count) {
        String key = of.size() < MOST_LINES || of.containsKey(what) ? what : "(others)";
        Told told = of.computeIfAbsent(key, any -> new Told());
        told.count += count;
        if (told.samples.size() < MOST_SAMPLES && !sample.isEmpty()) {
            told.samples.add(Draft.cut(sample, MOST_SAMPLE_TEXT));
        }
    }

    void found(Draft draft, Place place) {
        row(draft, place).found++;
        draft.warnings.forEach(warning -> tell(warned, warning, draft.queue + " " + draft.id, 1));
    }

    void notTaken(Draft draft, Place place, String reason, boolean isBroken) {
        row(draft, place).notTaken++;
        broken += isBroken ? 1 : 0;
        tell(skipped, reason, draft.queue + " " + draft.id, 1);
    }

    void imported(Draft draft, Place place, String to, boolean before) {
        Row row = row(draft, place);
        row.to = to;
        if (before) {
            row.before++;
        } else {
            row.imported++;
        }
    }

    void removed(Draft draft, Place place) {
        row(draft, place).removed++;
    }

    void takenMeanwhile(Draft draft) {
        tell(
                removals,
                "imported, but the source took it meanwhile: it may run in both",
                draft.queue + " " + draft.id,
                1);
    }

    /** Tells of things that stay where they are. */
    void stays(String what, long count, List<String> samples) {
        if (count > 0) {
            tell(left, what, "", count);
            samples.forEach(sample -> tell(left, what, sample, 0));
        }
    }

    void warn(String warning) {
        tell(warned, warning, "", 1);
    }

    /** Whether something that should have been taken was not. */
    public boolean partly() {
        return broken > 0;
    }

    /** Returns how many jobs are in, now or before. */
    public long taken() {
        return rows.values().stream()
                .mapToLong(row -> row.imported + row.before)
                .sum();
    }

    /** Returns all of it; see docs/import.md. */
    public ObjectNode json() {
        ObjectNode json = Json.object();
        json.putObject("totals");
        Row all = new Row("", "");
        ArrayNode lines = json.putArray("queues");
        for (Row row : rows.values()) {
            all.found += row.found;
            all.imported += row.imported;
            all.before += row.before;
            all.notTaken += row.notTaken;
            all.removed += row.removed;
            lines.add(row.json());
        }
        ObjectNode sums = all.json();
        sums.remove(List.of("from", "state", "to"));
        json.set("totals", sums);
        told(json.putArray("notTaken"), skipped);
        told(json.putArray("warnings"), warned);
        told(json.putArray("staysBehind"), left);
        told(json.putArray("removals"), removals);
        return json;
    }

    private static void told(ArrayNode to, Map<String, Told> from) {
        from.forEach((what, told) -> {
            ArrayNode samples =
                    to.addObject().put("what", what).put("count", told.count).putArray("samples");
            told.samples.forEach(samples::add);
        });
    }
}
