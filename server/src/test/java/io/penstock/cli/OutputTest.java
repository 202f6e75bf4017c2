package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.cli.manual.Examples;
import io.penstock.cli.output.Streams;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Every command of the tree in every format, against a real server with data: how it ends, whether a program can read it, whether
 * a terminal of 80 columns shows it. A new command without a line here fails.
 */
@ExtendWith(RigExtension.class)
final class OutputTest {
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** What a program gets. */
    private enum Shape {
        LIST,
        ONE,
        NOTHING,
        /** ndjson whatever was asked for. */
        LINES
    }

    /** What is typed, and what comes of it; {@code {job}} and the like are made anew for each run. */
    private record Line(String arguments, Shape shape, Set<Integer> codes) {}

    private static final Map<String, Line> LINES = new LinkedHashMap<>();

    /** Commands that are not run here, and why. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "up", "is a server: InstallationTest, LauncherTest",
            "top", "is for people: TopCommandTest",
            "bench", "takes minutes and writes a table of its own",
            "completion", "is a script whatever was asked for: CompletionTest",
            "job follow", "goes on until the job ends, and writes lines: JobCommandTest",
            "import bull", "reads another Redis and tells on stderr: ImportRedisCommandTest",
            "import bullmq", "as import bull",
            "import sidekiq", "as import bull",
            "import asynq", "as import bull");

    private static void line(String arguments, Shape shape, Integer... codes) {
        String path = path(arguments);
        assertThat(LINES.put(path, new Line(arguments, shape, codes.length == 0 ? Set.of(0) : Set.of(codes))))
                .as(path)
                .isNull();
    }

    /** The words before the first that no command has. */
    private static String path(String arguments) {
        StringBuilder path = new StringBuilder();
        CommandLine at = ROOT;
        for (String word : arguments.split(" ", -1)) {
            at = at.getSubcommands().get(word);
            if (at == null) {
                return path.toString();
            }
            path.append(path.isEmpty() ? "" : " ").append(word);
        }
        return path.toString();
    }

    private static final ByteArrayOutputStream OUT = new ByteArrayOutputStream();
    private static final ByteArrayOutputStream ERR = new ByteArrayOutputStream();
    private static final Map<String, String> ENVIRONMENT = new LinkedHashMap<>();

    /** One for all: making it costs a fifth of a second. */
    private static final CommandLine ROOT = Main.commandLine(new Main(new Streams(
            new PrintStream(OUT, true, StandardCharsets.UTF_8),
            new PrintStream(ERR, true, StandardCharsets.UTF_8),
            InputStream.nullInputStream(),
            ENVIRONMENT,
            false,
            false,
            false)));

    @TempDir
    private static Path dir;

    private static final String QUEUE = Rig.queue();
    private static final Map<String, UnaryOperator<String>> MADE = new LinkedHashMap<>();

