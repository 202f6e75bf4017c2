package io.penstock.server.audit;

import io.penstock.runtime.Clock;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The audit over HTTP, the last line first.
 *
 * <p>A page looks at no more than {@value #MOST_SCANNED} lines, so a rare caller makes short pages instead of slow ones;
 * {@code next} tells whether there is more.
 */
final class AuditApi {
    static final int MOST_SCANNED = 5_000;

    private static final int STEP = 500;

    private final Trail trail;
    private final Clock clock;

    AuditApi(Trail trail, Clock clock) {
        this.trail = trail;
        this.clock = clock;
    }

    Route route() {
        return Route.get("/api/v1/audit", this::list)
                .query("from", "to", "caller", "action", "object", "cursor", "limit")
                .by(Access.OPERATE);
    }

    /** What a line must be to be shown; null = anything. */
    private record Filter(
            @Nullable String caller,
            @Nullable String action,
            @Nullable String object) {
        boolean passes(Map<String, Slice> line) {
            return (caller == null || caller.equals(text(line, "caller")))
                    && (action == null || of(text(line, "action"), action))
                    && (object == null || text(line, "object").contains(object));
        }

        /** {@code jobs} is every action on jobs, {@code jobs.retry} the one. */
        private static boolean of(String action, String wanted) {
            return action.equals(wanted) || action.startsWith(wanted + ".");
        }

        private static String text(Map<String, Slice> line, String name) {
            Slice slice = line.get(name);
            return slice == null ? "" : Fields.text(slice);
        }
    }

    private record Shown(String id, Map<String, Slice> fields) {}

    private Reply list(Call call) {
        long now = clock.millis();
        long from = Given.moment(call, "from", now, 0);
        long to = Given.moment(call, "to", now, Long.MAX_VALUE);
        Given.ordered(from, to);
        Filter filter = new Filter(call.query("caller"), call.query("action"), call.query("object"));
        String cursor = call.query("cursor");
        String newest = cursor != null ? before(cursor) : to == Long.MAX_VALUE ? "+" : Long.toString(to);
        List<Shown> page = new ArrayList<>();
        String next = walk(page, filter, new Span(newest, Long.toString(from)), call.limit());
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", page, line -> {
                json.writeStringField("id", line.id());
                for (Map.Entry<String, Slice> field : line.fields().entrySet()) {
                    Json.raw(json, field.getKey(), field.getValue().copy());
                }
            });
            Json.text(json, "next", next);
            json.writeEndObject();
        });
    }

    private record Span(String newest, String oldest) {}

    /** Fills the page; answers the cursor for what is left, or null. */
    private @Nullable String walk(List<Shown> page, Filter filter, Span span, int limit) {
        String newest = span.newest();
        String last = null;
        for (int scanned = 0; scanned < MOST_SCANNED; ) {
            List<Trail.Stored> part = trail.read(newest, span.oldest(), Math.min(STEP, MOST_SCANNED - scanned));
            for (Trail.Stored stored : part) {
                scanned++;
                last = stored.id();
                Map<String, Slice> fields = fields(stored);
                if (filter.passes(fields)) {
                    page.add(new Shown(stored.id(), fields));
                }
                if (page.size() == limit) {
                    return stored.id();
                }
            }
            if (part.size() < STEP) {
                return null;
            }
            newest = before(String.valueOf(last));
        }
        return last;
    }

    private static Map<String, Slice> fields(Trail.Stored stored) {
        try {
            return Json.fields(Slice.of(stored.line()));
        } catch (Problem unreadable) {
            byte[] what =
                    "\"audit.unreadable\"".getBytes(StandardCharsets.UTF_8); // of a later version, or a stranger's
            return Map.of("action", Slice.of(what));
        }
    }

    /** Returns the end of what is older than this line; Redis 5 has no word for it. */
    private static String before(String id) {
        if (!id.matches("\\d{1,15}-\\d{1,15}")) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "cursor \"" + Text.shown(id)
                            + "\" is none of this list; nothing was read; send next of the page before");
        }
        int dash = id.indexOf('-');
        long millis = Long.parseLong(id.substring(0, dash));
        long number = Long.parseLong(id.substring(dash + 1));
        return number > 0 ? millis + "-" + (number - 1) : Long.toString(millis - 1);
    }
}
