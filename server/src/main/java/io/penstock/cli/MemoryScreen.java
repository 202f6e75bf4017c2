package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import io.penstock.cli.output.Output;
import io.penstock.cli.output.Sizes;
import java.time.Duration;
import java.util.Locale;

/** Memory for a person: the state on one screen, and the report of an optimisation. */
final class MemoryScreen {
    private static final String UNKNOWN = "unknown";

    /** What stands beside the gauge on its line. */
    private static final int BESIDE_GAUGE = 40;

    private final Output output;
    private final int width;

    MemoryScreen(Output output, int width) {
        this.output = output;
        this.width = width;
    }

    /** A column that shows bytes in the unit that fits. */
    static Column bytes(String title, String pointer) {
        return new Column(title, false, true, row -> {
            JsonNode bytes = row.at(pointer);
            return bytes.isNumber() ? size(bytes) : "";
        });
    }

    static String size(JsonNode bytes) {
        return Sizes.bytes(bytes);
    }

    /** @param whole what stands for 100 % */
    static String percent(JsonNode share, double whole) {
        return Sizes.percent(share, whole);
    }

    void show(JsonNode memory) {
        JsonNode sample = memory.path("sample");
        String switched = memory.path("enabled").asBoolean() ? "" : "  (not watched: memoryOptimization.enabled=false)";
        line(
                "memory",
                memory.path("level").asText() + "  "
                        + memory.at("/health/status").asText() + switched);
        line("load line", gauge(memory.path("admission")));
        line(
                "heap",
                size(sample.path("heapUsedBytes")) + " used of " + size(sample.path("heapMaxBytes")) + " ("
                        + percent(sample.path("heapUsedPercentage"), 100) + ")  live set "
                        + size(sample.path("liveSetBytes")));
        line(
                "process",
                "RSS " + size(sample.path("rssBytes")) + "  direct " + size(sample.path("directBytes")) + "  metaspace "
                        + size(sample.path("metaspaceBytes")));
        line("collector", collector(sample));
        line("jobs", jobs(memory.path("admission")));
        line("trend", trend(memory.path("trend")));
        line("leak", leak(memory.path("leak")));
        line("last run", lastRun(memory.path("optimization")));
        memory.at("/health/issues").forEach(issue -> output.paragraph("! " + issue.asText()));
        memory.path("recommendations").forEach(advice -> output.paragraph("> " + advice.asText()));
    }

    private void line(String title, String text) {
        output.paragraph(String.format(Locale.ROOT, "%-10s %s", title, text));
    }

    /** The heap from left to right: {@code #} in use, {@code +} promised to jobs, {@code |} the line. */
    private String gauge(JsonNode admission) {
        double heap = admission.path("heapBytes").asDouble();
        int cells = Math.max(10, Math.min(60, width - BESIDE_GAUGE));
        if (heap <= 0 || admission.path("mode").asText().equals("off")) {
            return "off";
        }
        double base = admission.path("baseBytes").asDouble() / heap;
        double promised = base + admission.path("runningBytes").asDouble() / heap;
        int mark = (int) Math.min(cells - 1, Math.round(admission.path("line").asDouble() * cells));
        StringBuilder bar = new StringBuilder();
        for (int i = 0; i < cells; i++) {
            double at = (i + 0.5) / cells;
            bar.append(i == mark ? '|' : at < base ? '#' : at < promised ? '+' : '.');
        }
        String mode = admission.path("mode").asText();
        return "[" + bar + "] " + Math.round(promised * 100) + " % of heap, line " + percent(admission.path("line"), 1)
                + (mode.equals("enforce") ? "" : " (" + mode + ")");
    }

    private static String collector(JsonNode sample) {
        return sample.path("gcCount").asText(UNKNOWN) + " collections, "
                + sample.path("gcMillis").asText(UNKNOWN) + " ms in pauses, "
                + String.format(Locale.ROOT, "%.1f", sample.path("gcPauseShare").asDouble() * 100)
                + " % of the last minute";
    }

    private static String jobs(JsonNode admission) {
        return admission.path("running").asLong() + " running, "
                + size(admission.path("runningBytes")) + " promised, "
                + admission.path("waiting").asLong() + " waiting; "
                + admission.path("admitted").asLong() + " admitted, "
                + admission.path("waited").asLong() + " had to wait";
    }

    static String trend(JsonNode trend) {
        if (!trend.path("known").asBoolean()) {
            return "unknown: " + trend.path("floors").asInt() + " of "
                    + trend.path("floorsNeeded").asInt() + " floors of the live set seen";
        }
        String rest = trend.path("floors").asInt() + " floors in "
                + Ages.rough(Duration.ofSeconds(trend.path("windowSeconds").asLong()));
        if (!trend.path("growing").asBoolean()) {
            return "not growing beyond noise, " + rest;
        }
        double perMinute = trend.path("slopeBytesPerSecond").asDouble() * 60 / (1 << 20);
        String pace = String.format(Locale.ROOT, "%+.2f MB a minute, ", perMinute) + rest;
        JsonNode low = trend.path("timeToFullLowSeconds");
        JsonNode high = trend.path("timeToFullHighSeconds");
        String full = !low.isNumber()
                ? ""
                : ", full in " + seconds(low) + (high.isNumber() ? " to " + seconds(high) : " or later");
        return "growing, " + pace + full;
    }

    private static String seconds(JsonNode seconds) {
        return Ages.rough(Duration.ofSeconds(seconds.asLong()));
    }

    private static String leak(JsonNode leak) {
        String verdict = leak.path("verdict").asText(UNKNOWN);
        JsonNode evidence = leak.path("evidence");
        return evidence.isEmpty() ? verdict : verdict + ": " + evidence.get(0).asText();
    }

    private static String lastRun(JsonNode optimization) {
        if (optimization.path("underway").isTextual()) {
            return "one is under way: " + optimization.path("underway").asText();
        }
        JsonNode last = optimization.path("last");
        if (!last.isObject()) {
            return optimization.path("here").asBoolean() ? "none yet" : "another part of this process optimises";
        }
        return last.path("strategy").asText() + " "
                + Ages.since(last.path("startedAt")) + " ago: freed "
                + size(last.path("freedBytes")) + ", returned "
                + size(last.path("rssReturnedBytes"))
                + (last.path("success").asBoolean() ? ", goal met" : ", goal missed");
    }

    /** Shows what a run gave. */
    void report(JsonNode report) {
        line(
                "run",
                report.path("id").asText() + "  " + report.path("strategy").asText() + "  took "
                        + Ages.millis(report.path("durationMillis"))
                        + (report.path("success").asBoolean() ? "  goal met" : "  goal missed"));
        line("live set", change(report, "liveSetBytes"));
        line("used", change(report, "heapUsedBytes"));
        line("RSS", change(report, "rssBytes"));
        line(
                "freed",
                size(report.path("freedBytes"))
                        + (report.path("measured").asBoolean() ? " measured" : " (not measured)") + ", returned "
                        + size(report.path("rssReturnedBytes")));
        for (JsonNode step : report.path("steps")) {
            String gain = step.path("freedBytes").isNumber() ? size(step.path("freedBytes")) + " by its count" : "-";
            String end = step.path("ok").asBoolean() ? gain : step.path("error").asText();
            line("step", step.path("name").asText() + ": " + end);
        }
        output.paragraph(report.path("outcome").asText());
    }

    private static String change(JsonNode report, String field) {
        return size(report.path("before").path(field)) + " -> "
                + size(report.path("after").path(field));
    }
}
