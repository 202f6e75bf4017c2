package io.penstock.worker;

import io.penstock.job.Payload;
import io.penstock.queue.QueueStore;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** The parts of one job that are done already, with their values; of the handler's own thread. */
final class Steps {
    /** Steps of one job. */
    static final int MOST = 64;

    /** Bytes of all their values. */
    static final int MOST_BYTES = 64 << 10;

    private final Run run;
    private final Map<String, byte[]> done;
    private int bytes;

    Steps(Run run) throws InterruptedException {
        this.run = run;
        this.done = run.job.hasExtras()
                ? new HashMap<>(Run.await(store(run).steps(run.job), "reading the steps of " + run))
                : new HashMap<>();
        this.bytes = done.values().stream().mapToInt(json -> json.length).sum();
    }

    private static QueueStore store(Run run) {
        return run.hold.intake.store();
    }

    <T> T step(String name, Callable<? extends T> part, Class<T> type) throws Exception {
        byte[] known = done.get(name);
        if (known != null) {
            return Payload.decode(known, type);
        }
        if (done.size() >= MOST) {
            throw new IllegalStateException("step \"" + name + "\" of job " + run.job.id() + " is number "
                    + (done.size() + 1) + ", a job remembers " + MOST + "; it did not run; join some of them");
        }
        T value = part.call();
        remember(name, Payload.encode(value));
        return value;
    }

    private void remember(String name, byte[] json) throws InterruptedException {
        if (bytes + json.length > MOST_BYTES) {
            throw new IllegalStateException("step \"" + name + "\" of job " + run.job.id() + " would make "
                    + (bytes + json.length) + " bytes of values, a job remembers " + MOST_BYTES
                    + "; it ran and is not remembered; return smaller values, such as the name of a stored file");
        }
        boolean kept = Run.await(store(run).saveStep(run.job, name, json), "remembering step " + name);
        if (!kept) {
            throw new IllegalStateException("step \"" + name + "\" of job " + run.job.id()
                    + " ran and is not remembered: the job is not this worker's any more");
        }
        done.put(name, json);
        bytes += json.length;
    }
}
