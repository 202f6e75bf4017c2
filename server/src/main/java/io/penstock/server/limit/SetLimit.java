package io.penstock.server.limit;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.limit.Limit;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A limit as an operator set it, and as it is kept in Redis.
 *
 * @param queue whose jobs that come by REST need a permit each; null = whoever names the limit
 */
record SetLimit(Limit limit, @Nullable String queue) {
    private static final Set<String> FIELDS = Set.of("kind", "permits", "per", "burst", "away", "queue");

    /**
     * Reads what was sent or kept.
     *
     * @throws Problem INVALID_VALUE or UNKNOWN_FIELD
     */
    static SetLimit read(String name, byte[] body) {
        Fields fields = Fields.of(Json.value(Slice.of(body)), FIELDS);
        String kind = fields.requiredText("kind");
        Long permits = fields.integer("permits", 1, Long.MAX_VALUE);
        Duration per = fields.duration("per");
        if (permits == null || per == null) {
            String missing = permits == null ? "permits" : "per";
            throw Problem.invalid(fields.pointer(missing), missing + " is missing; nothing was done; send it");
        }
        Long burst = fields.integer("burst", 1, Long.MAX_VALUE);
        String away = fields.text("away");
        Limit.Kind known = choice(fields, "kind", kind, Limit.Kind.values());
        Limit plain = fields.guarded("permits", () -> switch (known) {
            case WINDOW -> Limit.window(name, permits, per);
            case BUCKET -> Limit.bucket(name, permits, per);
            case CONCURRENCY -> Limit.concurrency(name, permits, per);
        });
        Limit sized = burst == null ? plain : fields.guarded("burst", () -> plain.burst(burst));
        Limit whole = away == null ? sized : sized.away(choice(fields, "away", away, Limit.Away.values()));
        return new SetLimit(whole, queue(fields, known));
    }

    private static @Nullable String queue(Fields fields, Limit.Kind kind) {
        String queue = fields.text("queue");
        if (queue == null) {
            return null;
        }
        if (kind == Limit.Kind.CONCURRENCY) {
            throw Problem.invalid(
                    fields.pointer("queue"),
                    "queue cannot have a limit of concurrency: a job that was added gives nothing back; nothing was done;"
                            + " set a window or a bucket, or the concurrency of its workers");
        }
        return fields.guarded("queue", () -> io.penstock.job.Names.check("queue", queue));
    }

    private static <E extends Enum<E>> E choice(Fields fields, String name, String text, E[] values) {
        List<String> legal = Arrays.stream(values).map(SetLimit::lower).toList();
        int index = legal.indexOf(text);
        if (index < 0) {
            throw Problem.invalid(
                    fields.pointer(name),
                    name + " \"" + Text.shown(text) + "\" is unknown; nothing was done; " + Text.legal(text, legal));
        }
        return values[index];
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    /** Returns it as {@link #read} reads it. */
    byte[] kept() {
        return Json.bytes(json -> {
            json.writeStartObject();
            write(json, limit);
            if (queue != null) {
                json.writeStringField("queue", queue);
            }
            json.writeEndObject();
        });
    }

    static void write(JsonGenerator json, Limit limit) throws IOException {
        json.writeStringField("kind", lower(limit.kind()));
        json.writeNumberField("permits", limit.permits());
        Json.duration(json, "per", limit.per());
        json.writeNumberField("burst", limit.burst());
        json.writeStringField("away", lower(limit.away()));
    }
}
