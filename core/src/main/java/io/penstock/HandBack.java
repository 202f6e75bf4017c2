package io.penstock;

import io.penstock.memory.optimise.Step;
import io.penstock.worker.Worker;
import java.util.List;
import java.util.function.Supplier;

/** Frees the payloads of jobs that were taken ahead and have not begun: other workers may have room for them. */
record HandBack(Supplier<List<Worker>> workers) implements Step {
    @Override
    public String name() {
        return "hand-back-jobs";
    }

    @Override
    public Kind kind() {
        return Kind.PREFETCH;
    }

    @Override
    public long run(double share) {
        workers.get().forEach(Worker::handBack);
        return UNKNOWN;
    }
}
