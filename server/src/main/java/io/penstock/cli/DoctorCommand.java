package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Column;
import io.penstock.cli.output.Streams;
import io.penstock.runtime.Clock;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.TokenFile;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code penstock doctor}: looks for what is wrong here, on the way to the server, and there. */
@Command(name = "doctor", description = "Look for what is wrong and say what to do; ends with 10 if something is.")
final class DoctorCommand implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            Column.of("CHECK", "/name"),
            Column.of("", "/status"),
            Column.of("FOUND", "/detail"),
            Column.of("DO", "/advice"));

    /** Certificates and tokens tolerate minutes, people reading two logs tolerate seconds. */
    private static final Duration SKEW = Duration.ofSeconds(5);

    /** Columns of a terminal that all have. */
    private static final int WIDTH = 80;

    @ParentCommand
    private @Nullable Main main;

    private final List<JsonNode> checks = new ArrayList<>();

    @Override
    public Integer call() {
        Main parent = Parent.of(main);
        Streams streams = parent.streams();
        java();
        memory();
        tokenFile(streams);
        server(parent);
        if (parent.output().human()) {
            checks.forEach(check -> print(parent, check));
        } else {
            parent.output().list(COLUMNS, checks);
        }
        boolean bad =
                checks.stream().anyMatch(check -> check.path("status").asText().equals("fail"));
        return bad ? Exit.UNHEALTHY : Exit.OK;
    }

    /** For people nothing is cut: what is wrong and what to do may take several lines. */
    private static void print(Main parent, JsonNode check) {
        String advice = check.path("advice").asText("");
        String text = check.path("detail").asText() + (advice.isEmpty() ? "" : "; " + advice);
        String head = "%-5s %-18s "
                .formatted(check.path("status").asText(), check.path("name").asText());
        StringBuilder line = new StringBuilder(head);
        for (String word : text.split(" ", -1)) {
            if (line.length() + word.length() > WIDTH && line.length() > head.length()) {
                parent.output().text(line.toString().stripTrailing());
                line.setLength(0);
                line.append(" ".repeat(head.length()));
            }
            line.append(word).append(' ');
        }
        parent.output().text(line.toString().stripTrailing());
    }

    private void add(String name, String status, String detail, @Nullable String advice) {
        checks.add(Api.object()
                .put("name", name)
                .put("status", status)
                .put("detail", detail)
                .put("advice", advice));
    }

    private void java() {
        int version = Runtime.version().feature();
        if (version >= 21) {
            add("java", "ok", Runtime.version().toString(), null);
        } else {
            add(
                    "java",
                    "ok",
                    Runtime.version() + ", without virtual threads",
                    "with Java 21 or later a waiting job costs no thread");
        }
    }

    private void memory() {
        long heap = Runtime.getRuntime().maxMemory();
        long limit = containerLimit();
        if (limit > 0 && heap > limit * 3 / 4) {
            add(
                    "memory",
                    "warn",
                    "heap limit " + (heap >> 20) + " MiB of a container limit of " + (limit >> 20) + " MiB",
                    "leave a quarter for what is not heap: PENSTOCK_JAVA_OPTS=-Xmx" + ((limit >> 20) * 3 / 4) + "m");
        } else {
            add(
                    "memory",
                    "ok",
                    "heap limit " + (heap >> 20) + " MiB"
                            + (limit > 0 ? ", container limit " + (limit >> 20) + " MiB" : ""),
                    null);
        }
    }

    /** Returns the limit of the control group in bytes, 0 = none. */
    private static long containerLimit() {
        for (String file : List.of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")) {
            try {
                String text = Files.readString(Path.of(file)).strip();
                long limit = text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
                if (limit > 0 && limit < 1L << 50) {
                    return limit;
                }
            } catch (IOException noSuchGroup) {
                // the other version, or none
            }
        }
        return 0;
    }

    private void tokenFile(Streams streams) {
        Path file = TokenFile.in(Setting.defaultDataDir(streams.environment()));
        if (!Files.exists(file)) {
            add("token file", "ok", "none at " + file, null);
            return;
        }
        try {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
            boolean open = rights.stream().anyMatch(right -> !right.name().startsWith("OWNER"));
            add(
                    "token file",
                    open ? "fail" : "ok",
                    file + " " + PosixFilePermissions.toString(rights),
                    open ? "chmod 600 " + file : null);
        } catch (IOException | UnsupportedOperationException unknown) {
            add("token file", "ok", file.toString(), null);
        }
    }

    private void server(Main parent) {
        Api api = parent.api();
        try {
            HttpResponse<String> live = api.send("GET", "/livez", null, Map.of());
            add("server", "ok", api.url() + " answers", null);
            clock(live);
            JsonNode health = api.health();
            health.path("checks").forEach(checks::add);
            health.path("services").properties().forEach(service -> service(service.getKey(), service.getValue()));
        } catch (Failure failure) {
            String advice = failure.code() == Exit.NOT_ALLOWED ? "set PENSTOCK_TOKEN or --token-file" : "penstock up";
            add("server", "fail", String.valueOf(failure.getMessage()), advice);
        }
    }

    /** Those that are well have a check of their own or nothing to tell. */
    private void service(String name, JsonNode service) {
        String status = service.path("status").asText();
        if (!status.equals("UP")) {
            add(
                    name + " service",
                    status.equals("DOWN") ? "fail" : "warn",
                    service.path("reason").asText(),
                    null);
        }
    }

    private void clock(HttpResponse<String> response) {
        String date = response.headers().firstValue("Date").orElse("");
        try {
            Instant there = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration skew =
                    Duration.between(there, Instant.ofEpochMilli(Clock.system().millis()));
            boolean far = skew.abs().compareTo(SKEW) > 0;
            add(
                    "clock",
                    far ? "warn" : "ok",
                    skew.toSeconds() + " s from the server's",
                    far ? "run NTP on both" : null);
        } catch (DateTimeException noDate) {
            add("clock", "ok", "the server does not tell its time", null);
        }
    }
}
