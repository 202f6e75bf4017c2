package io.penstock.server.demo;

import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Priority;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** A few jobs a second in the queue {@value #QUEUE}, so that there is something to look at. */
public final class DemoLoad implements AutoCloseable {
    /** Where they go. */
    public static final String QUEUE = "demo";

    private static final List<Priority> LINES = List.of(Priority.values());
    private static final Duration PERIOD = Duration.ofMillis(400);

    private final Consumer<JobSpec> producer;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Task task;
    private long number;

    /** @param producer must not wait: it is called by the timer */
    public DemoLoad(Timer timer, Consumer<JobSpec> producer) {
        this.producer = producer;
        this.task = timer.every("demo-load", PERIOD, this::enqueue);
    }

    private void enqueue() {
        number++;
        JobSpec spec = switch (random.nextInt(10)) {
            case 0 -> spec("demo.fail", "{\"times\":1,\"message\":\"order " + number + " not found\"}");
            case 1, 2, 3 -> spec("demo.sleep", "{\"ms\":" + random.nextInt(2_000) + "}");
            case 4 -> spec("demo.alloc", "{\"mb\":2,\"ms\":300}");
            default -> spec("demo.echo", "{\"number\":" + number + "}");
        };
        producer.accept(spec);
    }

    private JobSpec spec(String type, String payload) {
        JobOptions options = JobOptions.NONE.priority(LINES.get(random.nextInt(LINES.size())));
        if (random.nextInt(5) == 0) {
            options = options.in(Duration.ofSeconds(random.nextInt(10)));
        }
        return new JobSpec(QUEUE, type, payload.getBytes(StandardCharsets.UTF_8), options);
    }

    @Override
    public void close() {
        task.close();
    }
}
