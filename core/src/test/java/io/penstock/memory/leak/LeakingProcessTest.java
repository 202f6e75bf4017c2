package io.penstock.memory.leak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Real JVMs with a heap of 64 MB and a planted leak. */
class LeakingProcessTest {
    private static final Pattern NAMED =
            Pattern.compile("named=\\[(.*?)] namedAtShare=(\\S+) growthAtShare=(\\S+) .*markings=(\\d+)");

    private static String run(String... args) throws IOException, InterruptedException {
        String[] fixed = {
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseG1GC",
            "-cp",
            System.getProperty("java.class.path"),
            LeakingProcess.class.getName()
        };
        String[] command = new String[fixed.length + args.length];
        System.arraycopy(fixed, 0, command, 0, fixed.length);
        System.arraycopy(args, 0, command, fixed.length, args.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            System.out.println(output);
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void namesThePlantedLeakBeforeHalfOfTheFreeHeapIsGone() throws Exception {
        Matcher found = NAMED.matcher(run("4", "20", "6"));

        assertThat(found.find()).isTrue();
        assertThat(found.group(1)).isEqualTo("leaking");
        assertThat(Double.parseDouble(found.group(2))).isLessThan(0.5);
    }

    @Test
    void namesNobodyWhereNothingLeaks() throws Exception {
        Matcher found = NAMED.matcher(run("0", "8", "28"));

        assertThat(found.find()).isTrue();
        assertThat(found.group(4)).as("markings").isNotEqualTo("0");
        assertThat(found.group(1)).isEmpty();
        assertThat(found.group(3)).isEqualTo("NaN");
    }
}
