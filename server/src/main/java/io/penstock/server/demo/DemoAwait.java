package io.penstock.server.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Waits {@code seconds} for the signal {@code signal} without holding a slot; its result is what it was told. */
final class DemoAwait implements Handler<DemoAwait.Wait> {
    static final JobType<Wait> TYPE = JobType.of("demo.await", Wait.class);

    /** A day: longer ones are typing mistakes. */
    private static final int LONGEST_SECONDS = 86_400;

    record Wait(String signal, int seconds) {}

    @Override
    public void handle(Wait wait, JobContext context) throws InterruptedException {
        Duration timeout = Duration.ofSeconds(Demo.clamp(wait.seconds(), LONGEST_SECONDS));
        Optional<JsonNode> told = context.awaitSignal(wait.signal(), timeout, JsonNode.class);
        context.result(told.<Object>map(value -> Map.of("told", value)).orElse(Map.of("timedOut", true)));
    }
}
