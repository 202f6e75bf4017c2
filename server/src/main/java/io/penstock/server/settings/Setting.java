package io.penstock.server.settings;

import io.penstock.job.Names;
import io.penstock.server.delivery.AllowList;
import io.penstock.server.redact.Redactor;
import io.penstock.server.wire.Spans;
import io.penstock.server.wire.Text;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One thing that can be set about a server, with its names, its default and its legal values. */
public enum Setting {
    /** Address to listen on. */
    BIND("bind", "127.0.0.1", false),
    /** Port to listen on; 0 = any free one. */
    PORT("port", "3001", false),
    /** Redis to use; empty = start one. */
    REDIS("redis", "", false),
    /** Dedicated connections to Redis at most. */
    REDIS_POOL_MAX("redis.pool.max", "20", false, "REDIS_MAX_CONNECTIONS"),
    /** Dedicated connections that stay open while nobody uses them. */
    REDIS_POOL_MIN("redis.pool.min", "0", false, "REDIS_MIN_CONNECTIONS"),
    /** Milliseconds that a caller waits for a dedicated connection. */
    REDIS_POOL_ACQUIRE("redis.pool.acquireTimeoutMs", "5000", false, "REDIS_ACQUIRE_TIMEOUT_MS"),
    /** Requests that each token may make: 600/1m; empty = as many as it likes. */
    API_RATE("api.rate", "", false),
    /** JDBC address of a database that is watched; empty = none. */
    DATABASE_URL("database.url", "", false),
    /** User of that database. */
    DATABASE_USER("database.user", "", false),
    /** Password of that database. */
    DATABASE_PASSWORD("database.password", "", true),
    /** Whether jobs that others write into the outbox of that database are relayed. */
    OUTBOX("outbox.relay", "false", false),
    /** File of the keys that payloads are encrypted with; empty = they are not. */
    PAYLOAD_KEYS("payload.keys", "", false),
    /** Bytes above which payloads are compressed; 0 = never. */
    PAYLOAD_COMPRESS("payload.compressAbove", "0", false),
    /** Directory for large payloads; empty = they stay in Redis. */
    PAYLOAD_STORE("payload.store", "", false),
    /** Bytes above which payloads go there. */
    PAYLOAD_OFFLOAD("payload.storeAbove", "131072", false),
    /** Where the token and the embedded Redis keep their files. */
    DATA_DIR("data-dir", "", false),
    /** Jobs that this process runs at once. */
    CONCURRENCY("concurrency", "16", false, "QUEUE_CONCURRENCY"),
    /** How long a worker of this process may be silent before others get its jobs; digits alone are milliseconds. */
    LEASE("lease", "30s", false, "QUEUE_STALLED_INTERVAL"),
    /** Queues that this process takes jobs from; empty = those that hold jobs of a type it knows. */
    QUEUES("queues", "", false),
    /** Directory of jars with handlers. */
    PLUGINS("plugins", "", false),
    /** Whether the demo handlers are there. */
    DEMO("demo", "false", false),
    /** Whether a non-loopback bind without TLS is meant. */
    INSECURE_PLAINTEXT("insecure-plaintext", "false", false),
    /** Further names by which a loopback bind may be asked. */
    HOSTS("hosts", "", false),
    /** Whether everything that would change something is refused. */
    READ_ONLY("readOnly", "false", false),
    /** OpenID Connect issuer by which people sign in, as it names itself; empty = by tokens only. */
    OIDC_ISSUER("oidc.issuer", "", false),
    /** What the issuer calls this installation. */
    OIDC_CLIENT_ID("oidc.clientId", "", false),
    /** What it knows it by; empty = a public client. */
    OIDC_CLIENT_SECRET("oidc.clientSecret", "", true),
    /** The claim of ID tokens that says who may what. */
    OIDC_CLAIM("oidc.claim", "groups", false),
    /** Texts of that claim and their roles: ops=operator,root=admin; texts are compared to the letter. */
    OIDC_ROLES("oidc.roles", "", false),
    /** The claim of ID tokens with the queue patterns of a person; empty = all queues. */
    OIDC_QUEUES("oidc.queues", "", false),
    /** What this installation is called in the dashboard: production and the like. */
    ENVIRONMENT("environment", "", false),
    /** Time that running jobs get to end. */
    SHUTDOWN_TIMEOUT("shutdown.timeout", "25s", false),
    /** Where the http handler may deliver to; empty = it is off. */
    HTTP_ALLOW("http.allow", "", false),
    /** Key that signs what the http handler delivers. */
    HTTP_SECRET("http.secret", "", true),
    /** Where notification channels may send to besides public addresses. */
    CHANNEL_ALLOW("channel.allow", "", false),
    /** How long writes are remembered. */
    AUDIT_RETENTION("audit.retention", "90d", false),
    /** Whether secrets are taken out of what people see of jobs. */
    REDACT_ENABLED("redact.enabled", "true", false),
    /** Further names of fields that are secrets. */
    REDACT_NAMES("redact.names", "", false),
    /** Places in payloads and results that are secrets: $.user.email, orders[*].card. */
    REDACT_PATHS("redact.paths", "", false),
    /** Whether memory is watched and freed. */
    MEMORY_ENABLED("memoryOptimization.enabled", "true", false, "MEMORY_OPTIMIZATION_ENABLED"),
    /** Whether optimisations run that nobody asked for. */
    MEMORY_AUTO("memoryOptimization.autoOptimization", "true", false),
    /** Percent of the maximum that the live set must reach before a run or an alarm. */
    MEMORY_THRESHOLD("memoryOptimization.threshold", "80", false, "MEMORY_OPTIMIZATION_THRESHOLD"),
    /** Milliseconds between two looks while all is well. */
    MEMORY_INTERVAL("memoryOptimization.intervalMs", "30000", false, "MEMORY_OPTIMIZATION_INTERVAL_MS"),
    /** Budget of the heap in MB; 0 = what the JVM was given. */
    MEMORY_HEAP("memoryOptimization.maxHeapSizeMB", "0", false),
    /** Budget of the process in MB; 0 = by the container's limit. */
    MEMORY_RSS("memoryOptimization.maxRSSSizeMB", "0", false),
    /** What becomes of a job for which there is no memory: off, monitor or enforce. */
    MEMORY_ADMISSION("memory.admission.mode", "enforce", false),
    /** Share of the heap that jobs and all else may fill; 0 = by the collector. */
    MEMORY_LOAD_LINE("memory.load-line", "0", false),
    /** Bytes that the running jobs of one group may need together; 0 = no budget. */
    MEMORY_GROUP("memory.group-bytes", "0", false),
    /** Whether an administrator may write a dump of the heap, which holds every payload and secret. */
    MEMORY_HEAP_DUMP("memory.snapshot.heap-dump", "false", false),
    /** Time of day at which ended jobs are looked through; off = never by itself. */
    CLEANUP_AT("cleanup.at", "03:30", false),
    /** What all caches of this process may hold in it, in MB; 0 = a sixteenth of the heap. */
    CACHE_NEAR("cache.nearMB", "0", false),
    /** Whether anything is measured over time. */
    MONITORING_ENABLED("monitoring.enabled", "true", false),
    /** Milliseconds between two looks at the process. */
    MONITORING_PERFORMANCE("monitoring.performanceIntervalMs", "10000", false, "MONITORING_PERFORMANCE_INTERVAL_MS"),
    /** Milliseconds between two looks at the queues and at Redis. */
    MONITORING_QUEUE("monitoring.queueIntervalMs", "10000", false, "MONITORING_QUEUE_INTERVAL_MS"),
    /** Milliseconds between two looks at what the memory governor saw. */
    MONITORING_MEMORY("monitoring.memoryIntervalMs", "30000", false, "MONITORING_MEMORY_INTERVAL_MS"),
    /** Milliseconds between two looks at the machine. */
    MONITORING_SYSTEM("monitoring.systemIntervalMs", "60000", false, "MONITORING_SYSTEM_INTERVAL_MS"),
    /** MB that all histories together may hold: decides how many queues have one. */
    MONITORING_BUDGET("monitoring.maxMemoryMB", "2", false),
    /** Whether a past is kept and shown; without it there are the latest numbers only. */
    VISUALIZATION_ENABLED("visualization.enabled", "true", false, "VISUALIZATION_ENABLED"),
    /** Milliseconds after which a page asks again. */
    VISUALIZATION_UPDATE("visualization.updateIntervalMs", "10000", false, "VISUALIZATION_UPDATE_INTERVAL_MS"),
    /** Points of a chart at most. */
    VISUALIZATION_POINTS("visualization.maxDataPoints", "100", false, "VISUALIZATION_MAX_DATA_POINTS"),
    /** Stored readings that a point of a chart stands for at least. */
    VISUALIZATION_SAMPLING("visualization.samplingRate", "1", false, "VISUALIZATION_SAMPLING_RATE"),
    /** The access token; never in a file that others read, and so only in the environment. */
    TOKEN("token", "", true);