    static {
        line("status", Shape.ONE, 0, 10);
        line("doctor", Shape.LIST, 0, 10);
        line("version", Shape.ONE);
        line(
                "job enqueue x.y --queue {queue} --payload {\"text\":\"0123456789012345678901234567890123456789\"} --count 2",
                Shape.LIST);
        line("job list --queue {queue}", Shape.LIST);
        line("job get {job}", Shape.ONE);
        line("job logs {job}", Shape.LIST);
        line("job wait {failed}", Shape.ONE, 1);
        line("job retry {failed}", Shape.LIST);
        line("job requeue {failed}", Shape.LIST);
        line("job promote {delayed}", Shape.LIST);
        line("job cancel {job}", Shape.LIST);
        line("job signal {job} go", Shape.LIST);
        line("job edit {job} --priority high", Shape.ONE);
        line("job clone {job}", Shape.ONE);
        line("job delete {job} -y", Shape.NOTHING);
        line("queue list --limit 500", Shape.LIST);
        line("queue get {queue}", Shape.ONE);
        line("queue stats {queue}", Shape.ONE);
        line("queue set {queue} maxJobs=100000", Shape.ONE);
        line("queue pause {queue}", Shape.LIST);
        line("queue resume {queue}", Shape.LIST);
        line("queue drain {other}", Shape.LIST);
        line("queue purge {other} -y", Shape.ONE);
        line("queue delete {other} -y", Shape.NOTHING);
        line("queue fsck --queue {queue}", Shape.LIST);
        line("queue group list {queue}", Shape.LIST);
        line("queue group get {queue} acme", Shape.ONE);
        line("queue group set {queue} acme weight=2", Shape.LIST);
        line("queue group pause {queue} acme", Shape.LIST);
        line("queue group resume {queue} acme", Shape.LIST);
        line("queue group reset {queue} acme", Shape.NOTHING);
        line("dead list --queue {queue}", Shape.LIST);
        line("dead retry {failed} -y", Shape.NOTHING);
        line("dead delete {failed} -y", Shape.NOTHING);
        line("op list", Shape.LIST);
        line("op get {operation}", Shape.ONE);
        line("op cancel {operation}", Shape.LIST);
        line("schedule list", Shape.LIST);
        line("schedule get {schedule}", Shape.ONE);
        line("schedule set {schedule} --every 9h --type x.y --queue {queue}", Shape.ONE);
        line("schedule preview 15m", Shape.ONE);
        line("schedule run {schedule}", Shape.ONE);
        line("schedule pause {schedule}", Shape.ONE);
        line("schedule resume {schedule}", Shape.ONE);
        line("schedule delete {schedule} -y", Shape.NOTHING);
        line(
                "flow submit {\"name\":\"f\",\"jobs\":[{\"name\":\"a\",\"queue\":\"{queue}\",\"type\":\"x.y\"}]}",
                Shape.ONE);
        line("flow list", Shape.LIST);
        line("flow get {flow}", Shape.ONE);
        line("flow retry {flow}", Shape.ONE);
        line("flow cancel {flow}", Shape.ONE);
        line("batch list", Shape.LIST);
        line("batch open import --queue {queue}", Shape.ONE);
        line("batch get {batch}", Shape.ONE);
        line("batch add {batch} [{\"queue\":\"{queue}\",\"type\":\"x.y\"}]", Shape.ONE);
        line("batch seal {batch}", Shape.ONE);
        line("batch cancel {batch}", Shape.ONE);
        line("worker run --queues {queue} --dry-run -- true", Shape.LIST);
        line("worker list --limit 500", Shape.LIST);
        line("worker get {worker}", Shape.ONE);
        line("worker quiet {worker}", Shape.LIST);
        line("worker resume {worker}", Shape.LIST);
        line("worker stop {worker} -y", Shape.LIST);
        line("memory status", Shape.ONE, 0, 10);
        line("memory watch --count 1", Shape.ONE, 0, 10);
        line("memory history", Shape.LIST);
        line("memory trend", Shape.ONE);
        line("memory optimize --list", Shape.LIST);
        line("memory snapshot --list", Shape.LIST);
        line("memory histogram --dry-run", Shape.LIST);
        line("memory old-objects --dry-run", Shape.LIST);
        line("memory dump --dry-run", Shape.LIST);
        line("memory policy get", Shape.ONE);
        line("memory policy set threshold=80 --dry-run", Shape.LIST);
        line("cleanup list", Shape.LIST);
        line("cleanup run --dry-run", Shape.LIST);
        line("alert list", Shape.LIST);
        line("alert ack none --dry-run", Shape.LIST);
        line("alert silence none --for 1h --dry-run", Shape.LIST);
        line("alert rule list", Shape.LIST);
        line("alert rule get {rule}", Shape.ONE);
        line("alert rule set {rule} threshold=2000000", Shape.ONE);
        line("alert rule delete {rule} -y", Shape.NOTHING);
        line("alert channel list", Shape.LIST);
        line("alert channel get {channel}", Shape.ONE);
        line("alert channel set {channel} enabled=false", Shape.ONE);
        line("alert channel test {channel} --dry-run", Shape.LIST);
        line("alert channel deliveries", Shape.LIST);
        line("alert channel delete {channel} -y", Shape.NOTHING);
        line("audit list", Shape.LIST);
        line("redis info", Shape.ONE, 0, 10);
        line("redis pool", Shape.ONE);
        line("redis latency", Shape.ONE);
        line("limit list", Shape.LIST);
        line("limit set {limit} 100/1m", Shape.LIST);
        line("limit delete {limit} -y", Shape.NOTHING);
        line("cache stats", Shape.LIST);
        line("cache clear none --dry-run", Shape.LIST);
        line("token create output --role viewer", Shape.ONE);
        line("token list", Shape.LIST);
        line("token revoke {token} -y", Shape.NOTHING);
        line("import file {csv} --queue {queue} --type x.y", Shape.ONE);
        line("import jobs {ndjson}", Shape.ONE);
        line("export jobs --queue {queue}", Shape.LINES);
        line("config show", Shape.LIST);
        line("config check", Shape.NOTHING);
        line("config set memoryOptimization.threshold=75 --dry-run", Shape.LIST);
        line("config env", Shape.LIST);
    }

