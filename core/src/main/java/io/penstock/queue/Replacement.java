package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Unique;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Puts a new payload into the job that holds a unique key, while that has not started: debounce and keep-last. */
final class Replacement {
    private Replacement() {}

    /** True if done; false if the holder has started, ended or changed meanwhile. Two round trips. */
    static CompletionStage<Boolean> of(QueueStore store, JobSpec spec, String holder) {
        QueueKeys keys = store.keys();
        Unique unique = Objects.requireNonNull(spec.options().unique());
        byte[] records = keys.records(JobId.blockOf(holder));
        return store.redis()
                .command("HGET", new Call(96).key(records).arg(holder))
                .thenCompose(reply -> {
                    if (reply.get(0) == null) {
                        return CompletableFuture.completedFuture(false);
                    }
                    StoredJob old = StoredJob.of((byte[]) reply.get(0));
                    boolean debounce = unique.mode() == Unique.Mode.DEBOUNCE;
                    long ready =
                            debounce ? store.clock().millis() + unique.ttl().toMillis() : old.readyMillis;
                    JobOptions options = sameLine(spec.options(), old);
                    byte[] record = debounce
                            ? old.debounced(options, Seal.of(spec), ready)
                            : old.edited(options, Seal.of(spec), ready);
                    Call call = new Call(512 + record.length);
                    call.key(keys.counters).key(keys.active).key(keys.delayed).key(keys.ghosts);
                    call.key(keys.finishes(JobId.blockOf(holder))).key(records).key(keys.unique(unique));
                    call.key(keys.lines[old.priority.level()]);
                    call.arg(holder).arg(unique.key()).arg(sha1(old.record)).arg(record);
                    call.arg(debounce ? Long.toString(unique.ttl().toMillis()) : "")
                            .arg(old.line());
                    return store.redis()
                            .eval(Scripts.REPLACE, call)
                            .thenApply(done -> Redis.text(done.get(0)).equals("done"));
                });
    }

    /** It keeps its place, and so all that decides on its place: priority, group and limit. */
    static JobOptions sameLine(JobOptions now, StoredJob old) {
        JobOptions was = old.options();
        return new JobOptions(
                now.delay(),
                now.runAt(),
                old.priority,
                now.maxAttempts(),
                now.backoff(),
                now.timeout(),
                now.unique(),
                was.group(),
                now.memoryBytes(),
                now.retention(),
                now.metadata(),
                was.limit(),
                null);
    }

    static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("this JVM has no SHA-1, which every JVM must have", impossible);
        }
    }
}
