package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks the server to answer when jobs have ended, one after the other: the last one to end ends the waiting. */
final class JobWait {
    private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");

    /** One request waits so long: well within the 30 s that the server grants, and what proxies bear. */
    private static final Duration ROUND = Duration.ofSeconds(20);

    /** What the way there and back may take on top. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Main main;
    private final Api api;
    private final Clock clock = Clock.system();

    JobWait(Main main, Api api) {
        this.main = main;
        this.api = api;
    }

    /** Shows the jobs that have ended; returns how it went. */
    int all(List<String> ids) throws InterruptedException {
        Duration timeout = main.timeout();
        long begin = clock.nanos();
        List<JsonNode> ended = new ArrayList<>();
        List<String> left = new ArrayList<>();
        boolean good = true;
        for (String id : ids) {
            JsonNode job = wait(id, timeout, begin);
            if (job == null) {
                left.add(id);
            } else {
                ended.add(job);
                good &= job.path("state").asText().equals("completed");
            }
        }
        show(ended);
        left.forEach(id -> main.note("still pending: " + id));
        return left.isEmpty() ? (good ? Exit.OK : Exit.FAILURE) : Exit.TIMED_OUT;
    }

    /** Returns the job once it has ended; null if the time was over first. */
    private @Nullable JsonNode wait(String id, @Nullable Duration timeout, long begin) throws InterruptedException {
        while (true) {
            long left = timeout == null ? Long.MAX_VALUE : timeout.toNanos() - (clock.nanos() - begin);
            long round = Math.max(0, Math.min(ROUND.toMillis(), left / 1_000_000));
            String path = JobCommand.path(id) + "?wait=" + round + "ms";
            long asked = clock.nanos();
            JsonNode job = api.get(path, Duration.ofMillis(round).plus(GRACE));
            if (ENDED.contains(job.path("state").asText())) {
                return job;
            }
            if (left <= round * 1_000_000) {
                return null;
            }
            pace(round - (clock.nanos() - asked) / 1_000_000);
        }
    }

    /** A server in which too many wait answers at once: then this side looks every second. */
    private static void pace(long earlyMillis) throws InterruptedException {
        if (earlyMillis > 1_000) {
            TimeUnit.SECONDS.sleep(1);
        }
    }

    private void show(List<JsonNode> ended) {
        if (ended.size() == 1 && !main.output().human()) {
            main.output().one(ended.get(0));
        } else if (!ended.isEmpty()) {
            main.output().list(JobCommand.COLUMNS, ended);
        }
    }
}
