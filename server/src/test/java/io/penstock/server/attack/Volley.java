package io.penstock.server.attack;

import static io.penstock.server.attack.Hostile.pick;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;

/** Requests that are wrong in some way, made of what openapi.json says is right. */
final class Volley {
    private static final Pattern PART = Pattern.compile("\\{\\w+}");

    /** Stops the process for a moment each time, so they come seldom. */
    private static final Pattern HEAVY = Pattern.compile(".*/memory/(histogram|optimizations|snapshots)");

    private static final int MOST_DEPTH = 6;

    private final JsonNode openapi;
    private final String token;
    private final Random random;
    private final List<Operation> operations = new ArrayList<>();

    private record Operation(String method, String path, List<String> query, List<String> types, JsonNode schema) {}

    /** What to send, and whether an answer to it has no body. */
    record Shot(byte[] bytes, boolean head) {
        @Override
        public String toString() {
            String text = new String(bytes, 0, Math.min(bytes.length, 2_000), StandardCharsets.ISO_8859_1);
            return bytes.length + " bytes: " + text.replaceAll("[^\\x20-\\x7e\\n]", "?");
        }
    }

    Volley(JsonNode openapi, String token, Random random) {
        this.openapi = openapi;
        this.token = token;
        this.random = random;
        for (Map.Entry<String, JsonNode> path : openapi.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                operations.add(operation(method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue()));
            }
        }
    }

    private Operation operation(String method, String path, JsonNode described) {
        List<String> query = new ArrayList<>();
        for (JsonNode parameter : described.path("parameters")) {
            JsonNode whole = resolved(parameter);
            if (whole.path("in").asText().equals("query")) {
                query.add(whole.path("name").asText());
            }
        }
        List<String> types = new ArrayList<>();
        JsonNode schema = MissingNode.getInstance();
        for (Map.Entry<String, JsonNode> content :
                described.at("/requestBody/content").properties()) {
            types.add(content.getKey());
            schema = content.getValue().path("schema");
        }
        return new Operation(method, path, query, types, schema);
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? openapi.at(node.path("$ref").asText().substring(1)) : node;
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    Shot next() {
        Operation chosen = operations.get(random.nextInt(operations.size()));
        while (HEAVY.matcher(chosen.path()).matches() && !chance(100)) {
            chosen = operations.get(random.nextInt(operations.size()));
        }
        String method = chance(15) ? pick(Hostile.VERBS, random) : chosen.method();
        byte[] body = method.equals("GET") || method.equals("HEAD") ? new byte[0] : body(chosen);
        StringBuilder head = new StringBuilder(method + " " + path(chosen) + query(chosen) + " HTTP/1.1\r\n");
        head.append("Host: localhost\r\n");
        if (!chance(50)) {
            head.append("Authorization: Bearer ").append(token).append("\r\n");
        }
        if (body.length > 0 && !chance(20)) {
            boolean right = !chosen.types().isEmpty() && !chance(8);
            String type = right ? pick(chosen.types(), random) : pick(Hostile.TYPES, random);
            head.append("Content-Type: ").append(type).append("\r\n");
        }
        for (int i = chance(4) ? 1 + random.nextInt(3) : 0; i > 0; i--) {
            head.append(pick(Hostile.HEADERS, random)).append("\r\n");
        }
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(body);
        return new Shot(all.toByteArray(), method.equals("HEAD"));
    }

    private String path(Operation operation) {
        String path = PART.matcher(operation.path()).replaceAll(part -> {
            String plain =
                    part.group().equals("{queue}") ? "fuzz" : part.group().equals("{id}") ? "fuzz-100" : "fuzz";
            return java.util.regex.Matcher.quoteReplacement(chance(6) ? pick(Hostile.NAMES, random) : plain);
        });
        return switch (random.nextInt(80)) {
            case 0 -> path.replace("/", "//");
            case 1 -> path + "/";
            case 2 -> path.replace("/", "/./");
            case 3 -> path.replace("a", "%61").replace("v1", "%76%31");
            case 4 -> path.replace("/", "%2f");
            case 5 -> "/" + pick(Hostile.NAMES, random);
            case 6 -> "http://localhost" + path;
            case 7 -> path + ";jsessionid=1";
            case 8 -> path + "x".repeat(random.nextInt(17_000));
            default -> path;
        };
    }

    private String query(Operation operation) {
        if (!chance(4)) {
            return "";
        }
        StringBuilder query = new StringBuilder("?");
        for (int i = random.nextInt(3); i >= 0; i--) {
            boolean known = !operation.query().isEmpty() && !chance(6);
            String name = known ? pick(operation.query(), random) : pick(Hostile.TEXTS, random);
            String value = name.startsWith("wait") ? "1ms" : pick(Hostile.TEXTS, random);
            query.append(query.length() > 1 ? "&" : "").append(name).append(chance(12) ? "" : "=" + value);
        }
        return chance(30) ? query + "&a=b".repeat(random.nextInt(100)) : query.toString();
    }

    private byte[] body(Operation operation) {
        if (operation.types().isEmpty() && !chance(4)) {
            return new byte[0];
        }
        String json = value(operation.schema(), 0, chance(2) ? 0 : 12, "");
        if (chance(10)) {
            json = mutated(json);
        }
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        return switch (random.nextInt(40)) {
            case 0 -> json.getBytes(StandardCharsets.UTF_16);
            case 1 -> ("\uFEFF" + json).getBytes(StandardCharsets.UTF_8);
            case 2 -> broken(utf8);
            case 3 -> new byte[random.nextInt(3_000)];
            default -> utf8;
        };
    }

    private byte[] broken(byte[] utf8) {
        for (int i = utf8.length == 0 ? 0 : 3; i > 0; i--) {
            utf8[random.nextInt(utf8.length)] = (byte) random.nextInt(256);
        }
        return utf8;
    }

    private String mutated(String json) {
        StringBuilder changed = new StringBuilder(json);
        for (int i = random.nextInt(4); i >= 0 && changed.length() > 0; i--) {
            int at = random.nextInt(changed.length());
            switch (random.nextInt(3)) {
                case 0 -> changed.setCharAt(at, (char) random.nextInt(128));
                case 1 -> changed.insert(at, "{}[]\",:\\0-eE.".charAt(random.nextInt(13)));
                default -> changed.setLength(Math.max(1, at));
            }
        }
        return changed.toString();
    }

    /**
     * Makes JSON by a schema.
     *
     * @param wrong one value in so many is not what the schema says; 0 = all are
     */
    private String value(JsonNode reference, int depth, int wrong, String name) {
        JsonNode schema = resolved(reference);
        if (name.startsWith("wait")) {
            return pick(Hostile.WAITS, random);
        }
        if (wrong > 0 && chance(wrong)) {
            return pick(Hostile.VALUES, random);
        }
        for (String choice : List.of("anyOf", "oneOf", "allOf")) {
            if (schema.path(choice).isArray() && depth < MOST_DEPTH) {
                JsonNode all = schema.path(choice);
                return value(all.get(random.nextInt(all.size())), depth + 1, wrong, name);
            }
        }
        if (schema.path("enum").isArray()) {
            JsonNode all = schema.path("enum");
            return all.get(random.nextInt(all.size())).toString();
        }
        JsonNode type = schema.path("type");
        return switch (type.isArray() ? type.get(random.nextInt(type.size())).asText() : type.asText()) {
            case "object" -> object(schema, depth, wrong);
            case "array" -> array(schema, depth, wrong);
            case "integer" -> Long.toString(schema.path("minimum").asLong(1) + random.nextInt(3));
            case "number" -> Double.toString(random.nextInt(10) / 10.0);
            case "boolean" -> Boolean.toString(random.nextBoolean());
            case "string" -> text(schema, name);
            default -> chance(3) ? pick(Hostile.VALUES, random) : "{\"a\":1}";
        };
    }

    private String text(JsonNode schema, String name) {
        if (schema.path("format").asText().equals("date-time")) {
            return "\"2035-01-01T00:00:00Z\"";
        }
        if (name.matches("(?i).*(delay|age|ttl|timeout|every|length|window|duration|for)")) {
            return "\"300d\"";
        }
        return name.equals("cron") ? "\"0 0 1 1 *\"" : !chance(6) ? "\"fuzz\"" : pick(Hostile.VALUES, random);
    }

    private String object(JsonNode schema, int depth, int wrong) {
        List<String> fields = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            boolean required = schema.path("required").toString().contains('"' + property.getKey() + '"');
            if (depth < MOST_DEPTH && (required || chance(3))) {
                String field = '"' + property.getKey() + "\":"
                        + value(property.getValue(), depth + 1, wrong, property.getKey());
                fields.add(field);
                if (wrong > 0 && chance(40)) {
                    fields.add(field); // twice
                }
            }
        }
        if (wrong > 0 && chance(15)) {
            fields.add("\"" + (chance(2) ? "\\ud800" : "z".repeat(79) + "\uD83D\uDE00") + "\":"
                    + pick(Hostile.VALUES, random));
        }
        return "{" + String.join(",", fields) + "}";
    }

    private String array(JsonNode schema, int depth, int wrong) {
        List<String> items = new ArrayList<>();
        for (int i = depth < MOST_DEPTH ? random.nextInt(4) : 0; i > 0; i--) {
            items.add(value(schema.path("items"), depth + 1, wrong, ""));
        }
        return "[" + String.join(",", items) + "]";
    }
}
