package io.penstock.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The command line of the benchmarks. */
public final class Main {
    private Main() {}

    /** Runs them and exits with what {@link Bench#run} says; {@code report} measures what the field report tells of. */
    public static void main(String[] args) {
        // Ours and not on the class path's root: the server brings a configuration of its own.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "io/penstock/bench/logback.xml");
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(args.length > 0 && args[0].equals("report") ? FieldReport.run(out) : Bench.run(args, out));
    }
}
