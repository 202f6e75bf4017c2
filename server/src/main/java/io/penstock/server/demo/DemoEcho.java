package io.penstock.server.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;

/** Returns its payload. */
final class DemoEcho implements Handler<JsonNode> {
    static final JobType<JsonNode> TYPE = JobType.of("demo.echo", JsonNode.class);

    @Override
    public void handle(JsonNode payload, JobContext context) {
        context.result(payload);
    }
}
