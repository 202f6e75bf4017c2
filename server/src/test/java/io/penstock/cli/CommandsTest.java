package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.cli.manual.Examples;
import io.penstock.cli.manual.Reference;
import io.penstock.cli.output.Streams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every command there is: its help, its example, and its place in docs/cli.md; -Dcli.write=true writes that anew. */
final class CommandsTest {
    private static final String BEGIN = "<!-- commands: made by CommandsTest -->\n";

    private static final ByteArrayOutputStream OUT = new ByteArrayOutputStream();
    private static final ByteArrayOutputStream ERR = new ByteArrayOutputStream();

    /** One for all: making it costs a fifth of a second. */
    private static final CommandLine ROOT = Main.commandLine(new Main(new Streams(
            new PrintStream(OUT, true, StandardCharsets.UTF_8),
            new PrintStream(ERR, true, StandardCharsets.UTF_8),
            InputStream.nullInputStream(),
            Map.of(),
            false,
            false,
            false)));

    private static List<String> commands() {
        return Examples.all(ROOT).keySet().stream()
                .filter(path -> !path.isEmpty())
                .toList();
    }

    private static Shell.Result run(String line) {
        OUT.reset();
        ERR.reset();
        int code = ROOT.execute(line.split(" "));
        return new Shell.Result(code, OUT.toString(StandardCharsets.UTF_8), ERR.toString(StandardCharsets.UTF_8));
    }

    @Test
    void helpOnATerminalOf80ColumnsWithAnExample() {
        for (String path : commands()) {
            Shell.Result help = run(path + " --help");
            assertThat(help.code()).as(path).isZero();
            assertThat(help.err()).as(path).isEmpty();
            assertThat(help.out()).startsWith("Usage: penstock " + path).contains("Exit codes:");
            assertThat(help.out().lines()).as(path).allMatch(line -> line.length() <= 80);
            assertThat(help.out())
                    .as("an example in examples.txt")
                    .containsPattern("\nExamples?:\n  (penstock|source) ");
        }
    }

    @Test
    void sayOfAnOptionThatThereIsNone() {
        for (String path : commands()) {
            if (path.equals("bench")) {
                continue; // it hands on what it does not know
            }
            Shell.Result wrong = run(path + " --no-such-option");
            assertThat(wrong.code()).as(path).isEqualTo(2);
            assertThat(wrong.out()).as(path).isEmpty();
            assertThat(wrong.err()).startsWith("penstock: ").contains("See: penstock " + path + " --help");
        }
    }

    /** What contract and documentation promise. */
    @Test
    void areAllThatWerePromised() {
        Set<String> there = new TreeSet<>(commands());
        assertThat(there)
                .contains(("up,status,top,doctor,bench,import,export,completion,version,"
                                + "job enqueue,job list,job get,job logs,job wait,job retry,job requeue,job promote,job cancel,job edit,"
                                + "job clone,job delete,queue list,queue get,queue set,queue pause,queue resume,queue drain,"
                                + "queue purge,queue stats,queue delete,dead list,dead retry,dead delete,schedule list,"
                                + "schedule get,schedule set,schedule preview,schedule run,schedule pause,schedule resume,"
                                + "schedule delete,flow submit,flow get,flow retry,flow cancel,worker run,worker list,worker get,"
                                + "worker quiet,worker resume,worker stop,memory status,memory watch,memory history,memory trend,"
                                + "memory optimize,memory snapshot,memory histogram,memory policy,alert list,alert ack,"
                                + "alert silence,alert rule,alert channel,redis info,redis pool,redis latency,limit list,"
                                + "limit set,limit delete,cache stats,cache clear,config show,config check,config set,config env")
                        .split(","));
    }

    @Test
    void standInTheReference() throws IOException {
        Path doc = Path.of(System.getProperty("basedir", ".")).resolve("../docs/cli.md");
        String text = Files.readString(doc);
        int begin = text.indexOf(BEGIN);
        assertThat(begin).as("the mark after which the commands stand").isPositive();
        String written = BEGIN + Reference.of(ROOT);
        if (Boolean.getBoolean("cli.write")) {
            Files.writeString(doc, text.substring(0, begin) + written);
            return;
        }
        assertThat(text.substring(begin))
                .as("docs/cli.md; write it with -Dcli.write=true")
                .isEqualTo(written);
    }
}
