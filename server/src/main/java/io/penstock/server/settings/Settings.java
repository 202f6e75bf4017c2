package io.penstock.server.settings;

import io.penstock.limit.Limit;
import io.penstock.memory.MemoryPolicy;
import io.penstock.memory.admission.LoadLine;
import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.monitor.MonitorConfig;
import io.penstock.redis.PoolConfig;
import io.penstock.server.redact.Redactor;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one server: each with its value and where that came from.
 *
 * <p>A flag goes before the environment, that before the file, that before the default. Every fault is found at once and
 * told together, so that a wrong file is mended in one go. Immutable.
 */
public final class Settings {
    /** Variables that others set: Kubernetes for a service named penstock, our launcher and our own command line. */
    private static final Pattern FOREIGN = Pattern.compile(
            "PENSTOCK_(?:(?:.*_)?SERVICE_(?:HOST|PORT)(?:_.*)?|(?:.*_)?PORT_\\d+_(?:TCP|UDP)(?:_.*)?|JAVA_OPTS|URL|TOKEN_FILE|CONFIG|HOME|REDIS_BINARY)");

    private static final Pattern RATE = Pattern.compile("(\\d{1,8})/(\\S{1,20})");

    private final Map<Setting, Value> values;

    /**
     * A value as it was written, and by whom.
     *
     * @param origin {@code flag --port}, {@code environment PENSTOCK_PORT}, {@code file ...}, {@code default}
     */
    public record Value(String text, String origin) {}

    private Settings(Map<Setting, Value> values) {
        this.values = values;
    }

