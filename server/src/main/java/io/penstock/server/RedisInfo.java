package io.penstock.server;

import java.util.HashMap;
import java.util.Map;

/** Reads the text of INFO. */
final class RedisInfo {
    private RedisInfo() {}

    static Map<String, String> parse(String text) {
        Map<String, String> fields = new HashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return fields;
    }
}
