package io.penstock.worker;

import io.penstock.job.Names;
import io.penstock.job.Payload;
import io.penstock.payload.PayloadException;
import io.penstock.queue.QueueStore;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** The parts of one job that are done already, with their values; of the handler's own thread. */
final class Steps {
    /** Steps of one job. */
    static final int MOST = 64;

    /** Bytes of one value, as note.lua holds it. */
    static final int MOST_VALUE_BYTES = 64 << 10;

    /** Bytes of all values of a job, which a later run reads at once: as much as a payload. */
    static final int MOST_BYTES = 256 << 10;

    private final Run run;
    private final Map<String, byte[]> done;
    private int bytes;

    Steps(Run run) throws InterruptedException {
        this.run = run;
        this.done = run.job.hasExtras()
                ? new HashMap<>(Run.await(store(run).steps(run.job), "reading the steps of " + run))
                : new HashMap<>();
        done.replaceAll((name, stored) -> opened(name, stored));
        this.bytes = done.values().stream().mapToInt(json -> json.length).sum();
    }

    private byte[] opened(String name, byte[] stored) {
        try {
            return run.job.openStep(name, stored);
        } catch (PayloadException closed) {
            throw Handlers.unreadable(closed);
        }
    }

    private static QueueStore store(Run run) {
        return run.hold.intake.store();
    }

    <T> T step(String name, Callable<? extends T> part, Class<T> type) throws Exception {
        Names.check("step", name);
        byte[] known = done.get(name);
        if (known != null) {
            return read(name, known, type);
        }
        if (done.size() >= MOST) {
            throw new IllegalStateException("step \"" + name + "\" of job " + run.job.id() + " is number "
                    + (done.size() + 1) + ", a job remembers " + MOST + "; it did not run; join some of them");
        }
        T value = part.call();
        remember(name, Payload.encode(value));
        return value;
    }

    private <T> T read(String name, byte[] json, Class<T> type) {
        try {
            return Payload.decode(json, type);
        } catch (IllegalArgumentException another) {
            throw new IllegalStateException(
                    "step \"" + name + "\" of job " + run.job.id()
                            + " was remembered by an earlier run and does not read as " + type.getName()
                            + "; the attempt fails; name a step anew when its value changes",
                    another);
        }
    }

    private void remember(String name, byte[] json) throws InterruptedException {
        if (json.length > MOST_VALUE_BYTES || bytes + json.length > MOST_BYTES) {
            throw new IllegalStateException("step \"" + name + "\" of job " + run.job.id() + " gave a value of "
                    + json.length + " bytes beside " + bytes + " of others; a step may give " + MOST_VALUE_BYTES
                    + ", all of a job " + MOST_BYTES
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
