package io.penstock.memory.leak;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds the types of jobs whose contexts or payloads stay in memory after the job's end.
 *
 * <p>One of {@value #ONE_IN} finished jobs, and a few of each type between two collections, are watched through weak
 * references to a token that only the job's context holds, and to the payload. A verdict waits for a canary (see {@link Canaries}), so that
 * a job that is merely waiting to be collected is never named. Bound: {@value #MOST_TYPES} types; the others
 * share one. Threads: safe. Time: see {@link LeakDetector}.
 */
final class JobWatch {
    /** At one in 64, watching costs a few nanoseconds a job on average. */
    static final int ONE_IN = 64;

    /** At 5 KB each, all of them together stay below a megabyte. */
    static final int MOST_TYPES = 128;

    private final OpenCounters counters;
    private final ConcurrentHashMap<String, JobKind> kinds = new ConcurrentHashMap<>();
    private final Canaries canaries = new Canaries(); // guarded by itself
    private final List<GarbageCollectorMXBean> ageing = ManagementFactory.getGarbageCollectorMXBeans().stream()
            .filter(bean -> makesOlder(bean.getName()))
            .toList();
    private volatile int collections;
    private volatile long markings;

    JobWatch(OpenCounters counters) {
        this.counters = counters;
    }

    /** Pauses and G1's concurrent marking have beans of their own, but no object grows older by them. */
    private static boolean makesOlder(String bean) {
        return !bean.endsWith("Pauses") && !bean.contains("Concurrent");
    }

    JobToken begin(String jobType) {
        JobKind kind = kinds.get(jobType);
        if (kind == null) {
            kind = kind(jobType);
        }
        kind.counter().opened();
        boolean chosen = (ThreadLocalRandom.current().nextInt() & (ONE_IN - 1)) == 0 || kind.withinQuota(collections);
        return chosen ? new JobToken(kind, true) : kind.unwatched();
    }

    private JobKind kind(String jobType) {
        String name = kinds.size() < MOST_TYPES ? jobType : OpenCounter.OTHERS;
        return kinds.computeIfAbsent(name, type -> new JobKind(type, counters.counter("job " + type)));
    }

    void finished(JobToken token) {
        JobKind kind = token.kind();
        kind.counter().closed();
        if (token.watched()) {
            kind.watch(token, collections);
        }
    }

    @SuppressWarnings({"NonAtomicVolatileUpdate", "NonAtomicOperationOnVolatileField"}) // one writer, under the lock
    void onCollection() {
        synchronized (canaries) {
            long count = 0;
            for (GarbageCollectorMXBean bean : ageing) {
                count += bean.getCollectionCount();
            }
            int now = (int) count;
            collections = now;
            int born = canaries.onCollection(now);
            if (born >= 0) {
                kinds.values().forEach(kind -> kind.judge(born));
                markings++;
            }
        }
    }

    long markings() {
        return markings;
    }

    /** Returns the types of which something is retained now, the most retained first. */
    List<RetainedJobs> found() {
        return kinds.values().stream()
                .map(JobKind::found)
                .filter(jobs -> jobs.retained() > 0)
                .sorted(Comparator.comparingLong(RetainedJobs::retained).reversed())
                .toList();
    }
}