    @BeforeAll
    static void fill(Rig rig) {
        ENVIRONMENT.put("PENSTOCK_URL", rig.url());
        ENVIRONMENT.put("PENSTOCK_TOKEN", rig.token());
        String text = "\u6f22\u5b57 and a text that is longer than a terminal is wide, ".repeat(4);
        String job = "{\"type\":\"x.y\",\"group\":\"acme\",\"payload\":{\"text\":\"" + text + "\"}";
        MADE.put("queue", any -> QUEUE);
        MADE.put("job", any -> rig.enqueue(QUEUE, job + "}"));
        MADE.put("delayed", any -> rig.enqueue(QUEUE, job + ",\"delay\":\"1h\"}"));
        MADE.put("failed", any -> failed(rig, text));
        MADE.put("other", any -> {
            String queue = Rig.queue();
            rig.enqueue(queue, job + "}");
            return queue;
        });
        MADE.put(
                "operation",
                any -> made(rig.post(
                        "/api/v1/operations",
                        "{\"action\":\"cancel\",\"filter\":{\"queue\":\"" + QUEUE + "\",\"type\":\"none\"}}")));
        MADE.put("schedule", any -> {
            String id = Rig.queue();
            rig.send(
                    "PUT",
                    "/api/v1/schedules/" + id,
                    "{\"every\":\"8h\",\"job\":{\"type\":\"x.y\",\"queue\":\"" + QUEUE + "\"}}");
            return id;
        });
        MADE.put(
                "flow",
                any -> made(rig.post(
                        "/api/v1/flows",
                        "{\"name\":\"f\",\"jobs\":[{\"name\":\"a\",\"queue\":\"" + QUEUE
                                + "\",\"type\":\"x.y\"},{\"name\":\"" + "b".repeat(60) + "\",\"queue\":\"" + QUEUE
                                + "\",\"type\":\"x.y\",\"needs\":[\"a\"]}]}")));
        MADE.put("batch", any -> made(rig.post("/api/v1/batches", "{\"name\":\"b\",\"queue\":\"" + QUEUE + "\"}")));
        MADE.put("worker", any -> {
            String queue = Rig.queue();
            rig.enqueue(queue, job + "}");
            rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"w." + queue + "\"}");
            return "w." + queue;
        });
        MADE.put("rule", any -> {
            String id = "rule-" + Rig.queue();
            rig.send(
                    "PUT",
                    "/api/v1/alert-rules/" + id,
                    "{\"metric\":\"queue." + QUEUE + ".waiting\",\"operator\":\">\",\"threshold\":1000000}");
            return id;
        });
        MADE.put("channel", any -> {
            String id = "c" + Rig.queue().replace('.', '-');
            rig.send(
                    "PUT",
                    "/api/v1/channels/" + id,
                    "{\"kind\":\"webhook\",\"url\":\"https://hooks.example.com/" + "x".repeat(80)
                            + "\",\"enabled\":false}");
            return id;
        });
        MADE.put("limit", any -> {
            String key = Rig.queue();
            rig.send("PUT", "/api/v1/limits/" + key, "{\"kind\":\"window\",\"permits\":5,\"per\":\"1m\"}");
            return key;
        });
        MADE.put("csv", any -> file("jobs.csv", "n,text\n1,one\n"));
        MADE.put(
                "ndjson",
                any -> file(
                        "jobs.ndjson",
                        "{\"origin\":\"shop 1\",\"queue\":\"" + QUEUE
                                + "\",\"type\":\"x.y\",\"createdAt\":\"2026-01-02T03:04:05Z\"}\n"));
        MADE.put("token", any -> made(rig.post("/api/v1/tokens", "{\"name\":\"output\",\"role\":\"viewer\"}")));
    }

    private static String file(String name, String text) {
        try {
            return Files.writeString(dir.resolve(name), text).toString();
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }

    private static String made(Rig.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isBetween(200, 202);
        return answer.json().path("id").asText();
    }

    private static String failed(Rig rig, String text) {
        String queue = Rig.queue();
        String id = rig.enqueue(queue, "{\"type\":\"x.y\",\"maxAttempts\":1}");
        String lease = rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"w\"}")
                .json()
                .path("token")
                .asText();
        rig.post("/api/v1/leases/" + lease + ":nack", "{\"error\":{\"type\":\"Bad\",\"message\":\"" + text + "\"}}");
        return id;
    }

    private static Set<String> leaves() {
        Set<String> leaves = new TreeSet<>();
        Examples.all(ROOT).forEach((path, command) -> {
            if (command.getSubcommands().isEmpty()) {
                leaves.add(path);
            }
        });
        return leaves;
    }

    @Test
    void knowsEveryCommand() {
        Set<String> known = new TreeSet<>(LINES.keySet());
        known.addAll(ELSEWHERE.keySet());
        assertThat(known).isEqualTo(leaves());
    }

    @ParameterizedTest
    @ValueSource(strings = {"table", "json", "ndjson", "csv"})
    void everyCommandWritesWhatWasAskedFor(String format) throws IOException {
        List<String> faults = new ArrayList<>();
        for (Map.Entry<String, Line> each : LINES.entrySet()) {
            Line line = each.getValue();
            OUT.reset();
            ERR.reset();
            int code = ROOT.execute(words(line.arguments(), format));
            String out = OUT.toString(StandardCharsets.UTF_8);
            String fault = !line.codes().contains(code)
                    ? "ends with " + code + ": " + ERR.toString(StandardCharsets.UTF_8)
                    : line.shape() == Shape.NOTHING ? silent(out) : fault(each.getKey(), format, line.shape(), out);
            if (fault != null) {
                faults.add(each.getKey() + " -o " + format + ": " + fault + "\n" + out);
            }
        }
        assertThat(faults).isEmpty();
    }

    private static String[] words(String arguments, String format) {
        List<String> words = new ArrayList<>();
        for (String word : arguments.split(" ", -1)) {
            if (word.equals("--") && !words.contains("-o")) {
                words.addAll(List.of("-o", format)); // what is behind is a program's
            }
            String made = word;
            for (Map.Entry<String, UnaryOperator<String>> thing : MADE.entrySet()) {
                String name = "{" + thing.getKey() + "}";
                made = made.contains(name) ? made.replace(name, thing.getValue().apply(name)) : made;
            }
            words.add(made);
        }
        if (!words.contains("-o")) {
            words.addAll(List.of("-o", format));
        }
        return words.toArray(new String[0]);
    }

    private static String silent(String out) {
        return out.isEmpty() ? null : "has something to say on stdout";
    }

    private static String fault(String path, String format, Shape shape, String out) {
        boolean may = shape == Shape.LINES || (shape == Shape.LIST && format.equals("ndjson"));
        if (out.isEmpty() && !may && !path.equals("job logs")) { // a job that logged nothing has nothing to show
            return "says nothing";
        }
        return shape == Shape.LINES || format.equals("ndjson")
                ? lines(out)
                : switch (format) {
                    case "json" -> json(shape, out);
                    case "csv" -> csv(out);
                    default -> table(out);
                };
    }

    private static String table(String out) {
        return out.lines()
                .filter(line -> line.length() > 80)
                .findFirst()
                .map(line -> "a line of " + line.length() + " columns")
                .orElse(null);
    }

    private static String json(Shape shape, String out) {
        try {
            JsonNode read = STRICT.readTree(out);
            return (shape == Shape.LIST) == read.isArray() ? null : "is " + read.getNodeType();
        } catch (IOException none) {
            return "is no JSON: " + none.getMessage();
        }
    }

    private static String lines(String out) {
        for (String line : out.lines().toList()) {
            try {
                if (!STRICT.readTree(line).isObject()) {
                    return "a line that is no object: " + line;
                }
            } catch (IOException none) {
                return "a line that is no JSON: " + line;
            }
        }
        return null;
    }

    /** RFC 4180: as many cells in each row as in the first. */
    private static String csv(String out) {
        List<Integer> cells = new ArrayList<>();
        int inRow = 1;
        boolean quoted = false;
        for (int i = 0; i < out.length(); i++) {
            char next = out.charAt(i);
            if (next == '"') {
                quoted = !quoted;
            } else if (next == ',' && !quoted) {
                inRow++;
            } else if (next == '\n' && !quoted) {
                cells.add(inRow);
                inRow = 1;
            }
        }
        return quoted || cells.isEmpty() || cells.stream().distinct().count() != 1
                ? "rows of " + cells + " cells"
                : null;
    }
}
