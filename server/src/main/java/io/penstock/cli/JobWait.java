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

/** Looks at jobs until all have ended, ever more seldom. */
final class JobWait {
    private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");
    private static final long FIRST_MILLIS = 20;
    private static final long LONGEST_MILLIS = 1_000;

    private final Main main;
    private final Api api;
    private final Clock clock = Clock.system();

    JobWait(Main main, Api api) {
        this.main = main;
        this.api = api;
    }

    /** Shows each job as it ends; returns how it went. */
    int all(List<String> ids) throws InterruptedException {
        Duration timeout = main.timeout();
        long begin = clock.nanos();
        long pause = FIRST_MILLIS;
        List<JsonNode> ended = new ArrayList<>();
        List<String> left = new ArrayList<>(ids);
        boolean good = true;
        while (true) {
            for (String id : List.copyOf(left)) {
                JsonNode job = look(id);
                if (job != null) {
                    left.remove(id);
                    ended.add(job);
                    good &= job.path("state").asText().equals("completed");
                }
            }
            boolean late = timeout != null && clock.nanos() - begin > timeout.toNanos();
            if (left.isEmpty() || late) {
                show(ended);
                left.forEach(id -> main.note("still pending: " + id));
                return left.isEmpty() ? (good ? Exit.OK : Exit.FAILURE) : Exit.TIMED_OUT;
            }
            TimeUnit.MILLISECONDS.sleep(pause);
            pause = Math.min(LONGEST_MILLIS, pause * 3 / 2 + 1);
        }
    }

    private @Nullable JsonNode look(String id) {
        JsonNode job = api.get(JobCommand.path(id));
        return ENDED.contains(job.path("state").asText()) ? job : null;
    }

    private void show(List<JsonNode> ended) {
        if (ended.size() == 1 && !main.output().human()) {
            main.output().one(ended.get(0));
        } else if (!ended.isEmpty()) {
            main.output().list(JobCommand.COLUMNS, ended);
        }
    }
}
