package io.penstock.server.audit;

import io.penstock.server.caller.Caller;
import io.penstock.server.http.Deed;
import io.penstock.server.redact.Redactor;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Text;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line of the audit, as it is stored: JSON of at most some 1,200 bytes, each field cut to its own length. */
final class Line {
    /** The parts of a line that strangers may choose. */
    private static final int LONGEST_NAME = 64;

    private static final int LONGEST_OBJECT = 200;
    private static final int LONGEST_DETAIL = 120;

    private Line() {}

    /**
     * Whose doings are counted together.
     *
     * @param object the queue, where it is known without looking into the body
     */
    record Key(String caller, String role, String peer, String action, String object, int status) {}

    static String caller(@Nullable Caller caller) {
        return caller == null ? "" : cut(caller.name(), LONGEST_NAME);
    }

    static String role(@Nullable Caller caller) {
        return caller == null ? "" : caller.role().name().toLowerCase(Locale.ROOT);
    }

    static Key key(Deed deed, String action, Redactor redactor) {
        String queue = deed.path().getOrDefault("queue", "");
        return new Key(
                caller(deed.caller()),
                role(deed.caller()),
                deed.peer(),
                action,
                redactor.text(cut(queue, LONGEST_OBJECT)),
                deed.status());
    }

    /** Writes what one request did. */
    static byte[] one(Deed deed, String action, Redactor redactor, long millis) {
        Map<String, String> details = Meaning.details(deed);
        String object = Meaning.object(deed, details);
        details.remove("id", object); // said already
        return Json.bytes(json -> {
            json.writeStartObject();
            Json.instant(json, "time", Instant.ofEpochMilli(millis));
            json.writeStringField("caller", caller(deed.caller()));
            json.writeStringField("role", role(deed.caller()));
            json.writeStringField("peer", cut(deed.peer(), LONGEST_NAME));
            json.writeStringField("action", action);
            json.writeStringField("object", redactor.text(cut(object, LONGEST_OBJECT)));
            json.writeNumberField("status", deed.status());
            json.writeNumberField("requests", 1);
            json.writeStringField("method", deed.method());
            json.writeStringField("route", deed.route().template());
            json.writeStringField("target", redactor.text(cut(Meaning.target(deed), LONGEST_OBJECT)));
            json.writeStringField("requestId", deed.requestId());
            json.writeNumberField("durationMillis", deed.durationNanos() / 1_000_000);
            json.writeObjectFieldStart("details");
            for (Map.Entry<String, String> detail : details.entrySet()) {
                json.writeStringField(detail.getKey(), redactor.text(cut(detail.getValue(), LONGEST_DETAIL)));
            }
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    /** Writes what many requests of a kind did. */
    static byte[] many(Key key, Sums.Sum sum, long millis) {
        return Json.bytes(json -> {
            json.writeStartObject();
            Json.instant(json, "time", Instant.ofEpochMilli(millis));
            json.writeStringField("caller", key.caller());
            json.writeStringField("role", key.role());
            json.writeStringField("peer", key.peer());
            json.writeStringField("action", key.action());
            json.writeStringField("object", key.object());
            json.writeNumberField("status", key.status());
            json.writeNumberField("requests", sum.requests());
            Json.instant(json, "since", Instant.ofEpochMilli(sum.sinceMillis()));
            json.writeNumberField("durationMillis", sum.nanos() / 1_000_000);
            json.writeObjectFieldStart("details");
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private static String cut(String text, int most) {
        String cut = text.length() <= most ? text : text.substring(0, most) + "…";
        return cut.chars().noneMatch(Character::isISOControl) ? cut : Text.shown(cut);
    }
}
