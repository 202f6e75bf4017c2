package io.penstock;

import io.penstock.job.Job;
import io.penstock.job.JobState;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueSettings;
import io.penstock.queue.QueueSettings.Keep;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Queues whose every end can be looked up afterwards. */
final class ChaosQueues {
    private ChaosQueues() {}

    /** A queue that forgets no job, so that the books can be closed over all of them. */
    static Queue keepingAll(Penstock penstock, String name) {
        Queue queue = penstock.serve(name);
        QueueSettings s = QueueSettings.DEFAULT;
        Keep all = new Keep(Duration.ofHours(10), 1_000_000, 1L << 32);
        queue.configure(new QueueSettings(s.maxJobs(), s.maxBytes(), s.maxPayloadBytes(), all, all, s.aging()));
        return queue;
    }

    static Map<JobState, Long> states(List<Job> jobs) {
        Map<JobState, Long> states = new TreeMap<>();
        jobs.forEach(job -> states.merge(job.state(), 1L, Long::sum));
        return states;
    }
}