    private static final Duration LONGEST_SHUTDOWN = Duration.ofHours(1);

    /** As {@link io.penstock.worker.WorkerConfig} has it. */
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

    private static final Duration SHORTEST_AUDIT = Duration.ofHours(1);
    private static final Duration LONGEST_AUDIT = Duration.ofDays(3_650);
    private static final Duration LONGEST_LEASE = Duration.ofHours(1);
    private static final int MOST_CONCURRENCY = 10_000;

    /** As {@link io.penstock.redis.PoolConfig} has them. */
    private static final int MOST_CONNECTIONS = 1_000;

    /** As {@link io.penstock.payload.PayloadConfig} has it. */
    private static final int MOST_PAYLOAD = 64 << 20;

    private static final int LONGEST_ACQUIRE = 300_000;
    private static final int SHORTEST_SECRET = 16;
    public static final int LEAST_THRESHOLD = 20;
    public static final int MOST_THRESHOLD = 95;
    public static final int LEAST_INTERVAL = 100;
    public static final int MOST_INTERVAL = 3_600_000;
    public static final int LEAST_BUDGET = 16;
    public static final int MOST_BUDGET = 16 << 20; // 16 TiB in MB: what a JVM can address

    /** As {@link io.penstock.monitor.MonitorConfig} has them. */
    private static final int LEAST_LOOK = 1_000;

