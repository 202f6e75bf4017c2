package io.penstock.importer;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.JobError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** A stack as Sidekiq keeps it: JSON lines, deflated, in base 64. */
final class Backtrace {
    /** What is inflated at most: far more than is kept of it, and no bomb. */
    private static final int MOST_BYTES = 256 << 10;

    private Backtrace() {}

    static @Nullable String read(String packed) {
        byte[] json;
        try (InputStream in = new InflaterInputStream(
                new ByteArrayInputStream(Base64.getMimeDecoder().decode(packed)))) {
            json = in.readNBytes(MOST_BYTES);
        } catch (IOException | IllegalArgumentException notOne) {
            return null;
        }
        JsonNode lines = Json.read(json);
        if (lines == null || !lines.isArray()) {
            return null;
        }
        StringBuilder stack = new StringBuilder();
        for (JsonNode line : lines) {
            if (stack.length() > JobError.MAX_STACK) {
                break;
            }
            stack.append(line.asText()).append('\n');
        }
        return stack.toString();
    }
}
