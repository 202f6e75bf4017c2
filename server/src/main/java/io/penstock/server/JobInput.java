package io.penstock.server;

import io.penstock.job.Backoff;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.KeyLimit;
import io.penstock.job.Names;
import io.penstock.job.Priority;
import io.penstock.job.Retention;
import io.penstock.job.RetryPolicy;
import io.penstock.job.Unique;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the wish for a job from JSON, refusing whatever it does not know. */
final class JobInput {
    /** What {@code POST /queues/{q}/jobs} reads. */
    static final Set<String> FIELDS = Set.of(
            "type",
            "payload",
            "delay",
            "runAt",
            "priority",
            "maxAttempts",
            "backoff",
            "timeout",
            "unique",
            "group",
            "limit",
            "memoryBytes",
            "retain",
            "metadata");

    /** What a line of a batch reads. */
    static final Set<String> BATCH_FIELDS = with("queue");

    private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);

    private JobInput() {}

    private static Set<String> with(String more) {
        Set<String> all = new TreeSet<>(FIELDS);
        all.add(more);
        return all;
    }

    /** Reads a job for the queue of the path. */
    static JobSpec read(Slice slice, String queue) {
        return read(Fields.of(slice, FIELDS), queue);
    }

    /** Reads a job that names its queue. */
    static JobSpec readNaming(Slice slice) {
        return readNaming(Fields.of(slice, BATCH_FIELDS));
    }

    /** Reads a job that names its queue, among other fields. */
    static JobSpec readNaming(Fields fields) {
        String queue = fields.requiredText("queue");
        fields.guarded("queue", () -> Names.check("queue", queue));
        return read(fields, queue);
    }

    static JobSpec read(Fields fields, String queue) {
        String type = fields.requiredText("type");
        fields.guarded("type", () -> Names.check("type", type));
        JobOptions options = JobOptions.NONE;
        options = when(fields, options);
        options = set(fields, "priority", priority(fields), options::priority, options);
        options = set(
                fields,
                "maxAttempts",
                fields.count("maxAttempts", 1, RetryPolicy.MOST_ATTEMPTS),
                options::maxAttempts,
                options);
        options = set(fields, "backoff", backoff(fields), options::backoff, options);
        options = set(fields, "timeout", fields.duration("timeout"), options::timeout, options);
        options = set(fields, "unique", unique(fields), options::unique, options);
        options = set(fields, "group", fields.text("group"), options::group, options);
        KeyLimit limit = limit(fields);
        options = limit == null ? options : options.limit(limit.key(), limit.permits());
        options =
                set(fields, "memoryBytes", fields.integer("memoryBytes", 0, Long.MAX_VALUE), options::memory, options);
        options = set(fields, "retain", retain(fields), options::retain, options);
        Map<String, String> notes = fields.notes("metadata");
        options = set(fields, "metadata", notes, options::metadata, options);
        return new JobSpec(queue, type, payload(fields), options);
    }

    /** Returns the options for a run without delay and without a claim on a unique key. */
    static JobOptions now(JobOptions options) {
        return new JobOptions(
                null,
                null,
                options.priority(),
                options.maxAttempts(),
                options.backoff(),
                options.timeout(),
                null,
                options.group(),
                options.memoryBytes(),
                options.retention(),
                options.metadata(),
                options.limit(),
                null);
    }

    /** Reads {@code delay} or {@code runAt}. */
    static JobOptions when(Fields fields, JobOptions before) {
        JobOptions options = set(fields, "delay", fields.duration("delay"), before::in, before);
        Instant at = fields.instant("runAt");
        if (at == null) {
            return options;
        }
        if (options.delay() != null) {
            throw Problem.invalid(
                    fields.pointer("runAt"), "delay and runAt are both there; nothing was done; send one of them");
        }
        return options.at(at);
    }

    /** What the options refuse becomes a problem that points at the field. */
    private static <T> JobOptions set(
            Fields fields,
            String name,
            @Nullable T value,
            java.util.function.Function<T, JobOptions> change,
            JobOptions unchanged) {
        return value == null ? unchanged : fields.guarded(name, () -> change.apply(value));
    }

    static byte[] payload(Fields fields) {
        if (!fields.has("payload")) {
            return EMPTY;
        }
        Slice payload = fields.raw("payload");
        return payload == null ? "null".getBytes(StandardCharsets.UTF_8) : payload.copy();
    }

    static @Nullable Priority priority(Fields fields) {
        String name = fields.text("priority");
        return name == null ? null : fields.guarded("priority", () -> Priority.of(name));
    }

    private static @Nullable Backoff backoff(Fields fields) {
        Fields backoff = fields.object("backoff", Set.of("type", "delay", "maxDelay", "jitter"));
        if (backoff == null) {
            return null;
        }
        String type = backoff.requiredText("type");
        Duration delay = backoff.duration("delay");
        if (delay == null) {
            throw Problem.invalid(
                    backoff.pointer("delay"), "delay is missing; nothing was done; send a duration such as 1s");
        }
        Duration max = backoff.duration("maxDelay");
        Double jitter = backoff.number("jitter", 0, 1);
        UnaryOperator<Backoff> rest = made -> jitter == null ? made : made.jitter(jitter);
        return backoff.guarded("delay", () -> {
            Backoff made = switch (type.toLowerCase(Locale.ROOT)) {
                case "fixed" -> Backoff.fixed(delay);
                case "linear" -> Backoff.linear(delay);
                case "exponential" -> Backoff.exponential(delay);
                default ->
                    throw Problem.invalid(
                            backoff.pointer("type"),
                            "backoff type \"" + Text.shown(type)
                                    + "\" is unknown; nothing was done; use fixed, linear or exponential");
            };
            return rest.apply(max == null ? made : made.max(max));
        });
    }

    private static @Nullable Unique unique(Fields fields) {
        Fields unique = fields.object("unique", Set.of("key", "ttl", "mode"));
        if (unique == null) {
            return null;
        }
        String key = unique.requiredText("key");
        Duration ttl = unique.duration("ttl");
        String mode = unique.text("mode");
        return unique.guarded("key", () -> {
            // a window without a mode means what the word says in most queues: drop whatever comes within it
            Unique.Mode how =
                    mode == null ? ttl == null ? Unique.Mode.DROP : Unique.Mode.THROTTLE : Unique.Mode.of(mode);
            return new Unique(key, how, ttl == null ? Duration.ZERO : ttl);
        });
    }

    private static @Nullable KeyLimit limit(Fields fields) {
        Fields limit = fields.object("limit", Set.of("key", "permits"));
        if (limit == null) {
            return null;
        }
        String key = limit.requiredText("key");
        Integer permits = limit.count("permits", 1, KeyLimit.MAX_PERMITS);
        return limit.guarded("key", () -> new KeyLimit(key, permits == null ? 1 : permits));
    }

    private static @Nullable Retention retain(Fields fields) {
        Fields retain = fields.object("retain", Set.of("completed", "failed"));
        if (retain == null) {
            return null;
        }
        Duration completed = retain.duration("completed");
        Duration failed = retain.duration("failed");
        if (completed == null || failed == null) {
            throw Problem.invalid(
                    fields.pointer("retain"),
                    "retain needs completed and failed; nothing was done; send both, such as 1h and 7d");
        }
        return fields.guarded("retain", () -> new Retention(completed, failed));
    }
}
