package io.penstock.server.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Hashes the field {@code line} of its payload and returns {@code {"sha256": ...}}: work whose result can be checked. */
final class DemoDigest implements Handler<JsonNode> {
    static final JobType<JsonNode> TYPE = JobType.of("demo.digest", JsonNode.class);

    @Override
    public void handle(JsonNode payload, JobContext context) throws NoSuchAlgorithmException {
        byte[] line = payload.path("line").asText().getBytes(StandardCharsets.UTF_8);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(line);
        context.result(Map.of("sha256", HexFormat.of().formatHex(digest)));
    }
}
