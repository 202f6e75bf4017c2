package io.penstock.cli.top;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Sizes;
import io.penstock.cli.output.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/** One picture of the installation, as many lines as the terminal has, none wider than it. */
final class Frame {
    private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
    private static final AttributedStyle BOLD = PLAIN.bold();
    private static final AttributedStyle DIM = PLAIN.faint();
    private static final AttributedStyle RED = PLAIN.foreground(AttributedStyle.RED);
    private static final AttributedStyle YELLOW = PLAIN.foreground(AttributedStyle.YELLOW);
    private static final AttributedStyle GREEN = PLAIN.foreground(AttributedStyle.GREEN);

    private static final int MOST_PROBLEMS = 2;

    /** Of the gauge, whose text stands behind it. */
    private static final int BESIDE_GAUGE = 38;

    private static final List<String> HELP = List.of(
            "q  Ctrl-C      quit",
            "up down k j    select a queue; PgUp PgDn Home End go further",
            "p              pause the selected queue, or resume it",
            "/              filter by name; Enter keeps the filter, Esc drops it",
            "s              sort by the next column",
            "r              look again now",
            "h  ?           this help; any key leaves it",
            "",
            "line           [###++|...]  # in use, + promised to jobs, | the load line",
            "RUN99 WAIT99   99 of 100 jobs ran, waited, no longer than so many ms");

    private final int width;
    private final int height;
    private final List<AttributedString> lines = new ArrayList<>();

    private Frame(int width, int height) {
        this.width = width;
        this.height = height;
    }

    /**
     * Draws it.
     *
     * @param about what stands at the top: the server and the period
     * @param fault why the numbers are old, empty when they are not
     */
    static List<AttributedString> of(JsonNode overview, View view, String about, String fault, int width, int height) {
        Frame frame = new Frame(Math.max(40, width), Math.max(10, height));
        frame.head(overview, about, fault);
        if (view.help()) {
            frame.add("", PLAIN);
            HELP.forEach(line -> frame.add("  " + line, PLAIN));
        } else {
            frame.tables(overview, view);
        }
        return frame.finished(view);
    }

    private void add(String text, AttributedStyle style) {
        add(new AttributedString(Table.plain(text).replace('\n', ' '), style));
    }

    private void add(AttributedString line) {
        if (lines.size() < height - 1) { // the last is the footer's
            lines.add(line.columnLength() <= width ? line : line.columnSubSequence(0, width));
        }
    }

    private AttributedString line(String title, Object... parts) {
        AttributedStringBuilder line = new AttributedStringBuilder();
        line.append(String.format(Locale.ROOT, "%-8s", title), DIM);
        for (int i = 0; i < parts.length; i += 2) {
            line.append(Table.plain((String) parts[i]).replace('\n', ' '), (AttributedStyle) parts[i + 1]);
        }
        return line.toAttributedString();
    }

    private void head(JsonNode overview, String about, String fault) {
        add(fault.isEmpty() ? line("penstock", " " + about, PLAIN) : line("penstock", " " + fault, RED));
        JsonNode memory = overview.path("memory");
        String level = memory.path("level").asText("?");
        String cause = memory.path("cause").asText("");
        add(line(
                "memory",
                level,
                level(level),
                "  heap " + Sizes.bytes(memory.path("heapUsedBytes")) + " of "
                        + Sizes.bytes(memory.path("heapMaxBytes"))
                        + "  live " + Sizes.bytes(memory.path("liveSetBytes")) + "  RSS "
                        + Sizes.bytes(memory.path("rssBytes"))
                        + (level.equals("NORMAL") || cause.isEmpty() ? "" : "  " + cause),
                PLAIN));
        add(line("line", gauge(memory), PLAIN));
        redis(overview.path("redis"));
        JsonNode counts = overview.path("counts");
        long failed = counts.path("failed").asLong();
        add(line(
                "jobs",
                counts.path("waiting").asLong() + " waiting  "
                        + counts.path("delayed").asLong() + " delayed  "
                        + counts.path("active").asLong() + " active  ",
                PLAIN,
                failed + " failed",
                failed > 0 ? YELLOW : PLAIN,
                String.format(
                                Locale.ROOT,
                                "  %.1f/s  oldest ",
                                overview.path("throughputPerSecond").asDouble())
                        + rough(overview.path("oldestWaitingMillis").asLong()),
                PLAIN));
        int shown = 0;
        for (JsonNode problem : overview.path("problems")) {
            if (shown++ < MOST_PROBLEMS) {
                add(line(
                        "!",
                        problem.path("subject").asText() + ": "
                                + problem.path("detail").asText(),
                        problem.path("severity").asText().equals("critical") ? RED : YELLOW));
            }
        }
    }

