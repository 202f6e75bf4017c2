package io.penstock.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The command line of the benchmarks. */
public final class Main {
    private Main() {}

    /**
     * Runs them and exits with what {@link Bench#run} says; {@code report} measures what the field report tells of, {@code
     * features} what each feature costs beside the plain job, {@code fairness} what tenants notice of one another.
     */
    public static void main(String[] args) {
        // Ours and not on the class path's root: the server brings a configuration of its own.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "io/penstock/bench/logback.xml");
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(
                switch (args.length == 0 ? "" : args[0]) {
                    case "report" -> FieldReport.run(out);
                    case "fairness" -> Fairness.run(out);
                    case "features" -> Features.run(out, Arrays.asList(args).subList(1, args.length));
                    default -> Bench.run(args, out);
                });
    }
}