    /**
     * Brings together what was said.
     *
     * @param flags by key
     * @param file null = none
     * @param environment usually {@code System.getenv()}
     * @throws SettingsException naming every fault
     */
    public static Settings read(Map<Setting, String> flags, @Nullable Path file, Map<String, String> environment) {
        Faults faults = new Faults();
        Map<Setting, Value> values = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            values.put(setting, new Value(setting.fallback(environment), "default"));
        }
        if (file != null) {
            fromFile(file, values, faults);
        }
        fromEnvironment(environment, values, faults);
        flags.forEach((setting, text) -> values.put(setting, new Value(text, "flag --" + setting.flag())));
        values.forEach((setting, value) -> faults.collect(() -> setting.check(value)));
        faults.collect(() -> least(values));
        faults.collect(() -> issuer(values));
        faults.raise();
        return new Settings(values);
    }

    /** The two bounds of the pool, each of them legal alone. */
    private static void least(Map<Setting, Value> values) {
        Value min = of(values, Setting.REDIS_POOL_MIN);
        Value max = of(values, Setting.REDIS_POOL_MAX);
        boolean numbers = min.text().matches("\\d{1,9}") && max.text().matches("\\d{1,9}");
        if (numbers && Integer.parseInt(min.text()) > Integer.parseInt(max.text())) {
            throw new SettingsException("redis.pool.min = \"" + min.text() + "\" (" + min.origin()
                    + ") is not legal: it must be a whole number from 0 to redis.pool.max, which is " + max.text()
                    + " ("
                    + max.origin() + ")");
        }
    }

    /** An issuer alone would sign nobody in. */
    private static void issuer(Map<Setting, Value> values) {
        for (Setting needed : List.of(Setting.OIDC_CLIENT_ID, Setting.OIDC_ROLES)) {
            if (!of(values, Setting.OIDC_ISSUER).text().isEmpty()
                    && of(values, needed).text().isEmpty()) {
                throw new SettingsException(needed.key() + " is empty, and oidc.issuer ("
                        + of(values, Setting.OIDC_ISSUER).origin() + ") needs it: set it as well");
            }
        }
    }

    private static Value of(Map<Setting, Value> values, Setting setting) {
        return Objects.requireNonNull(values.get(setting), setting.key());
    }

    private static void fromFile(Path file, Map<Setting, Value> values, Faults faults) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new SettingsException("file " + file + " cannot be read: " + unreadable.getMessage()
                    + "; nothing was started; give a .properties file in UTF-8");
        }
        Map<String, Setting> known = new TreeMap<>();
        for (Setting setting : Setting.values()) {
            if (setting.inFile()) {
                known.put(setting.key(), setting);
            }
        }
        for (String key : properties.stringPropertyNames()) {
            Setting setting = known.get(key);
            if (setting == null) {
                faults.add("file " + file + ": key \"" + Text.shown(key) + "\" is unknown; "
                        + Text.legal(key, known.keySet()));
            } else {
                values.put(setting, new Value(properties.getProperty(key).strip(), "file " + file));
            }
        }
    }

    private static void fromEnvironment(Map<String, String> environment, Map<Setting, Value> values, Faults faults) {
        Map<String, Setting> known = new LinkedHashMap<>();
        for (Setting setting : Setting.values()) {
            setting.variables().forEach(variable -> known.put(variable, setting));
        }
        new TreeMap<>(environment).forEach((variable, text) -> {
            Setting setting = known.get(variable);
            Value before = setting == null ? null : values.get(setting);
            boolean ours = variable.startsWith("PENSTOCK_");
            // our own names go before those of the reports
            if (setting != null && (ours || before == null || !before.origin().startsWith("environment PENSTOCK_"))) {
                values.put(setting, new Value(text.strip(), "environment " + variable));
            } else if (setting == null && ours && !FOREIGN.matcher(variable).matches()) {
                faults.add("environment variable " + Text.shown(variable) + " is unknown; "
                        + Text.legal(variable, known.keySet()));
            }
        });
    }

    /**
     * Returns these settings with others in the place of some.
     *
     * @throws SettingsException naming every fault of those
     */
    Settings with(Map<Setting, Value> others) {
        Faults faults = new Faults();
        Map<Setting, Value> merged = new EnumMap<>(values);
        merged.putAll(others);
        others.forEach((setting, value) -> faults.collect(() -> setting.check(value)));
        faults.raise();
        return new Settings(merged);
    }

    /** Returns the text of a setting; empty when nothing was said and there is no default. */
    public String text(Setting setting) {
        return value(setting).text();
    }

    /** Returns a whole number. */
    public int number(Setting setting) {
        return Integer.parseInt(text(setting));
    }

    /** Returns how many dedicated connections there may be. */
    public PoolConfig pool() {
        return PoolConfig.DEFAULT
                .connections(number(Setting.REDIS_POOL_MIN), number(Setting.REDIS_POOL_MAX))
                .acquireTimeout(Duration.ofMillis(number(Setting.REDIS_POOL_ACQUIRE)));
    }

    /** Returns what each token may ask, as a limit of this name; null = as much as it likes. */
    public @Nullable Limit rate(String name) {
        return rate(name, text(Setting.API_RATE));
    }

    /** Returns null for what is no rate. */
    static @Nullable Limit rate(String name, String text) {
        Matcher rate = RATE.matcher(text);
        if (!rate.matches()) {
            return null;
        }
        try {
            return Limit.window(name, Long.parseLong(rate.group(1)), Setting.span(rate.group(2)));
        } catch (IllegalArgumentException illegal) {
            return null;
        }
    }

    /** Returns how jobs are admitted. */
    public LoadLineConfig loadLine() {
        return LoadLineConfig.DEFAULT
                .mode(LoadLineConfig.Mode.valueOf(text(Setting.MEMORY_ADMISSION).toUpperCase(Locale.ROOT)))
                .line(Double.parseDouble(text(Setting.MEMORY_LOAD_LINE)))
                .groupBytes(Long.parseLong(text(Setting.MEMORY_GROUP)));
    }

    /** Returns the same over this line, whose budget for groups is fixed for its life. */
    public LoadLineConfig loadLine(LoadLine over) {
        return loadLine().groupBytes(over.config().groupBytes());
    }

    /** Returns when memory is looked at and freed. */
    public MemoryPolicy memoryPolicy() {
        return new MemoryPolicy(
                flag(Setting.MEMORY_ENABLED),
                flag(Setting.MEMORY_AUTO),
                number(Setting.MEMORY_THRESHOLD),
                number(Setting.MEMORY_INTERVAL),
                number(Setting.MEMORY_HEAP),
                number(Setting.MEMORY_RSS));
    }

    /** Returns what is measured, and what it may weigh. */
    public MonitorConfig monitor() {
        return new MonitorConfig(
                flag(Setting.MONITORING_ENABLED),
                Duration.ofMillis(number(Setting.MONITORING_PERFORMANCE)),
                Duration.ofMillis(number(Setting.MONITORING_QUEUE)),
                Duration.ofMillis(number(Setting.MONITORING_MEMORY)),
                Duration.ofMillis(number(Setting.MONITORING_SYSTEM)),
                (long) number(Setting.MONITORING_BUDGET) << 20,
                flag(Setting.VISUALIZATION_ENABLED),
                path(Setting.DATA_DIR));
    }

    /** Returns what is taken out of what people see. */
    public Redactor redactor() {
        return new Redactor(flag(Setting.REDACT_ENABLED), list(Setting.REDACT_NAMES), list(Setting.REDACT_PATHS));
    }

    /** Returns a yes or no. */
    public boolean flag(Setting setting) {
        return text(setting).equals("true");
    }

    /** Returns a duration. */
    public Duration duration(Setting setting) {
        return Setting.span(text(setting));
    }

    /** Returns a list, written with commas. */
    public List<String> list(Setting setting) {
        return Setting.split(text(setting));
    }

    /** Returns a directory or file. */
    public Path path(Setting setting) {
        return Path.of(text(setting));
    }

    /** Returns the value with its origin. */
    public Value value(Setting setting) {
        Value value = values.get(setting);
        if (value == null) {
            throw new IllegalStateException("setting " + setting.key() + " was not read");
        }
        return value;
    }

    /** Returns the text of a setting as it may be shown: secrets and passwords are not. */
    public String shown(Setting setting) {
        String text = text(setting);
        if (setting.secret()) {
            return text.isEmpty() ? "" : "***";
        }
        return Redactor.STANDARD.text(text.replaceAll("//[^@/]*@", "//***@")
                .replaceAll("(?i)([?&;](?:password|username|user)=)[^&;]*", "$1***"));
    }

    /** Faults, told together. */
    private static final class Faults {
        private final StringBuilder told = new StringBuilder();

        void add(String fault) {
            told.append(told.isEmpty() ? "" : "\n").append(fault);
        }

        void collect(Runnable check) {
            try {
                check.run();
            } catch (SettingsException fault) {
                add(String.valueOf(fault.getMessage()));
            }
        }

        void raise() {
            if (!told.isEmpty()) {
                throw new SettingsException(told.toString());
            }
        }
    }
}