    private static AttributedStyle level(String level) {
        return switch (level) {
            case "NORMAL" -> GREEN;
            case "WATCH", "HIGH" -> YELLOW;
            default -> RED.bold();
        };
    }

    private void redis(JsonNode redis) {
        boolean up = redis.path("answering").asBoolean()
                && redis.path("status").asText().equals("UP");
        JsonNode pool = redis.path("pool");
        JsonNode p99 = redis.path("p99Millis");
        add(line(
                "redis",
                redis.path("answering").asBoolean(true) ? redis.path("status").asText("?") : "AWAY",
                up ? GREEN : RED,
                (p99.isNumber() ? String.format(Locale.ROOT, "  p99 %.1f ms", p99.asDouble()) : "") + "  memory "
                        + Sizes.bytes(redis.path("usedBytes")) + "  "
                        + redis.path("connections").asLong() + " connections  pool "
                        + pool.path("active").asLong() + "/"
                        + pool.path("total").asLong() + " of "
                        + pool.path("max").asLong(),
                PLAIN,
                "  " + pool.path("waiting").asLong() + " wait",
                pool.path("waiting").asLong() > 0 ? YELLOW : PLAIN));
    }

    private String gauge(JsonNode memory) {
        double heap = memory.path("heapBytes").asDouble();
        if (heap <= 0 || memory.path("mode").asText().equals("off")) {
            return "off";
        }
        int cells = Math.max(10, Math.min(60, width - BESIDE_GAUGE));
        double base = memory.path("baseBytes").asDouble() / heap;
        double promised = base + memory.path("runningBytes").asDouble() / heap;
        double line = memory.path("lineBytes").asDouble() / heap;
        int mark = (int) Math.min(cells - 1, Math.round(line * cells));
        StringBuilder bar = new StringBuilder();
        for (int i = 0; i < cells; i++) {
            double at = (i + 0.5) / cells;
            bar.append(i == mark ? '|' : at < base ? '#' : at < promised ? '+' : '.');
        }
        return "[" + bar + "] " + Math.round(promised * 100) + " % of " + Math.round(line * 100) + " %  "
                + memory.path("running").asLong() + " run "
                + memory.path("waiting").asLong() + " wait"
                + (memory.path("mode").asText("enforce").equals("enforce")
                        ? ""
                        : " (" + memory.path("mode").asText() + ")");
    }

    private static String rough(long millis) {
        return millis <= 0 ? "-" : Ages.rough(Duration.ofMillis(millis));
    }

    private void tables(JsonNode overview, View view) {
        add("", PLAIN);
        List<JsonNode> queues = view.queues(overview);
        JsonNode workers = overview.path("workers").path("items");
        int room = height - 1 - lines.size();
        int forWorkers = Math.min(workers.size() + 2, Math.max(4, room / 3)); // a blank line and the title
        Columns columns = Columns.queues(width);
        add(columns.title(view.order()));
        int rows = Math.max(1, room - 1 - (workers.isEmpty() ? 0 : forWorkers));
        int selected = view.row(queues);
        int first = Math.max(0, Math.min(selected - rows / 2, queues.size() - rows));
        for (int i = first; i < Math.min(queues.size(), first + rows); i++) {
            add(columns.row(queues.get(i), i == selected));
        }
        if (queues.isEmpty()) {
            add(view.filter().isEmpty() ? "no queues yet" : "no queue has \"" + view.filter() + "\" in its name", DIM);
        }
        if (!workers.isEmpty()) {
            add("", PLAIN);
            Columns table = Columns.workers(width);
            add(table.title(null));
            workers.forEach(worker -> add(table.row(worker, false)));
        }
    }

    private List<AttributedString> finished(View view) {
        while (lines.size() < height - 1) {
            lines.add(AttributedString.EMPTY);
        }
        String keys = "q quit  p pause  / filter  s sort: " + view.order().shown() + "  h help";
        AttributedString footer;
        if (view.typing()) {
            footer = new AttributedString("/" + view.filter() + "_  Enter keeps, Esc drops", BOLD);
        } else if (!view.message().isEmpty()) {
            footer = new AttributedString(Table.plain(view.message()).replace('\n', ' '), BOLD);
        } else {
            footer = new AttributedString(
                    keys + (view.filter().isEmpty() ? "" : "  filter: " + view.filter()), PLAIN.inverse());
        }
        lines.add(footer.columnLength() <= width ? footer : footer.columnSubSequence(0, width));
        return lines;
    }
}
