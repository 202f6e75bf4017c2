package io.penstock.server;

import io.penstock.job.JobError;
import io.penstock.job.JobSpec;
import io.penstock.job.Names;
import io.penstock.job.RetryPolicy;
import io.penstock.queue.ImportedJob;
import io.penstock.server.http.Call;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Spans;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a job that has a past in another system: the fields of a batch but {@code unique}, and four of its own. */
final class ImportInput {
    static final Set<String> FIELDS = fields();

    /** A month: longer than any switch from one system to another should take. */
    private static final Duration WINDOW = Duration.ofDays(30);

    private ImportInput() {}

    private static Set<String> fields() {
        Set<String> all = new TreeSet<>(JobInput.BATCH_FIELDS);
        all.remove("unique");
        all.addAll(Set.of("origin", "attempt", "createdAt", "error"));
        return all;
    }

    /** Reads how long origins are remembered. */
    static Duration window(Call call) {
        String text = call.query("window");
        if (text == null) {
            return WINDOW;
        }
        try {
            Duration window = Spans.parse(text);
            if (window.toSeconds() >= 1 && window.toDays() <= 365) {
                return window;
            }
        } catch (IllegalArgumentException illegal) {
            // told below
        }
        throw Problem.invalid(
                "window", "window is no time of 1s to 365d; nothing was done; send a duration such as 30d");
    }

    static ImportedJob read(Slice slice, Duration window) {
        Fields fields = Fields.of(slice, FIELDS);
        String queue = fields.requiredText("queue");
        fields.guarded("queue", () -> Names.check("queue", queue));
        JobSpec spec = JobInput.read(fields, queue);
        String origin = fields.requiredText("origin");
        Integer attempts = fields.count("attempt", 0, RetryPolicy.MOST_ATTEMPTS);
        Instant created = fields.instant("createdAt");
        if (created == null) {
            throw Problem.invalid(
                    fields.pointer("createdAt"), "createdAt is missing; nothing was done; send an instant");
        }
        JobError error = error(fields);
        return fields.guarded(
                "origin", () -> new ImportedJob(spec, origin, window, attempts == null ? 0 : attempts, created, error));
    }

    private static @Nullable JobError error(Fields fields) {
        Fields error = fields.object("error", Set.of("type", "message", "stack"));
        return error == null
                ? null
                : new JobError(error.requiredText("type"), error.requiredText("message"), error.text("stack"));
    }
}
