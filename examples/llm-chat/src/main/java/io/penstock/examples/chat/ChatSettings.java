package io.penstock.examples.chat;

import io.penstock.examples.chat.stub.StubSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What can be set, by flag ({@code --database-url}) or environment ({@code DATABASE_URL}); the flag wins.
 *
 * @param values by the name in the environment; all there
 */
record ChatSettings(Map<String, String> values) {
    private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();

    static {
        DEFAULTS.put("PORT", "3001");
        DEFAULTS.put("BIND", "127.0.0.1");
        DEFAULTS.put("DASHBOARD_PORT", "3002"); // 0 = any, -1 = none
        DEFAULTS.put("DATA_DIR", "");
        DEFAULTS.put("REDIS", ""); // empty = an embedded one
        DEFAULTS.put("DATABASE_URL", ""); // empty = H2 in the data directory
        DEFAULTS.put("DATABASE_USER", "");
        DEFAULTS.put("DATABASE_PASSWORD", "");
        DEFAULTS.put("LLM_ENDPOINT", ""); // empty = the stub
        DEFAULTS.put("LLM_API_KEY", "");
        DEFAULTS.put("LLM_MODEL", "stub-1");
        DEFAULTS.put("LLM_MORE_ENDPOINTS", ""); // that agents may name besides, without the key
        DEFAULTS.put("STUB", ""); // firstTokenMillis=300,share429=0.05,...
        DEFAULTS.put("WORKERS", "5"); // of each of the two other queues, as in the report
        DEFAULTS.put("CHAT_WORKERS", "100"); // a slot is what a streaming answer holds; memory bounds them besides
        DEFAULTS.put("TENANT_TURNS", "0"); // of one tenant at once, 0 = no limit
        DEFAULTS.put("TENANT_REQUESTS_PER_MINUTE", "600");
        DEFAULTS.put("TENANT_TOKENS_PER_DAY", "1000000");
        DEFAULTS.put("SMTP", ""); // host:port, empty = mails go to the log
        DEFAULTS.put("MAIL_FROM", "chat@localhost");
        DEFAULTS.put("WEBHOOK_ALLOW", ""); // hosts that may be told, empty = none
        DEFAULTS.put("WEBHOOK_SECRET", "");
        DEFAULTS.put("HISTORY_DAYS", "30");
        DEFAULTS.put("PACE", "1"); // how many times as fast watching and daily work go, for soaks
        DEFAULTS.put("SHUTDOWN_SECONDS", "25");
        DEFAULTS.put("PENSTOCK_TOKEN", ""); // of the dashboard, empty = made at the first start
    }

    /**
     * Reads what was said.
     *
     * @throws IllegalArgumentException for a flag that is unknown
     */
    static ChatSettings read(List<String> flags, Map<String, String> environment) {
        Map<String, String> values = new HashMap<>(DEFAULTS);
        DEFAULTS.keySet().stream()
                .filter(environment::containsKey)
                .forEach(name -> values.put(name, environment.get(name)));
        for (int i = 0; i < flags.size(); i++) {
            String[] pair = flags.get(i).split("=", 2);
            String name = pair[0].replaceFirst("^--", "").replace('-', '_').toUpperCase(Locale.ROOT);
            if (!pair[0].startsWith("--") || !DEFAULTS.containsKey(name)) {
                throw new IllegalArgumentException("flag \"" + pair[0]
                        + "\" is unknown; nothing was started; known are "
                        + DEFAULTS.keySet().stream().map(ChatSettings::flag).toList());
            }
            if (pair.length == 1 && i + 1 == flags.size()) {
                throw new IllegalArgumentException("flag " + pair[0] + " has no value; nothing was started; add one");
            }
            values.put(name, pair.length == 2 ? pair[1] : flags.get(++i));
        }
        return new ChatSettings(Map.copyOf(values));
    }

    private static String flag(String name) {
        return "--" + name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String text(String name) {
        return values.getOrDefault(name, "");
    }

    int number(String name, int least, int most) {
        String text = text(name);
        boolean legal = text.matches("-?\\d{1,9}") && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most;
        if (!legal) {
            throw new IllegalArgumentException(name + " = \"" + text + "\" is not a number from " + least + " to "
                    + most + "; nothing was started; correct it");
        }
        return Integer.parseInt(text);
    }

    List<String> list(String name) {
        return Arrays.stream(text(name).split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    Path dataDir() {
        String given = text("DATA_DIR");
        return given.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local", "share", "penstock-llm-chat")
                : Path.of(given).toAbsolutePath();
    }

    StubSettings stub() {
        Map<String, String> given = new HashMap<>();
        for (String part : list("STUB")) {
            String[] pair = part.split("=", 2);
            given.put(pair[0], pair.length == 2 ? pair[1] : "");
        }
        return StubSettings.DEFAULT.with(given);
    }
}
