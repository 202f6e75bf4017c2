package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.cli.manual.Examples;
import io.penstock.cli.manual.Reference;
import io.penstock.cli.output.Streams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command there is: its help, its example, and its place in docs/cli.md; -Dcli.write=true writes that anew. */
final class CommandsTest {
    private static final String BEGIN = "<!-- commands: made by CommandsTest -->\n";

    private static CommandLine root() {
        return Main.commandLine(new Main(new Streams(
                System.out, System.err, java.io.InputStream.nullInputStream(), Map.of(), false, false, false)));
    }

    static Stream<String> commands() {
        return Examples.all(root()).keySet().stream().filter(path -> !path.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpsOnATerminalOf80ColumnsWithAnExample(String path) {
        String[] words = (path + " --help").split(" ");
        Shell.Result help = new Shell().run(words);
        assertThat(help.code()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out()).startsWith("Usage: penstock " + path).contains("Exit codes:");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(help.out())
                .as("an example in examples.txt")
                .containsPattern("\nExamples?:\n  penstock |\n  source ");
        assertThat(help.out().lines().skip(1).filter(line -> line.startsWith("Usage")))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void saysOfAnOptionThatThereIsNone(String path) {
        if (path.equals("bench")) {
            return; // it hands on what it does not know
        }
        Shell.Result wrong = new Shell().run((path + " --no-such-option").split(" "));
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.out()).isEmpty();
        assertThat(wrong.err()).startsWith("penstock: ").contains("See: penstock " + path + " --help");
    }

    /** What contract and documentation promise. */
    @Test
    void hasEveryCommandThatWasPromised() {
        Set<String> there = new TreeSet<>(commands().toList());
        assertThat(there)
                .contains(("up,status,top,doctor,bench,import,export,completion,version,"
                                + "job enqueue,job list,job get,job logs,job wait,job retry,job promote,job cancel,job edit,"
                                + "job clone,job delete,queue list,queue get,queue set,queue pause,queue resume,queue drain,"
                                + "queue purge,queue stats,queue delete,dead list,dead retry,dead delete,schedule list,"
                                + "schedule get,schedule set,schedule preview,schedule run,schedule pause,schedule resume,"
                                + "schedule delete,flow submit,flow get,flow retry,flow cancel,worker list,worker get,"
                                + "worker quiet,worker resume,memory status,memory watch,memory history,memory trend,"
                                + "memory optimize,memory snapshot,memory histogram,memory policy,alert list,alert ack,"
                                + "alert silence,alert rule,alert channel,redis info,redis pool,redis latency,limit list,"
                                + "limit set,limit delete,cache stats,cache clear,config show,config check,config set,config env")
                        .split(","));
    }

    @Test
    void standsInTheReference() throws IOException {
        Path doc = Path.of(System.getProperty("basedir", ".")).resolve("../docs/cli.md");
        String text = Files.readString(doc);
        int begin = text.indexOf(BEGIN);
        assertThat(begin).as("the mark after which the commands stand").isPositive();
        String written = BEGIN + Reference.of(root());
        if (Boolean.getBoolean("cli.write")) {
            Files.writeString(doc, text.substring(0, begin) + written);
            return;
        }
        assertThat(text.substring(begin))
                .as("docs/cli.md; write it with -Dcli.write=true")
                .isEqualTo(written);
    }
}
