package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Names;
import io.penstock.job.Payload;
import io.penstock.payload.PayloadException;
import io.penstock.queue.QueueReplies.Waited;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What jobs are told from outside while they live, and until when they wait for it.
 *
 * <p>No signal is lost, because wherever the job is one script decides: signal.lua keeps it and looks where the job is, and
 * finish.lua, when a run ends in order to wait, looks whether it has come. Whichever is second moves the job.
 */
final class JobSignals {
    /** Signals of one job. */
    static final int MOST = 32;

    /** Bytes of one value: it is a word from outside, not a payload. */
    static final int MOST_VALUE_BYTES = 16 << 10;

    /** Bytes of all names and values of one job. */
    static final int MOST_BYTES = 64 << 10;

    /** Bytes of the list of names and times that a job waits for: some 50 of the longest. */
    private static final int MOST_NOTED_BYTES = 4 << 10;

    /**
     * A job that was told something while it ran, and neither asked for it nor gathered anything, may end without a look at
     * what it was told; then that goes by itself, after this.
     */
    private static final Duration UNASKED = Duration.ofDays(30);

    private static final List<Object> SAME = List.of(Redis.utf8("same"));

    private final QueueStore store;

    JobSignals(QueueStore store) {
        this.store = store;
    }

    CompletionStage<Waited> look(LeasedJob job, String what, String name, Duration wait) {
        job.extrasWritten();
        QueueKeys keys = store.keys();
        Call call = new Call(256)
                .key(keys.leases)
                .key(keys.active)
                .key(keys.extras(job.id().serial()));
        call.arg(job.lease().token()).arg(job.lease().number()).arg(job.id().serial());
        call.arg(what).arg(name).arg(wait.toMillis()).arg(MOST_NOTED_BYTES);
        return store.redis().eval(Scripts.WAIT, call).thenCompose(reply -> switch (Redis.text(reply.get(0))) {
            case "came" -> CompletableFuture.completedFuture(new Waited((byte[]) reply.get(1), 0));
            case "over" -> CompletableFuture.completedFuture(new Waited(null, 0));
            case "wait" -> CompletableFuture.completedFuture(new Waited(null, (Long) reply.get(1)));
            case "full" ->
                CompletableFuture.failedFuture(new IllegalStateException("job " + job.id() + " waits for so many things"
                        + " that their names and times pass " + MOST_NOTED_BYTES + " bytes; it does not wait for \""
                        + name
                        + "\"; let it wait for fewer"));
            default -> CompletableFuture.failedFuture(new LeaseLostException(job.lease()));
        });
    }

    CompletionStage<Change> send(String serial, String name, Object value) {
        Names.check("signal", name);
        byte[] json = Payload.encode(value);
        if (json.length == 4 && json[0] == 'n') {
            throw new IllegalArgumentException("signal \"" + name
                    + "\" has null as its value; nothing was told; send true if there is nothing to say");
        }
        if (json.length > MOST_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "signal \"" + name + "\" has a value of " + json.length + " bytes, more than " + MOST_VALUE_BYTES
                            + "; nothing was told; store it elsewhere and send its name");
        }
        JobId id = new JobId(store.queue(), serial);
        byte[] kept = store.payloads().sealValue(json, Seal.signal(id, name));
        QueueKeys keys = store.keys();
        String block = JobId.blockOf(serial);
        Call call = new Call(768 + kept.length);
        call.key(keys.counters).key(keys.active).key(keys.delayed);
        for (byte[] line : keys.lines) {
            call.key(line);
        }
        call.key(keys.ghosts).key(keys.watched).key(keys.records(block)).key(keys.finishes(block));
        call.key(keys.extras(serial)).key(keys.inbox);
        call.arg(serial).arg(name).arg(kept).arg(keys.wakeChannel).arg(keys.eventChannel);
        call.arg(MOST).arg(MOST_BYTES).arg(UNASKED.toSeconds());
        return store.redis()
                .eval(Scripts.SIGNAL, call)
                .thenCompose(reply -> kept == json || !Redis.text(reply.get(0)).equals("other")
                        ? answer(serial, name, reply)
                        : same(id, name, json).thenCompose(same -> answer(serial, name, same ? SAME : reply)));
    }

    /** What is sealed twice is never the same, so a value that was sent again is told from another one here. */
    private CompletionStage<Boolean> same(JobId id, String name, byte[] json) {
        Call call = new Call(96).key(store.keys().extras(id.serial())).arg("g" + name);
        return store.redis().command("HGET", call).thenApply(reply -> {
            byte[] stands = (byte[]) reply.get(0);
            try {
                return stands != null && Arrays.equals(json, store.payloads().openValue(stands, Seal.signal(id, name)));
            } catch (PayloadException unreadable) {
                return false;
            }
        });
    }

    private CompletionStage<Change> answer(String serial, String name, List<Object> reply) {
        String word = Redis.text(reply.get(0));
        if (word.equals("gone")) {
            return CompletableFuture.completedFuture(Change.notFound());
        }
        if (word.equals("done")) {
            return CompletableFuture.completedFuture(Change.done(JobState.of(Redis.text(reply.get(1)))));
        }
        // seldom, so the state is read once more
        return new JobReader(store).look(serial).thenApply(found -> {
            if (found.isEmpty()) {
                return Change.notFound();
            }
            JobState state = found.get().job().state();
            return word.equals("same") ? Change.done(state) : Change.conflict(state, why(word, name));
        });
    }

    private static String why(String word, String name) {
        return switch (word) {
            case "other" ->
                "it has a signal \"" + name + "\" with another value; the first one stays; use another name";
            case "late" -> "it waited for \"" + name + "\" until its time was over, and went on without it";
            case "full" ->
                "it has " + MOST + " signals or " + MOST_BYTES
                        + " bytes of them; send fewer, or store values elsewhere";
            default -> "it has ended; only a job that lives can be told something";
        };
    }
}
