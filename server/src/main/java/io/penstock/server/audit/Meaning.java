package io.penstock.server.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.server.http.Deed;
import io.penstock.server.http.Route;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a write meant, in few words: {@code jobs.retry}, {@code queues.purge}.
 *
 * <p>The words are made from the route table, so that a new route has its own without anybody thinking of it; numbers and
 * names come from the beginning of the answer, and from bodies only the names of fields and the words listed here.
 */
final class Meaning {
    private static final String ROOT = "/api/v1/";

    /** What is said of a sign-in, for which the routes have one word for many and one for one. */
    private static final Map<String, String> OTHERWISE = Map.of(
            "sessions.create",
            "session.open",
            "session.delete",
            "session.close",
            "sessions.oidc.callback.other",
            "session.open",
            "sessions.oidc.other",
            "session.begin",
            "leases.create",
            "leases.take");

    private static final Map<String, String> VERBS =
            Map.of("POST", "create", "PUT", "set", "PATCH", "edit", "DELETE", "delete");

    /** Parts of a path that are rights, not names. */
    private static final Set<String> RIGHTS = Set.of("token", "code");

    /** Counts of an answer that say how much was done. */
    private static final Set<String> COUNTS = Set.of(
            "accepted",
            "duplicates",
            "refused",
            "completed",
            "failed",
            "cancelled",
            "retried",
            "deleted",
            "removed",
            "moved",
            "matched",
            "affected",
            "done",
            "total",
            "released",
            "cleared",
            "freedBytes");

    /** Words of an answer that say what it was about. */
    private static final Set<String> NAMES = Set.of("id", "job", "queue", "action", "state", "status", "name", "role");

    /** Words of a body that say what was wanted. */
    private static final Set<String> WISHES = Set.of("action", "state", "strategy", "role", "dryRun", "for", "until");

    /** Looked at of an answer: what counts stands at its beginning. */
    private static final int MOST_BYTES = 4 << 10;

    private static final int MOST_FIELDS = 40;
    private static final int MOST_DETAILS = 8;
    private static final JsonFactory FACTORY = new JsonFactory();

    private Meaning() {}

    static String action(Route route) {
        String template = route.template();
        String path = template.startsWith(ROOT) ? template.substring(ROOT.length()) : template.substring(1);
        List<String> behind = new ArrayList<>();
        String before = "";
        String verb = "";
        for (String step : path.split("/", -1)) {
            int colon = step.indexOf(':', Math.max(0, step.indexOf('}')));
            verb = colon < 0 ? "" : step.substring(colon + 1);
            String word = colon < 0 ? step : step.substring(0, colon);
            if (word.startsWith("{")) {
                before = behind.isEmpty() ? before : behind.get(behind.size() - 1);
                behind.clear();
            } else {
                behind.add(word);
            }
        }
        String noun = behind.isEmpty() ? before : String.join(".", behind);
        String action = noun + "." + (verb.isEmpty() ? VERBS.getOrDefault(route.method(), "other") : verb);
        return OTHERWISE.getOrDefault(action, action);
    }

    /** Returns the path as it was asked for, without what is a right in it. */
    static String target(Deed deed) {
        String target = deed.route().template();
        for (Map.Entry<String, String> part : deed.path().entrySet()) {
            String shown = RIGHTS.contains(part.getKey()) ? "***" : part.getValue();
            target = target.replace("{" + part.getKey() + "}", shown);
        }
        return target;
    }

    /** Returns what it was done to: the names in the path, in their order; else the id in the answer. */
    static String object(Deed deed, Map<String, String> details) {
        StringBuilder object = new StringBuilder();
        String template = deed.route().template();
        for (int open = template.indexOf('{'); open >= 0; open = template.indexOf('{', open + 1)) {
            String name = template.substring(open + 1, template.indexOf('}', open));
            if (!RIGHTS.contains(name)) {
                object.append(object.isEmpty() ? "" : "/").append(deed.path().getOrDefault(name, ""));
            }
        }
        String id = object.isEmpty() ? details.remove("id") : null;
        return id == null ? object.toString() : id;
    }

    /** Returns counts and words of body and answer. */
    static Map<String, String> details(Deed deed) {
        Map<String, String> details = new LinkedHashMap<>();
        boolean done = deed.status() >= 200 && deed.status() < 300;
        String method = deed.method();
        if (done && !deed.route().creates()) {
            List<String> fields = new ArrayList<>();
            read(deed.body(), (name, token, text) -> {
                fields.add(name);
                if (WISHES.contains(name) && token.isScalarValue()) {
                    details.put(name, text);
                }
            });
            if (!fields.isEmpty() && (method.equals("PUT") || method.equals("PATCH"))) {
                details.put("fields", String.join(",", fields));
            }
        }
        read(deed.reply(), (name, token, text) -> {
            boolean count = done && COUNTS.contains(name) && token == JsonToken.VALUE_NUMBER_INT;
            boolean word = done && NAMES.contains(name) && token == JsonToken.VALUE_STRING;
            if ((count || word) && details.size() < MOST_DETAILS) {
                details.putIfAbsent(name, text);
            } else if (!done && name.equals("type") && token == JsonToken.VALUE_STRING) {
                details.put("problem", text.substring(text.lastIndexOf('/') + 1));
            }
        });
        if (deed.location() != null && deed.location().startsWith("/sign-in")) {
            details.put("to", deed.location()); // says whether somebody was signed in, and if not, why
        }
        return details;
    }

    /** Takes one field of the first level. */
    private interface Field {
        void take(String name, JsonToken token, String text) throws IOException;
    }

    /** Reads the fields of an object as far as it goes; what is no object has none. */
    private static void read(byte[] json, Field fields) {
        try (JsonParser parser = FACTORY.createParser(json, 0, Math.min(json.length, MOST_BYTES))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return;
            }
            for (int i = 0; i < MOST_FIELDS && parser.nextToken() == JsonToken.FIELD_NAME; i++) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                if (token == null) {
                    return;
                }
                fields.take(name, token, token.isScalarValue() ? parser.getText() : "");
                parser.skipChildren();
            }
        } catch (IOException over) {
            // cut where it was too long, or no JSON: what was read is what is told
        }
    }
}
