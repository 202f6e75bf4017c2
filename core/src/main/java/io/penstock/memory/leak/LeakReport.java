package io.penstock.memory.leak;

import io.penstock.memory.trend.MemoryTrend;
import java.util.List;

/**
 * What is known of leaks in this process, as numbers and as sentences.
 *
 * @param verdict how sure it is
 * @param evidence one sentence for each thing that speaks for the verdict, and for what is still missing
 * @param trend where the live set is going
 * @param jobs what the watch found, of the types with retained jobs only, the most retained first
 * @param open what is open of each kind
 * @param classes what grew between two histograms, empty if none were compared
 * @param oldObjects what the JVM's sampler found, empty if it was not asked
 * @param markings how often the watch could judge; 0 = the old generation was not collected yet, so that nothing can
 *     be said of retained jobs
 */
public record LeakReport(
        LeakVerdict verdict,
        List<String> evidence,
        MemoryTrend trend,
        List<RetainedJobs> jobs,
        List<OpenCount> open,
        List<ClassGrowth> classes,
        List<OldObject> oldObjects,
        long markings) {
    /** Copies the lists. */
    public LeakReport {
        evidence = List.copyOf(evidence);
        jobs = List.copyOf(jobs);
        open = List.copyOf(open);
        classes = List.copyOf(classes);
        oldObjects = List.copyOf(oldObjects);
    }
}
