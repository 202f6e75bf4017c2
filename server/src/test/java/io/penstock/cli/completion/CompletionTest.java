package io.penstock.cli.completion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The scripts as shells run them; a shell that is not there is not asked. */
final class CompletionTest {
    @TempDir
    private Path dir;

    @Command(
            name = "penstock",
            subcommands = {Queue.class})
    static final class Root {
        @Option(names = {"-o", "--output"})
        String output;
    }

    @Command(name = "queue", description = "Queues; it's what they're. More.")
    static final class Queue {
        @Command(name = "pause", description = "Pause.")
        void pause(@Parameters(paramLabel = "QUEUE") String queue) {}

        @Command(name = "peek", description = "Peek.")
        void peek(
                @Option(names = "--queue") String queue,
                @Option(names = "--config", paramLabel = "FILE") String file) {}
    }

    /** Answers what the real one answers to {@code queue list -o csv}. */
    @BeforeEach
    void install() throws IOException {
        Path penstock = Files.writeString(
                dir.resolve("penstock"), "#!/bin/sh\nprintf 'QUEUE,STATUS\\nmail,active\\nreports,paused\\n'\n");
        assertThat(penstock.toFile().setExecutable(true)).isTrue();
        Files.writeString(dir.resolve("known-file"), "");
    }

    private String bash(String... words) throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash");
        Path script = Files.writeString(dir.resolve("c.bash"), Completion.bash(new CommandLine(new Root())));
        String line = "source " + script + "; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
                + (words.length - 1) + "; _penstock; echo \"${COMPREPLY[*]}\"";
        ProcessBuilder builder = new ProcessBuilder("/bin/bash", "--norc", "-c", line)
                .directory(dir.toFile())
                .redirectErrorStream(true);
        builder.environment().put("PATH", dir + ":/usr/bin:/bin");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out.strip();
    }

    @Test
    void completesCommandsOptionsValuesAndQueues() throws Exception {
        assertThat(bash("penstock", "q")).isEqualTo("queue");
        assertThat(bash("penstock", "queue", "p")).isEqualTo("pause peek");
        assertThat(bash("penstock", "queue", "pause", "''")).isEqualTo("mail reports");
        assertThat(bash("penstock", "queue", "pause", "rep")).isEqualTo("reports");
        assertThat(bash("penstock", "-o", "nd")).isEqualTo("ndjson");
        assertThat(bash("penstock", "-o", "csv", "queue", "peek", "--q")).isEqualTo("--queue");
        assertThat(bash("penstock", "queue", "peek", "--queue", "m")).isEqualTo("mail");
        assertThat(bash("penstock", "queue", "peek", "--config", "known")).isEqualTo("known-file");
    }

    @Test
    void writesForTheOtherShellsWhatTheyRead() {
        CommandLine root = new CommandLine(new Root());
        assertThat(Completion.zsh(root)).contains("bashcompinit", "complete -o default -F _penstock penstock");
        assertThat(Completion.fish(root))
                .contains("__penstock_at 'queue'\" -a pause -d 'Pause.'")
                .contains("-a queue -d 'Queues; its what theyre'")
                .contains("__penstock_at 'queue pause'\" -a '(__penstock_queues)'")
                .contains("-l config -r -F");
    }
}
