package io.penstock.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
    @TempDir
    private Path dir;

    private Path file(String text) throws IOException {
        return Files.writeString(dir.resolve("p.properties"), text);
    }

    @Test
    void putsFlagBeforeEnvironmentBeforeFileBeforeDefault() throws IOException {
        Path file = file("port=1\nconcurrency=2\nqueues=a, b\n");
        Settings settings = Settings.read(
                Map.of(Setting.PORT, "3"), file, Map.of("PENSTOCK_PORT", "2", "PENSTOCK_CONCURRENCY", "7"));
        assertThat(settings.value(Setting.PORT)).isEqualTo(new Settings.Value("3", "flag --port"));
        assertThat(settings.value(Setting.CONCURRENCY))
                .isEqualTo(new Settings.Value("7", "environment PENSTOCK_CONCURRENCY"));
        assertThat(settings.value(Setting.QUEUES).origin()).isEqualTo("file " + file);
        assertThat(settings.list(Setting.QUEUES)).containsExactly("a", "b");
        assertThat(settings.value(Setting.BIND)).isEqualTo(new Settings.Value("127.0.0.1", "default"));
    }

    @Test
    void takesTheReportsNameUnlessOursIsThere() {
        assertThat(Settings.read(Map.of(), null, Map.of("QUEUE_CONCURRENCY", "9"))
                        .number(Setting.CONCURRENCY))
                .isEqualTo(9);
        assertThat(Settings.read(Map.of(), null, Map.of("QUEUE_CONCURRENCY", "9", "PENSTOCK_CONCURRENCY", "4"))
                        .number(Setting.CONCURRENCY))
                .isEqualTo(4);
    }

    @Test
    void takesTheReportsNamesForMemory() throws IOException {
        Path file = file("""
                memoryOptimization.threshold=60
                memoryOptimization.intervalMs=500
                memoryOptimization.maxRSSSizeMB=2048
                memory.admission.mode=monitor
                memory.load-line=0.5
                """);
        Map<String, String> environment =
                Map.of("MEMORY_OPTIMIZATION_THRESHOLD", "70", "MEMORY_OPTIMIZATION_ENABLED", "false");
        Settings settings = Settings.read(Map.of(), file, environment);
        assertThat(settings.number(Setting.MEMORY_THRESHOLD)).isEqualTo(70);
        assertThat(settings.flag(Setting.MEMORY_ENABLED)).isFalse();
        assertThat(settings.number(Setting.MEMORY_INTERVAL)).isEqualTo(500);
        assertThat(settings.number(Setting.MEMORY_RSS)).isEqualTo(2048);
        assertThat(settings.loadLine().mode().name()).isEqualTo("MONITOR");
        assertThat(settings.loadLine().line()).isEqualTo(0.5);
        assertThat(Setting.MEMORY_RSS.variables()).containsExactly("PENSTOCK_MEMORY_OPTIMIZATION_MAX_RSS_SIZE_MB");
        assertThat(Setting.MEMORY_INTERVAL.flag()).isEqualTo("memory-optimization-interval-ms");
    }

    @Test
    void takesTheReportsNamesForThePool() throws IOException {
        Map<String, String> reports =
                Map.of("REDIS_MAX_CONNECTIONS", "50", "REDIS_MIN_CONNECTIONS", "5", "REDIS_ACQUIRE_TIMEOUT_MS", "250");
        Settings settings = Settings.read(Map.of(), null, reports);
        assertThat(settings.pool().max()).isEqualTo(50);
        assertThat(settings.pool().min()).isEqualTo(5);
        assertThat(settings.pool().acquireTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(Setting.REDIS_POOL_ACQUIRE.variables())
                .containsExactly("PENSTOCK_REDIS_POOL_ACQUIRE_TIMEOUT_MS", "REDIS_ACQUIRE_TIMEOUT_MS");
        assertThat(Settings.read(Map.of(), null, Map.of()).pool().min()).isZero();
    }

    @Test
    void refusesAPoolThatCannotBeAndTellsKeyValueAndRange() {
        Map<String, String> wrong =
                Map.of("REDIS_MAX_CONNECTIONS", "0", "REDIS_MIN_CONNECTIONS", "-1", "REDIS_ACQUIRE_TIMEOUT_MS", "soon");
        assertThatThrownBy(() -> Settings.read(Map.of(), null, wrong))
                .hasMessageContaining("redis.pool.max = \"0\" (environment REDIS_MAX_CONNECTIONS)")
                .hasMessageContaining("1 to 1000")
                .hasMessageContaining("redis.pool.min = \"-1\"")
                .hasMessageContaining("redis.pool.acquireTimeoutMs = \"soon\"")
                .hasMessageContaining("1 to 300000");
        assertThatThrownBy(() -> Settings.read(Map.of(), null, Map.of("REDIS_MIN_CONNECTIONS", "30")))
                .hasMessageContaining("redis.pool.min = \"30\" (environment REDIS_MIN_CONNECTIONS)")
                .hasMessageContaining("0 to redis.pool.max, which is 20 (default)");
    }

    @Test
    void readsTheRateOfATokenAndHidesTheLoginOfADatabase() {
        assertThat(Settings.read(Map.of(), null, Map.of()).rate("t")).isNull();
        assertThat(Settings.read(Map.of(Setting.API_RATE, "600/1m"), null, Map.of())
                        .rate("t")
                        .permits())
                .isEqualTo(600);
        for (String wrong : new String[] {"600", "0/1m", "10/1ms", "10/soon", "99999999/1m"}) {
            assertThatThrownBy(() -> Settings.read(Map.of(Setting.API_RATE, wrong), null, Map.of()))
                    .as(wrong)
                    .hasMessageContaining("600/1m");
        }
        Settings settings =
                Settings.read(Map.of(Setting.DATABASE_URL, "jdbc:h2:mem:x;USER=me;PASSWORD=hush"), null, Map.of());
        assertThat(settings.shown(Setting.DATABASE_URL)).isEqualTo("jdbc:h2:mem:x;USER=***;PASSWORD=***");
    }

    @Test
    void failsOnAnUnknownKeyAndSaysWhatWasMeant() throws IOException {
        Path file = file("prot=3001\n");
        assertThatThrownBy(() -> Settings.read(Map.of(), file, Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("key \"prot\" is unknown; did you mean \"port\"?");
        assertThatThrownBy(() -> Settings.read(Map.of(), null, Map.of("PENSTOCK_CONCURENCY", "3")))
                .hasMessageContaining("did you mean \"PENSTOCK_CONCURRENCY\"?");
    }

    @Test
    void leavesOthersVariablesAlone() {
        Map<String, String> kubernetes = new HashMap<>();
        kubernetes.put("PENSTOCK_SERVICE_HOST", "10.0.0.1");
        kubernetes.put("PENSTOCK_SERVICE_PORT", "3001");
        kubernetes.put("PENSTOCK_PORT_3001_TCP", "tcp://10.0.0.1:3001");
        kubernetes.put("PENSTOCK_PORT_3001_TCP_ADDR", "10.0.0.1");
        kubernetes.put("PENSTOCK_JAVA_OPTS", "-Xmx64m");
        kubernetes.put("PENSTOCK_URL", "http://x");
        kubernetes.put("PATH", "/bin");
        assertThat(Settings.read(Map.of(), null, kubernetes).number(Setting.PORT))
                .isEqualTo(3001);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PORT|70000|0 to 65535",
                "PORT|http|0 to 65535",
                "PORT|tcp://10.0.0.1:3001|0 to 65535",
                "CONCURRENCY|0|1 to 10000",
                "DEMO|yes|true or false",
                "SHUTDOWN_TIMEOUT|soon|0s to 1h",
                "SHUTDOWN_TIMEOUT|2h|0s to 1h",
                "LEASE|999|1s to 1h",
                "LEASE|2h|1s to 1h",
                "REDIS|localhost:6379|redis://",
                "QUEUES|a,b c|queue names",
                "HTTP_ALLOW|https://a/path|host:port",
                "HTTP_SECRET|short|16 characters",
                "TOKEN|short|16 to 512",
                "MEMORY_THRESHOLD|96|20 to 95",
                "MEMORY_INTERVAL|99|100 to 3600000",
                "MEMORY_HEAP|15|16 to 16777216",
                "MEMORY_ENABLED|on|true or false",
                "MEMORY_ADMISSION|strict|off, monitor or enforce",
                "MEMORY_LOAD_LINE|0.99|0.1 to 0.95",
                "BIND|' '|an address"
            })
    void namesTheKeyTheValueAndTheRange(Setting setting, String value, String range) {
        assertThatThrownBy(() -> Settings.read(Map.of(setting, value), null, Map.of()))
                .hasMessageContaining(setting.key())
                .hasMessageContaining(setting.secret() ? "***" : value.strip())
                .hasMessageContaining(range);
    }

    @Test
    void readsTheStalledIntervalOfTheReportsInMillis() {
        Settings settings = Settings.read(Map.of(), null, Map.of("QUEUE_STALLED_INTERVAL", "45000"));
        assertThat(settings.duration(Setting.LEASE)).isEqualTo(Duration.ofSeconds(45));
        assertThat(Settings.read(Map.of(), null, Map.of()).duration(Setting.LEASE))
                .isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void tellsAllFaultsAtOnce() throws IOException {
        Path file = file("prot=1\nport=x\n");
        assertThatThrownBy(() -> Settings.read(Map.of(), file, Map.of("PENSTOCK_CONCURRENCY", "-1")))
                .satisfies(error -> assertThat(error.getMessage().lines()).hasSize(3));
    }

    @Test
    void showsNoSecret() {
        Settings settings = Settings.read(
                Map.of(Setting.REDIS, "redis://user:hunter2@host:6379/0?password=hunter3"),
                null,
                Map.of("PENSTOCK_TOKEN", "a-very-secret-token", "PENSTOCK_HTTP_SECRET", "another-long-secret"));
        StringBuilder shown = new StringBuilder();
        for (Setting setting : Setting.values()) {
            shown.append(settings.shown(setting)).append('\n');
        }
        assertThat(shown.toString())
                .doesNotContain("hunter2")
                .doesNotContain("hunter3")
                .doesNotContain("secret");
        assertThat(settings.shown(Setting.REDIS)).contains("host:6379");
    }

    @Test
    void keepsTheTokenOutOfFiles() throws IOException {
        Path file = file("token=a-very-secret-token\n");
        assertThatThrownBy(() -> Settings.read(Map.of(), file, Map.of())).hasMessageContaining("unknown");
    }

    @Test
    void findsTheDataDirectoryWhereTheDesktopSaysSo() {
        assertThat(Setting.defaultDataDir(Map.of("XDG_DATA_HOME", "/x/data"))).isEqualTo(Path.of("/x/data/penstock"));
        assertThat(Setting.defaultDataDir(Map.of("XDG_DATA_HOME", "relative")).toString())
                .endsWith(".local/share/penstock");
    }

    @Test
    void takesTheReportsNamesForMonitoring() {
        Map<String, String> environment = Map.of(
                "MONITORING_PERFORMANCE_INTERVAL_MS", "2000",
                "MONITORING_QUEUE_INTERVAL_MS", "3000",
                "MONITORING_MEMORY_INTERVAL_MS", "4000",
                "MONITORING_SYSTEM_INTERVAL_MS", "5000",
                "VISUALIZATION_ENABLED", "false",
                "VISUALIZATION_UPDATE_INTERVAL_MS", "6000",
                "VISUALIZATION_MAX_DATA_POINTS", "70",
                "VISUALIZATION_SAMPLING_RATE", "8");
        Settings settings = Settings.read(Map.of(), null, environment);
        assertThat(settings.monitor().performance()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.monitor().queue()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.monitor().memory()).isEqualTo(Duration.ofSeconds(4));
        assertThat(settings.monitor().system()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.monitor().history()).isFalse();
        assertThat(settings.monitor().maxBytes()).isEqualTo(2 << 20);
        assertThat(settings.number(Setting.VISUALIZATION_UPDATE)).isEqualTo(6_000);
        assertThat(settings.number(Setting.VISUALIZATION_POINTS)).isEqualTo(70);
        assertThat(settings.number(Setting.VISUALIZATION_SAMPLING)).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource({
        "MONITORING_QUEUE_INTERVAL_MS,999,1000 to 3600000",
        "PENSTOCK_MONITORING_MAX_MEMORY_MB,65,1 to 64",
        "VISUALIZATION_MAX_DATA_POINTS,9,10 to 2000",
        "VISUALIZATION_SAMPLING_RATE,0,1 to 100",
        "VISUALIZATION_ENABLED,yes,true or false"
    })
    void refusesMonitoringThatWouldHurt(String variable, String value, String range) {
        assertThatThrownBy(() -> Settings.read(Map.of(), null, Map.of(variable, value)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(value)
                .hasMessageContaining(range);
    }
}
