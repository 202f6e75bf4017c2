package io.penstock.cli.completion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        @Option(
                names = {"-o", "--output"},
                scope = CommandLine.ScopeType.INHERIT)
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

    /** A shell that is not there cannot be asked; that is said aloud, because nobody reads lists of skipped tests. */
    private static String shell(String name) {
        for (String folder : List.of("/bin/", "/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/")) {
            if (Files.isExecutable(Path.of(folder + name))) {
                return folder + name;
            }
        }
        System.err.println(
                "CompletionTest: SKIPPED, there is no " + name + " here: its completion was not run; install it");
        Assumptions.abort("no " + name);
        return "";
    }

    private String run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true);
        builder.environment().put("PATH", dir + ":/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin");
        builder.environment().put("TERM", "dumb");
        builder.environment().put("HOME", dir.toString());
        builder.environment().put("ZDOTDIR", dir.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out.strip();
    }

    private String fish(String line) throws IOException, InterruptedException {
        String shell = shell("fish");
        Path script = Files.writeString(dir.resolve("c.fish"), Completion.fish(new CommandLine(new Root())));
        String out = run(shell, "--no-config", "-c", "source " + script + "; complete -C '" + line + "'");
        return out.replaceAll("\t[^\n]*", "").replace('\n', ' '); // what stands behind a tab is the description
    }

    private String bash(String... words) throws IOException, InterruptedException {
        String shell = shell("bash");
        Path script = Files.writeString(dir.resolve("c.bash"), Completion.bash(new CommandLine(new Root())));
        String line = "source " + script + "; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
                + (words.length - 1) + "; _penstock; echo \"${COMPREPLY[*]}\"";
        return run(shell, "--norc", "-c", line);
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
    void completesInFish() throws Exception {
        assertThat(fish("penstock q")).isEqualTo("queue");
        assertThat(fish("penstock queue p")).isEqualTo("pause peek");
        assertThat(fish("penstock queue pause ")).isEqualTo("mail reports");
        assertThat(fish("penstock queue pause rep")).isEqualTo("reports");
        assertThat(fish("penstock -o nd")).isEqualTo("ndjson");
        assertThat(fish("penstock --output=nd")).isEqualTo("--output=ndjson");
        assertThat(fish("penstock -o csv queue peek --q")).isEqualTo("--queue");
        assertThat(fish("penstock queue peek --queue m")).isEqualTo("mail");
        assertThat(fish("penstock queue peek --config known")).isEqualTo("known-file");
    }

    /** In a terminal of its own, because only the line editor of zsh completes. */
    @Test
    void completesInZsh() throws Exception {
        String shell = shell("zsh");
        Path script = Files.writeString(dir.resolve("c.zsh"), Completion.zsh(new CommandLine(new Root())));
        Path probe = dir.resolve("probe.zsh");
        try (InputStream in = CompletionTest.class.getResourceAsStream("probe.zsh")) {
            Files.write(probe, in.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of(shell, "-f", probe.toString(), script.toString()));
        List<String> wanted = new ArrayList<>();
        String[][] typed = {
            {"penstock q", "penstock queue"},
            {"penstock queue p", "pause  peek"},
            {"penstock queue pause ", "mail     reports"},
            {"penstock queue pause rep", "penstock queue pause reports"},
            {"penstock -o nd", "penstock -o ndjson"},
            {"penstock -o csv queue peek --q", "penstock -o csv queue peek --queue"},
            {"penstock queue peek --queue m", "penstock queue peek --queue mail"},
            {"penstock queue peek --config known", "penstock queue peek --config known-file"}
        };
        for (String[] each : typed) {
            command.addAll(List.of(each));
            wanted.add(each[0] + " -> " + each[1]);
        }
        String out = run(command.toArray(new String[0]));
        if (out.contains("no zpty")) {
            System.err.println("CompletionTest: SKIPPED, this zsh has no module zsh/zpty: its completion was not run");
            Assumptions.abort("no zsh/zpty");
        }
        assertThat(out.lines().map(String::strip)).containsExactlyElementsOf(wanted);
    }

    @Test
    void writesForTheOtherShellsWhatTheyRead() {
        CommandLine root = new CommandLine(new Root());
        assertThat(Completion.zsh(root)).contains("bashcompinit", "complete -o default -F _penstock penstock");
        assertThat(Completion.fish(root))
                .contains("__penstock_at 'queue'\" -a pause -d 'Pause.'")
                .contains("-a queue -d 'Queues; its what theyre'")
                .contains("__penstock_at 'queue pause'\" -a '(__penstock_queues)'")
                .contains("-l config -r -F")
                .contains("-l output -s o -x");
    }
}
