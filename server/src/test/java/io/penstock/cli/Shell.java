package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.cli.output.Streams;
import io.penstock.server.Rig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Runs commands in this process and keeps what they wrote. */
final class Shell {
    private final Map<String, String> environment = new HashMap<>();
    private String typed = "";
    private boolean terminal;

    /** What a command left behind. */
    record Result(int code, String out, String err) {
        JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                throw new UncheckedIOException(out, e);
            }
        }
    }

    /** A shell that finds this server. */
    static Shell at(Rig rig) {
        return new Shell().with("PENSTOCK_URL", rig.url()).with("PENSTOCK_TOKEN", rig.token());
    }

    Shell with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** A person sits there and types this. */
    Shell typing(String text) {
        typed = text;
        terminal = true;
        return this;
    }

    /** A file or a pipe is there. */
    Shell piping(String text) {
        typed = text;
        return this;
    }

    Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Streams streams = new Streams(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                environment,
                terminal,
                false,
                false);
        int code = Main.run(streams, arguments);
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
