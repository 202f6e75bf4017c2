package io.penstock.server.engine;

import io.penstock.server.caller.Caller;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which metrics are of a queue: {@code queue.NAME.} and what is measured. */
public final class QueueMetric {
    private static final String PREFIX = "queue.";

    /** As the monitor has them. No one of them ends with a dot and another, so a name is read in one way only. */
    private static final List<String> ENDS = List.of(
            ".waiting",
            ".delayed",
            ".active",
            ".failed",
            ".throughput.perSecond",
            ".failures.perSecond",
            ".error.share",
            ".wait.p50.millis",
            ".wait.p99.millis",
            ".run.p50.millis",
            ".run.p99.millis",
            ".oldest.millis",
            ".bytes");

    private QueueMetric() {}

    /** Tells whether a caller may know of a metric: that of a queue only who sees the queue. */
    public static boolean seen(Caller caller, String metric) {
        if (!caller.narrowed() || !metric.startsWith(PREFIX)) {
            return true;
        }
        for (String end : ENDS) {
            if (metric.endsWith(end) && metric.length() > PREFIX.length() + end.length()) {
                return caller.sees(metric.substring(PREFIX.length(), metric.length() - end.length()));
            }
        }
        return false; // of a queue, and nobody knows of which
    }

    /** Returns those that a caller may know of. */
    public static Set<String> seen(Caller caller, Set<String> metrics) {
        return caller.narrowed()
                ? metrics.stream().filter(metric -> seen(caller, metric)).collect(Collectors.toSet())
                : metrics;
    }

    /**
     * Passes a metric that a caller may know of.
     *
     * @throws Problem FORBIDDEN otherwise
     */
    public static void check(Caller caller, String metric) {
        if (!seen(caller, metric)) {
            throw Problem.of(
                    ProblemType.FORBIDDEN,
                    "metric \"" + Text.shown(metric) + "\" is of a queue that is not one of this token's ("
                            + String.join(", ", caller.queues()) + "); nothing was read; ask with a token for it");
        }
    }
}
