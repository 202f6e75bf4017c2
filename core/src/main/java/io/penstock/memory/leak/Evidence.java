package io.penstock.memory.leak;

import io.penstock.memory.trend.FloorTrend;
import io.penstock.memory.trend.MemoryTrend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Weighs the witnesses of one moment and puts them into sentences. */
record Evidence(long maxBytes, MemoryTrend trend, List<RetainedJobs> jobs, List<OpenCount> open, long markings) {
    /** A class that grew by less of the heap is no evidence: buffers and caches breathe by as much. */
    static final double LEAST_CLASS_SHARE = 0.03;

    /** With fewer samples of one class chance may have picked them. */
    static final int LEAST_SAMPLES = 5;

    /** A sentence for each of the worst is enough; the lists have the others. */
    private static final int MOST_SENTENCES = 5;

    private static final double MB = 1 << 20;

    LeakReport report(List<ClassGrowth> classes, List<OldObject> oldObjects) {
        List<String> sentences = new ArrayList<>();
        boolean grows = trend.growing();
        if (grows) {
            sentences.add(growth());
        }
        int witnesses = retainedJobs(sentences) + openOnes(sentences) + lostHandles(sentences);
        boolean seen = heap(sentences, classes, oldObjects);
        missing(sentences);
        return new LeakReport(
                verdict(grows, witnesses, seen), sentences, trend, jobs, open, classes, oldObjects, markings);
    }

    private LeakVerdict verdict(boolean grows, int witnesses, boolean seen) {
        if (witnesses >= 2 || (seen && (grows || witnesses > 0))) {
            return LeakVerdict.CONFIRMED;
        }
        if (grows) {
            return witnesses > 0 || trend.lasting() ? LeakVerdict.SUSPECTED : LeakVerdict.GROWTH;
        }
        return LeakVerdict.NONE;
    }

    private String growth() {
        Duration low = trend.timeToFullLow();
        Duration high = trend.timeToFullHigh();
        String full = low == null || high == null
                ? "when it will be full is unknown"
                : "it will be full in " + span(low) + " to " + span(high);
        return text(
                "the live set grew by %.1f MB a minute (%.1f to %.1f) over %d floors in %s; %s",
                trend.slopeBytesPerSecond() * 60 / MB,
                trend.lowerBytesPerSecond() * 60 / MB,
                trend.upperBytesPerSecond() * 60 / MB,
                trend.valleys(),
                span(trend.window()),
                full);
    }

    private int retainedJobs(List<String> sentences) {
        List<RetainedJobs> named = jobs.stream().filter(RetainedJobs::named).toList();
        named.stream()
                .limit(MOST_SENTENCES)
                .map(type -> text(
                        "job type %s keeps its jobs: %d of %d finished jobs that were watched are still reachable after"
                                + " a whole marking of the heap",
                        type.jobType(), type.retained(), type.watched()))
                .forEach(sentences::add);
        return named.isEmpty() ? 0 : 1;
    }

    private int openOnes(List<String> sentences) {
        List<OpenCount> growing = open.stream().filter(OpenCount::growing).toList();
        growing.stream()
                .limit(MOST_SENTENCES)
                .map(kind -> text(
                        "%s: %d are open and become more: %d were opened, %d closed",
                        kind.kind(), kind.open(), kind.opened(), kind.closed()))
                .forEach(sentences::add);
        return growing.isEmpty() ? 0 : 1;
    }

    private int lostHandles(List<String> sentences) {
        List<OpenCount> lost =
                open.stream().filter(kind -> kind.lostHandles() > 0).toList();
        lost.stream()
                .limit(MOST_SENTENCES)
                .map(kind -> text(
                        "%s: %d of those watched (one in %d) were collected without having been closed",
                        kind.kind(), kind.lostHandles(), Handles.ONE_IN))
                .forEach(sentences::add);
        return lost.isEmpty() ? 0 : 1;
    }

    private boolean heap(List<String> sentences, List<ClassGrowth> classes, List<OldObject> oldObjects) {
        int before = sentences.size();
        classes.stream()
                .filter(type -> type.bytes() >= LEAST_CLASS_SHARE * maxBytes)
                .limit(MOST_SENTENCES)
                .map(type -> text(
                        "class %s: %d more live instances, %.1f MB, than in the first histogram",
                        type.className(), type.instances(), type.bytes() / MB))
                .forEach(sentences::add);
        oldObjects.stream()
                .filter(type -> type.samples() >= LEAST_SAMPLES)
                .limit(MOST_SENTENCES)
                .map(type -> text(
                        "class %s: %d sampled objects stayed, the oldest for %s",
                        type.className(), type.samples(), span(type.oldest())))
                .forEach(sentences::add);
        return sentences.size() > before;
    }

    private void missing(List<String> sentences) {
        if (trend.valleys() < FloorTrend.LEAST_POINTS && !trend.growing()) {
            sentences.add(text(
                    "no trend yet: %d of %d floors of the live set were seen",
                    trend.valleys(), FloorTrend.LEAST_POINTS));
        }
        if (markings == 0) {
            sentences.add("no verdict on retained jobs yet: the old generation was not collected as a whole");
        }
    }

    private static String span(Duration span) {
        long seconds = span.toSeconds();
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 7_200 ? seconds / 60 + " min" : seconds / 3_600 + " h";
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
