package io.penstock.examples.chat.acceptance;

import io.penstock.examples.chat.acceptance.Chats.Outcome;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;

/** The rows of the field report, filled with what was measured. */
final class Report {
    private static final double MEGABYTE = 1 << 20;

    /**
     * What is of no subject.
     *
     * @param model asked directly
     * @param few of ours with 5 slots, null = not run
     * @param oldDayBytes what a day of the old monitoring weighs
     */
    record Run(Options options, Outcome model, Outcome few, long oldDayBytes) {}

    private final Options options;
    private final Run run;
    private final Outcome model;
    private final Measured then;
    private final Measured now;
    private final Table table =
            new Table("row", "report before", "report hoped", "replay measured", "ours measured", "verdict");
    private int missed;

    /** @param then of the replay, null = it was not run; {@code now} of ours, likewise */
    Report(Run run, Measured then, Measured now) {
        this.run = run;
        this.options = run.options();
        this.model = run.model();
        this.then = then;
        this.now = now;
        agents();
        chats();
        memory();
        redis();
        periodic(run.oldDayBytes());
    }

    int missed() {
        return missed;
    }

    String text() {
        return "agents: " + options.requests + " requests, " + options.callers
                + " at once, each on its own connection ("
                + (now != null ? now : then).agents().tool() + "); chats: " + options.callers + " callers for "
                + options.seconds + " s, the replay with 5 workers a queue, ours with its 100 slots"
                + "\nboth: -Xmx64m, one Redis; the model by itself under these callers: first token "
                + model.first().both() + ", whole answer " + model.whole().both() + "\n\n" + table + "\n";
    }

    private void agents() {
        row(
                "agents: failed requests",
                "-",
                "0",
                m -> "" + m.agents().failed(),
                m -> m.agents().failed() == 0);
        row(
                "agents: mean",
                "200-500 ms",
                "50-150 ms; ours < 15 ms",
                m -> millis(m.agents().meanMillis()),
                m -> m.agents().meanMillis() < 15);
        row(
                "agents: p99",
                "-",
                "ours < 50 ms",
                m -> millis(m.agents().p99Millis()),
                m -> m.agents().p99Millis() < 50);
        row(
                "agents while all chat: mean, p99",
                "-",
                "0 failed",
                m -> millis(m.agentsBeside().meanMillis()) + ", "
                        + millis(m.agentsBeside().p99Millis()) + ", "
                        + m.agentsBeside().failed() + " failed",
                m -> m.agentsBeside().failed() == 0);
    }

    private void chats() {
        row(
                "chats at once, complete",
                "20-30 at once",
                "100+ at once, all",
                m -> m.chats().complete() + " of " + m.chats().begun()
                        + (m.chats().others().isEmpty() ? "" : " " + m.chats().others()),
                m -> m.chats().complete() == m.chats().begun() && m.chats().begun() >= options.callers);
        row("first token, over the model's own", "-", "-", m -> "p50 " + over(m, 0.5) + ", p99 " + over(m, 0.99), null);
        row(
                "chat jobs a minute",
                "100",
                "500+",
                m -> String.format(Locale.ROOT, "%.0f", m.chats().perMinute()),
                m -> m.chats().perMinute() >= 500);
        if (run.few() != null) {
            String few = String.format(Locale.ROOT, "%.0f", run.few().perMinute());
            table.row("  with 5 slots, as the report's queue", "100", "-", "(as above)", few, "");
        }
    }

    private String over(Measured m, double share) {
        return millis(m.chats().first().at(share) - model.first().at(share));
    }

    private void memory() {
        row(
                "heap after a collection, of 64 MB",
                "89-92 %",
                "60-70 %",
                m -> percent(m.heapMiddle()) + ", most " + percent(m.heapMost()),
                m -> m.heapMiddle() < 0.7);
        row("  alive (a whole collection, at the end)", "-", "-", m -> percent(m.heapAlive()), null);
        row(
                "resident memory, most",
                "255-273 MB",
                "180-220 MB; ours < 180",
                m -> megabytes((double) m.peakBytes()),
                m -> m.peakBytes() < 180 * MEGABYTE);
    }

    private void redis() {
        row(
                "Redis answers its callers, p50, p99",
                "1,540-2,716 ms",
                "< 100 ms",
                m -> millis(m.inside().redis50()) + ", " + millis(m.inside().redis99()),
                m -> m.inside().redis99() < 100);
        row("Redis itself (PING), p99", "-", "-", m -> millis(m.pings99()), null);
        row("connections wanted at once", "32 of 20", "-", m -> count(m.inside().asked()), null);
        row("connections open", "20", "42-79 estimated", m -> "" + m.clients(), null);
        row(
                "callers that wait for a connection",
                "282",
                "0-5",
                m -> count(m.inside().waiting()),
                m -> m.inside().waiting() <= 5);
    }

    private void periodic(long oldDayBytes) {
        row("timers", "50+", "15-20", m -> "" + m.timers(), m -> m.timers() <= 20);
        row("threads, most", "-", "-", m -> "" + m.threads(), null);
        row(
                "monitoring, what it weighs",
                "150 MB a day",
                "30 MB",
                m -> m.inside().monitoring(),
                null);
        if (then != null) {
            table.row(
                    "  after a day (samples made to fit the report)",
                    "150 MB",
                    "30 MB",
                    megabytes((double) oldDayBytes),
                    "the same as above",
                    "");
        }
        row(
                "optimisations an hour",
                "120 (each 30 s)",
                "6-12",
                m -> String.format(Locale.ROOT, "%.0f", m.inside().optimisations() / m.hours()),
                m -> m.inside().optimisations() / m.hours() <= 12);
    }

    private void row(
            String what, String before, String hoped, Function<Measured, String> cell, Predicate<Measured> met) {
        String verdict = "";
        if (now != null && met != null) {
            boolean good = met.test(now);
            verdict = good ? "met" : "MISSED";
            missed += good ? 0 : 1;
        }
        table.row(
                what,
                before,
                hoped,
                then == null ? "(not run)" : cell.apply(then),
                now == null ? "(not run)" : cell.apply(now),
                verdict);
    }

    private static String count(int number) {
        return number < 0 ? "not told" : "" + number;
    }

    private static String millis(double millis) {
        return Double.isNaN(millis) ? "not told" : String.format(Locale.ROOT, "%.1f ms", millis);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "no collection" : String.format(Locale.ROOT, "%.0f %%", share * 100);
    }

    private static String megabytes(double bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / MEGABYTE);
    }
}
