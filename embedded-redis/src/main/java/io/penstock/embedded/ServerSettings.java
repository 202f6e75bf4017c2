package io.penstock.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What may be chosen about a server, and the redis.conf that follows from it. */
record ServerSettings(boolean persistence, String appendFsync, long maxMemoryBytes, List<String> extra) {
    private static final Set<String> FSYNCS = Set.of("always", "everysec", "no");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    /** Redis has about 200 directives; more lines than this are a mistake. */
    private static final int MAX_EXTRA = 200;

    /** Changing these would expose the server, lose it, or part it from its data. */
    private static final Set<String> OWNED = Set.of(
            "port",
            "bind",
            "tls-port",
            "unixsocket",
            "unixsocketperm",
            "requirepass",
            "protected-mode",
            "dir",
            "appenddirname",
            "appendfilename",
            "daemonize",
            "supervised",
            "pidfile",
            "logfile",
            "include",
            "appendonly",
            "appendfsync",
            "maxmemory");

    ServerSettings {
        if (!FSYNCS.contains(appendFsync)) {
            throw refused("appendFsync", appendFsync, "one of always, everysec, no", "Choose one of them");
        }
        if (maxMemoryBytes < 0) {
            throw refused("maxMemoryBytes", Long.toString(maxMemoryBytes), "0 (no limit) or more", "Give the bytes");
        }
        extra = List.copyOf(extra);
        if (extra.size() > MAX_EXTRA) {
            throw refused("setting", extra.size() + " lines", "at most " + MAX_EXTRA, "Keep those that matter");
        }
    }

    /** One checked line of redis.conf. */
    static String line(String name, String value) {
        if (!NAME.matcher(name).matches()) {
            throw refused("setting", name, "a directive of redis.conf in lower case", "See redis.conf for the names");
        }
        if (OWNED.contains(name)) {
            throw refused(
                    "setting",
                    name,
                    "anything but " + String.join(", ", OWNED.stream().sorted().toList()),
                    "Use the builder's own method where there is one; the others keep the server private");
        }
        if (CONTROL.matcher(value).find()) {
            throw refused("setting", name, "a value of one line", "Remove the control characters");
        }
        return name + " " + value;
    }

    String redisConf(Path dataDirectory, Path log, Endpoint endpoint) {
        var conf = new StringBuilder(1024)
                .append("daemonize no\nprotected-mode yes\n")
                .append(endpoint.configuration())
                .append("dir ")
                .append(quoted(dataDirectory.toString()))
                .append('\n')
                .append("logfile ")
                .append(quoted(log.toString()))
                .append('\n')
                // notice writes about a KiB for every rewrite of the append-only file: without bound
                .append("loglevel warning\nalways-show-logo no\n")
                .append("save \"\"\n")
                .append("appendonly ")
                .append(persistence ? "yes" : "no")
                .append('\n')
                .append("appendfsync ")
                .append(appendFsync)
                .append('\n')
                // a torn tail is what a power cut leaves: drop the last half-written command rather than refuse to
                // start
                .append("aof-load-truncated yes\naof-use-rdb-preamble yes\n")
                .append("maxmemory ")
                .append(maxMemoryBytes)
                .append('\n')
                .append("maxmemory-policy noeviction\n");
        for (String line : extra) conf.append(line).append('\n');
        return conf.toString();
    }

    /** Redis splits a line like a shell does, so paths go in double quotes; Windows paths work with slashes. */
    static String quoted(String path) {
        String slashes = ServerProcess.WINDOWS ? path.replace('\\', '/') : path;
        return '"' + slashes.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static EmbeddedRedisException refused(String what, String value, String bound, String remedy) {
        return new EmbeddedRedisException(
                "Embedded Redis refuses " + what,
                "'" + value + "' (legal: " + bound + ")",
                "Nothing was started",
                remedy);
    }
}
