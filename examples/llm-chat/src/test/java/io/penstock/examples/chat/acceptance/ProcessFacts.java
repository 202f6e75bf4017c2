package io.penstock.examples.chat.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the kernel says of a process. Linux only.
 *
 * @param rssBytes memory it has in use
 * @param peakBytes the most it had
 * @param threads that it has, those of the JVM itself included
 */
record ProcessFacts(long rssBytes, long peakBytes, int threads) {
    static ProcessFacts of(long pid) throws IOException {
        Map<String, Long> numbers =
                Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1).stream()
                        .filter(line -> line.startsWith("Vm") || line.startsWith("Threads:"))
                        .collect(Collectors.toMap(
                                line -> line.substring(0, line.indexOf(':')),
                                line -> Long.valueOf(line.replaceAll("\\D", ""))));
        return new ProcessFacts(
                numbers.getOrDefault("VmRSS", 0L) << 10,
                numbers.getOrDefault("VmHWM", 0L) << 10,
                numbers.getOrDefault("Threads", 0L).intValue());
    }

    /** Has a JVM collect all of its heap, also one that was told to take no notice of {@code System.gc()}. */
    static void collect(long pid) throws IOException, InterruptedException {
        jcmd(pid, "GC.run");
    }

    /** By the jcmd of this JVM's home. */
    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process asked = new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String print = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (asked.waitFor() != 0) {
            throw new IOException("jcmd " + pid + " " + command + " failed: " + print.strip());
        }
        return print;
    }

    /** The names of the Java threads of a process. */
    static List<String> threadNames(long pid) throws IOException, InterruptedException {
        return jcmd(pid, "Thread.print")
                .lines()
                .filter(line -> line.startsWith("\"") && line.contains(" tid="))
                .map(line -> line.substring(1, line.indexOf('"', 1)))
                .toList();
    }
}
