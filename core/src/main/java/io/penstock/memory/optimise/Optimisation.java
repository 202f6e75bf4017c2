package io.penstock.memory.optimise;

import java.time.Instant;
import java.util.List;

/**
 * The report of one run: what was measured, never what was meant.
 *
 * @param trigger what asked for it, in the words of the request: {@code reason}
 * @param freedBytes by how much the live set fell between a collection of the whole heap before the steps and one after them,
 *     as far as the steps account for it (within 5 %; a step that cannot count is believed the rest, where the program stood
 *     still for both collections); 0 if it did not fall, or could not be measured
 * @param measured whether both collections took place; if not, {@code outcome} says why
 * @param rssReturnedBytes by how much the resident memory fell from the begin of the run to its end; 0 if it did not or
 *     is unknown
 * @param success whether the goal that {@code outcome} names was met
 * @param outcome one or two sentences for a person
 */
public record Optimisation(
        String id,
        String strategy,
        Trigger trigger,
        String reason,
        Instant startedAt,
        long durationMillis,
        Reading before,
        Reading after,
        long freedBytes,
        boolean measured,
        long rssReturnedBytes,
        boolean success,
        List<StepReport> steps,
        String outcome) {
    public Optimisation {
        steps = List.copyOf(steps);
    }

    /**
     * Memory at one moment of a run.
     *
     * @param liveSetBytes after the collection that the run measures by, else of the gauge; {@link Gauge#UNKNOWN} = not known
     */
    public record Reading(long usedBytes, long liveSetBytes, long maxBytes, long rssBytes) {}

    /**
     * What one step did.
     *
     * @param freedBytes by its own count, or {@link Step#UNKNOWN}
     * @param ok whether it ran to its end
     * @param error why not, or why it was left out; empty if it ran
     */
    public record StepReport(String name, long freedBytes, long durationMillis, boolean ok, String error) {}

    /** Returns the same with one more sentence at its end. */
    Optimisation with(String sentence) {
        return new Optimisation(
                id,
                strategy,
                trigger,
                reason,
                startedAt,
                durationMillis,
                before,
                after,
                freedBytes,
                measured,
                rssReturnedBytes,
                success,
                steps,
                outcome + " " + sentence);
    }

    /** Returns what it gave: the larger of freed and returned, which often are the same bytes. */
    long gainBytes() {
        return Math.max(freedBytes, rssReturnedBytes);
    }

    /** Returns about how many bytes it holds itself, so that a history of it can be bounded. */
    int weightBytes() {
        int weight = 320 + 2 * (id.length() + strategy.length() + reason.length() + outcome.length());
        for (StepReport step : steps) {
            weight += 96 + 2 * (step.name().length() + step.error().length());
        }
        return weight;
    }
}