    private static final int MOST_MONITORING = 64;
    private static final int LEAST_POINTS = 10;
    private static final int MOST_POINTS = 2_000; // a day in minutes is 1,440
    private static final int MOST_SAMPLING = 100;

    private final String key;
    private final String fallback;
    private final boolean secret;
    private final String alias;

    Setting(String key, String fallback, boolean secret) {
        this(key, fallback, secret, "");
    }

    Setting(String key, String fallback, boolean secret, String alias) {
        this.key = key;
        this.fallback = fallback;
        this.secret = secret;
        this.alias = alias;
    }

    /** Returns the name in a file and in messages. */
    public String key() {
        return key;
    }

    /** Returns the name on the command line, without dashes. */
    public String flag() {
        return key.replace('.', '-')
                .replaceAll("([a-z])([A-Z])", "$1-$2")
                .replaceAll("([A-Z])([A-Z][a-z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
    }

    /** Returns the names in the environment, the first one ours. */
    public List<String> variables() {
        String ours = "PENSTOCK_" + flag().toUpperCase(Locale.ROOT).replace('-', '_');
        return alias.isEmpty() ? List.of(ours) : List.of(ours, alias);
    }

    /** Tells whether the value must not be shown. */
    public boolean secret() {
        return secret;
    }

    /** Tells whether it can be changed while the server runs. */
    public boolean live() {
        return switch (this) {
            case MEMORY_ENABLED,
                    MEMORY_AUTO,
                    MEMORY_THRESHOLD,
                    MEMORY_INTERVAL,
                    MEMORY_HEAP,
                    MEMORY_RSS,
                    CACHE_NEAR,
                    CLEANUP_AT,
                    VISUALIZATION_UPDATE,
                    VISUALIZATION_POINTS,
                    VISUALIZATION_SAMPLING,
                    MEMORY_ADMISSION,
                    MEMORY_LOAD_LINE -> true;
            default -> false;
        };
    }

    /** Tells whether a file may hold it. */
    public boolean inFile() {
        return this != TOKEN;
    }

    /** Returns the value when nothing is said. */
    String fallback(Map<String, String> environment) {
        return this == DATA_DIR ? defaultDataDir(environment).toString() : fallback;
    }

    /** Returns {@code ${XDG_DATA_HOME:-~/.local/share}/penstock}. */
    public static Path defaultDataDir(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_DATA_HOME", "");
        Path home = Path.of(System.getProperty("user.home"));
        // the specification says that a relative one is to be ignored
        boolean usable = !xdg.isEmpty() && Path.of(xdg).isAbsolute();
        return (usable ? Path.of(xdg) : home.resolve(".local/share")).resolve("penstock");
    }

    void check(Settings.Value value) {
        String text = value.text();
        switch (this) {
            case PORT -> number(value, 0, 65_535);
            case CONCURRENCY -> number(value, 1, MOST_CONCURRENCY);
            case REDIS_POOL_MAX -> number(value, 1, MOST_CONNECTIONS);
            case REDIS_POOL_MIN -> number(value, 0, MOST_CONNECTIONS);
            case PAYLOAD_COMPRESS, PAYLOAD_OFFLOAD -> number(value, 0, MOST_PAYLOAD);
            case REDIS_POOL_ACQUIRE -> number(value, 1, LONGEST_ACQUIRE);
            case API_RATE -> checkRate(value);
            case DATABASE_URL ->
                require(value, text.isEmpty() || text.startsWith("jdbc:"), "a jdbc: address, or empty for none");
            case MEMORY_THRESHOLD -> number(value, LEAST_THRESHOLD, MOST_THRESHOLD);
            case MEMORY_INTERVAL -> number(value, LEAST_INTERVAL, MOST_INTERVAL);
            case MONITORING_PERFORMANCE, MONITORING_QUEUE, MONITORING_MEMORY, MONITORING_SYSTEM, VISUALIZATION_UPDATE ->
                number(value, LEAST_LOOK, MOST_INTERVAL);
            case MONITORING_BUDGET -> number(value, 1, MOST_MONITORING);
            case VISUALIZATION_POINTS -> number(value, LEAST_POINTS, MOST_POINTS);
            case VISUALIZATION_SAMPLING -> number(value, 1, MOST_SAMPLING);
            case MEMORY_HEAP, MEMORY_RSS -> budget(value);
            case CACHE_NEAR -> number(value, 0, MOST_BUDGET);
            case MEMORY_ADMISSION ->
                require(value, List.of("off", "monitor", "enforce").contains(text), "off, monitor or enforce");
            case MEMORY_LOAD_LINE ->
                require(value, text.equals("0") || share(text), "0 for the collector's own, or 0.1 to 0.95");
            case MEMORY_GROUP ->
                require(value, text.matches("\\d{1,15}"), "0 for no budget, or bytes that one group's jobs may need");
            case OUTBOX, DEMO, READ_ONLY, INSECURE_PLAINTEXT, MEMORY_ENABLED, MEMORY_AUTO, MEMORY_HEAP_DUMP ->
                yesOrNo(value);
            case MONITORING_ENABLED, VISUALIZATION_ENABLED, REDACT_ENABLED -> yesOrNo(value);
            case REDACT_NAMES, REDACT_PATHS -> checkRedacted(value);
            case AUDIT_RETENTION -> duration(value, SHORTEST_AUDIT, LONGEST_AUDIT);
            case CLEANUP_AT ->
                require(
                        value,
                        text.matches("(?:[01]\\d|2[0-3]):[0-5]\\d|off"),
                        "a time of day such as 03:30 by the clock of this machine, or off");
            case SHUTDOWN_TIMEOUT -> duration(value, Duration.ZERO, LONGEST_SHUTDOWN);
            case LEASE -> duration(value, SHORTEST_LEASE, LONGEST_LEASE);
            case BIND -> require(value, !text.isBlank(), "an address such as 127.0.0.1");
            case REDIS ->
                require(
                        value,
                        text.isEmpty()
                                || text.matches("(?:redis|rediss|redis-socket|redis-sentinel|redis-cluster)://\\S+"),
                        "a redis:// rediss:// redis-socket:// redis-sentinel:// or redis-cluster:// address");
            case QUEUES ->
                split(text).forEach(name -> require(value, legalName(name), "queue names with commas between them"));
            case HTTP_ALLOW, CHANNEL_ALLOW -> split(text).forEach(entry -> checkAllowed(value, entry));
            default -> checkText(value);
        }
    }

    private void checkText(Settings.Value value) {
        String text = value.text();
        switch (this) {
            case HTTP_SECRET ->
                require(
                        value,
                        text.isEmpty() || text.length() >= SHORTEST_SECRET,
                        SHORTEST_SECRET + " characters or more");
            case TOKEN ->
                require(value, text.isEmpty() || text.matches("[!-~]{16,512}"), "16 to 512 printable ASCII characters");
            case ENVIRONMENT ->
                require(
                        value,
                        text.isEmpty() || text.matches("[\\w .-]{1,24}"),
                        "at most 24 letters, digits, . _ - and spaces");
            case OIDC_ISSUER ->
                require(
                        value,
                        text.isEmpty() || issuer(text),
                        "empty, or an https:// address (http:// on this machine)");
            case OIDC_CLAIM -> require(value, text.matches("[!-~]{1,100}"), "the name of a claim, such as groups");
            case OIDC_QUEUES -> require(value, text.matches("[!-~]{0,100}"), "empty, or the name of a claim");
            case OIDC_ROLES ->
                split(text)
                        .forEach(pair -> require(
                                value,
                                pair.matches(".{1,200}=\\s*(?:viewer|operator|admin)"),
                                "TEXT=ROLE with commas between them, ROLE one of viewer, operator, admin"));
            case DATA_DIR -> require(value, !text.isBlank(), "a directory");
            default -> {
                // any text
            }
        }
    }

    private static boolean issuer(String text) {
        try {
            URI address = URI.create(text);
            String host = address.getHost();
            boolean plain = "http".equals(address.getScheme()) && host != null && Address.loopback(host);
            return host != null
                    && address.getRawQuery() == null
                    && address.getUserInfo() == null
                    && (plain || "https".equals(address.getScheme()));
        } catch (IllegalArgumentException none) {
            return false;
        }
    }

    private void checkRate(Settings.Value value) {
        boolean legal = value.text().isEmpty() || Settings.rate("x", value.text()) != null;
        require(value, legal, "empty, or PERMITS/PERIOD such as 600/1m: 1 to 10000000 in 100ms to 31d");
    }

    private void yesOrNo(Settings.Value value) {
        require(value, value.text().equals("true") || value.text().equals("false"), "true or false");
    }

    private void checkRedacted(Settings.Value value) {
        List<String> words = split(value.text());
        boolean names = this == REDACT_NAMES;
        try {
            var unused = new Redactor(true, names ? words : List.of(), names ? List.of() : words);
        } catch (IllegalArgumentException illegal) {
            throw fault(value, "names or paths with commas: " + illegal.getMessage());
        }
    }

    /** An address that is not legal may hold a password all the same. */
    private static String told(String text) {
        int host = text.lastIndexOf('@');
        return Text.shown(Redactor.STANDARD.text(host < 0 ? text : "***" + text.substring(host)));
    }

    private void checkAllowed(Settings.Value value, String entry) {
        try {
            AllowList.Entry.parse(entry);
        } catch (IllegalArgumentException illegal) {
            throw fault(value, String.valueOf(illegal.getMessage()));
        }
    }

    private void number(Settings.Value value, int least, int most) {
        boolean fits = value.text().matches("\\d{1,9}")
                && Integer.parseInt(value.text()) >= least
                && Integer.parseInt(value.text()) <= most;
        require(value, fits, "a whole number from " + least + " to " + most);
    }

    private void budget(Settings.Value value) {
        boolean fits = value.text().matches("\\d{1,9}")
                && (Integer.parseInt(value.text()) == 0
                        || (Integer.parseInt(value.text()) >= LEAST_BUDGET
                                && Integer.parseInt(value.text()) <= MOST_BUDGET));
        require(value, fits, "0 for no budget of its own, or MB from " + LEAST_BUDGET + " to " + MOST_BUDGET);
    }

    private static boolean share(String text) {
        return text.matches("0\\.\\d{1,4}") && Double.parseDouble(text) >= 0.1 && Double.parseDouble(text) <= 0.95;
    }

    private void duration(Settings.Value value, Duration least, Duration most) {
        String range = Spans.format(least) + " to " + Spans.format(most);
        try {
            Duration wished = span(value.text());
            require(value, wished.compareTo(least) >= 0 && wished.compareTo(most) <= 0, range);
        } catch (IllegalArgumentException illegal) {
            throw fault(value, "a duration from " + range);
        }
    }

    /** Reads a duration; digits alone are milliseconds, as the variables that the reports name have them. */
    static Duration span(String text) {
        return Spans.parse(text.matches("\\d{1,12}") ? text + "ms" : text);
    }

    private void require(Settings.Value value, boolean legal, String wanted) {
        if (!legal) {
            throw fault(value, wanted);
        }
    }

    private SettingsException fault(Settings.Value value, String wanted) {
        return new SettingsException(key + " = \"" + (secret ? "***" : told(value.text())) + "\" (" + value.origin()
                + ") is not legal: it must be " + wanted);
    }

    private static boolean legalName(String name) {
        try {
            Names.check("queue", name);
            return true;
        } catch (IllegalArgumentException illegal) {
            return false;
        }
    }

    static List<String> split(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }
}
