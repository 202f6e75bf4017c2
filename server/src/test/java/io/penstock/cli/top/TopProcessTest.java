package io.penstock.cli.top;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The live view as a process of its own on a pseudo-terminal, which {@code script} of util-linux makes. */
@ExtendWith(RigExtension.class)
final class TopProcessTest {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final String ENTER = "\033[?1049h";
    private static final String LEAVE = "\033[?1049l";

    @TempDir
    private Path dir;

    private Process terminal(Rig rig) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(SCRIPT), "no script(1)");
        String classes = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String line = "stty rows 24 cols 80; stty -a > before; " + java
                + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx64m -cp " + classes
                + " io.penstock.cli.Main top; echo ENDED $?; stty -a > after; echo OVER";
        ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), "-qfec", line, "/dev/null")
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("shown").toFile());
        builder.environment().put("TERM", "xterm-256color");
        builder.environment().put("SHELL", "/bin/sh");
        builder.environment().put("PENSTOCK_URL", rig.url());
        builder.environment().put("PENSTOCK_TOKEN", rig.token());
        return builder.start();
    }

    private String shown() throws IOException {
        return Files.readString(dir.resolve("shown"), StandardCharsets.UTF_8);
    }

    private void leavesAllAsItWas(Process terminal, String end) throws IOException, InterruptedException {
        await().until(this::shown, text -> text.contains("OVER"));
        assertThat(shown()).contains(LEAVE).contains(end);
        assertThat(Files.readString(dir.resolve("after"))).isEqualTo(Files.readString(dir.resolve("before")));
        assertThat(terminal.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void drawsOnARealTerminalAndGivesItBack(Rig rig) throws Exception {
        Process terminal = terminal(rig);
        try (OutputStream keys = terminal.getOutputStream()) {
            await().until(this::shown, text -> text.contains(ENTER) && text.contains("QUEUE"));
            keys.write("h".getBytes(StandardCharsets.US_ASCII));
            keys.flush();
            await().until(this::shown, text -> text.contains("select a queue"));
            keys.write("xq".getBytes(StandardCharsets.US_ASCII));
            keys.flush();
            leavesAllAsItWas(terminal, "ENDED 0");
        } finally {
            terminal.destroyForcibly();
        }
    }

    @Test
    void givesTheTerminalBackWhenItIsTerminated(Rig rig) throws Exception {
        Process terminal = terminal(rig);
        try {
            await().until(this::shown, text -> text.contains("QUEUE"));
            terminal.descendants()
                    .filter(process -> process.info().command().orElse("").endsWith("java"))
                    .forEach(ProcessHandle::destroy);
            leavesAllAsItWas(terminal, "ENDED 143");
        } finally {
            terminal.destroyForcibly();
        }
    }
}
