package io.penstock.server;

import io.penstock.job.Attempt;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.queue.Change;
import io.penstock.queue.Ending;
import io.penstock.queue.JobEdit;
import io.penstock.queue.JobPage;
import io.penstock.queue.Lease;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.QueueReplies.Extended;
import io.penstock.queue.QueueSettings;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** TEMPORARY. */
public class Engine {
    record QueueView(
            String name,
            String status,
            Map<JobState, Long> counts,
            long oldestWaitingMillis,
            double throughputPerSecond,
            double avgProcessingMillis,
            double errorRate,
            long bytes) {}

    record WorkerView(String id, String name, String queue, long active, long leaseExpiresInMillis, String report) {}

    record Health(String status, List<Check> checks) {}

    record Check(
            String name,
            String status,
            String detail,
            @Nullable String advice) {}

    record Taken(Lease lease, List<LeasedJob> jobs) {}

    static UnsupportedOperationException no() {
        return new UnsupportedOperationException();
    }

    Clock clock() {
        throw no();
    }

    Timer timer() {
        throw no();
    }

    Enqueued enqueue(JobSpec s) {
        throw no();
    }

    CompletionStage<Enqueued> enqueueAsync(JobSpec s) {
        throw no();
    }

    <T> T await(CompletionStage<T> s) {
        throw no();
    }

    Optional<Job> job(JobId id) {
        throw no();
    }

    List<Attempt> attempts(JobId id) {
        throw no();
    }

    List<String> logs(JobId id) {
        throw no();
    }

    Change edit(JobId id, JobEdit e) {
        throw no();
    }

    Change retry(JobId id) {
        throw no();
    }

    Change promote(JobId id) {
        throw no();
    }

    Change cancel(JobId id) {
        throw no();
    }

    Change remove(JobId id) {
        throw no();
    }

    JobPage list(String queue, JobState state, @Nullable String cursor, int limit) {
        throw no();
    }

    List<String> queues() {
        throw no();
    }

    boolean exists(String q) {
        throw no();
    }

    QueueView queue(String q) {
        throw no();
    }

    QueueSettings settings(String q) {
        throw no();
    }

    void configure(String q, QueueSettings s) {
        throw no();
    }

    void pause(String q) {
        throw no();
    }

    void resume(String q) {
        throw no();
    }

    void drain(String q) {
        throw no();
    }

    void delete(String q) {
        throw no();
    }

    long purge(String q, JobState s) {
        throw no();
    }

    CompletionStage<@Nullable Taken> take(String queue, String worker, int max, long bytes, Duration length) {
        throw no();
    }

    CompletionStage<Void> markStarted(List<LeasedJob> jobs) {
        throw no();
    }

    CompletionStage<List<JobId>> finish(Lease lease, List<Ending> endings) {
        throw no();
    }

    CompletionStage<Extended> extend(Lease lease, Duration length) {
        throw no();
    }

    void giveBack(Lease lease, String worker) {
        throw no();
    }

    AutoCloseable onWake(String queue, Runnable r) {
        throw no();
    }

    static void close(AutoCloseable c) {
        throw no();
    }

    List<WorkerView> workers() {
        throw no();
    }

    Health health() {
        throw no();
    }

    void ping() {
        throw no();
    }

    String redis() {
        throw no();
    }

    Set<String> types() {
        throw no();
    }

    Set<String> served() {
        throw no();
    }

    static Problem problem(Throwable t) {
        throw no();
    }
}
