package io.penstock.cli;

import io.penstock.bench.Bench;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code penstock bench}: measures this machine, against a Redis of its own unless one is named; needs no server. */
@Command(
        name = "bench",
        description = "Measure throughput, latency and memory here, beside the least a bare client needs."
                + " Options: --quick, --only, --jobs, --rounds, --payload, --redis, --large, --json.")
final class BenchCommand implements Callable<Integer> {
    @Unmatched
    private List<String> rest = new ArrayList<>();

    @Override
    public Integer call() {
        return Bench.run(rest.toArray(String[]::new), System.out);
    }
}
