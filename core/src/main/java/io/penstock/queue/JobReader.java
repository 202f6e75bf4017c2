package io.penstock.queue;

import io.penstock.job.Attempt;
import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Payload;
import io.penstock.payload.PayloadCodec;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Reads jobs for operators: one by id in one round trip, or a page of a state. */
final class JobReader {
    private final QueueStore store;

    JobReader(QueueStore store) {
        this.store = store;
    }

    /** A job as read, a sealed result as it is stored, with the raw parts that a change compares against. */
    record Seen(Job job, StoredJob stored, byte @Nullable [] finish) {}

    CompletionStage<Optional<Seen>> look(String serial) {
        QueueKeys keys = store.keys();
        String block = JobId.blockOf(serial);
        Call call =
                new Call(256).key(keys.records(block)).key(keys.finishes(block)).key(keys.active);
        call.key(keys.delayed)
                .key(keys.extras(serial))
                .key(keys.requests)
                .key(keys.crashes)
                .key(keys.blocked)
                .arg(serial);
        return store.redis()
                .eval(Scripts.LOOK, call)
                .thenApply(reply ->
                        reply.isEmpty() || reply.get(0) == null ? Optional.empty() : Optional.of(seen(serial, reply)));
    }

    private Seen seen(String serial, List<Object> reply) {
        StoredJob stored = StoredJob.of((byte[]) reply.get(0));
        byte[] finish = (byte[]) reply.get(1);
        FinishRecord ended = finish == null ? null : FinishRecord.decode(finish);
        String runner = reply.get(2) == null ? null : Redis.text(reply.get(2));
        Instant due = reply.get(3) == null ? null : Instant.ofEpochMilli(StoredJob.readTime((byte[]) reply.get(3), 0));
        JobState state = ended != null
                ? ended.state()
                : runner != null
                        ? JobState.ACTIVE
                        : due != null
                                ? JobState.DELAYED
                                : (Long) reply.get(7) == 1 ? JobState.BLOCKED : JobState.WAITING;
        byte[] crashed = reply.size() > 6 && reply.get(6) != null ? (byte[]) reply.get(6) : new byte[0];
        int crashes = QueueStore.crashCount(crashed);
        boolean running = state == JobState.ACTIVE || state == JobState.COMPLETED || state == JobState.CANCELLED;
        boolean ran = ended == null || ended.startedMillis() > 0;
        int attempt = stored.attempts + (running && ran ? 1 : 0);
        int deliveries = ended != null
                ? ended.deliveries()
                : stored.attempts + stored.snoozes + crashes + (state == JobState.ACTIVE ? 1 : 0);
        Integer most = stored.options().maxAttempts();
        Job job = new Job(
                new JobId(store.queue(), serial),
                stored.type,
                state,
                java.util.Arrays.copyOfRange(stored.record, stored.payloadOffset, stored.record.length),
                stored.options(),
                attempt,
                deliveries,
                most == null ? 0 : most,
                Instant.ofEpochMilli(stored.createdMillis),
                state == JobState.DELAYED ? due : null,
                ended == null || ended.startedMillis() == 0 ? null : Instant.ofEpochMilli(ended.startedMillis()),
                ended == null ? null : Instant.ofEpochMilli(ended.finishedMillis()),
                reply.get(4) == null ? null : Redis.text(reply.get(4)),
                ended == null ? null : ended.result(),
                ended == null ? null : ended.error(),
                ended == null ? runner : ended.worker(),
                state == JobState.ACTIVE && (Long) reply.get(5) == 1,
                stored.encoding(),
                ended == null || ended.result() == null ? "" : PayloadCodec.valueEncoding(ended.result()));
        return new Seen(job, stored, finish);
    }

    CompletionStage<List<Job>> all(List<String> serials) {
        List<CompletableFuture<Optional<Seen>>> looks = serials.stream()
                .map(serial -> look(serial).toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(looks.toArray(CompletableFuture[]::new))
                .thenApply(unused -> looks.stream()
                        .map(CompletableFuture::join)
                        .flatMap(Optional::stream)
                        .map(seen -> Seal.closed(seen.job()))
                        .toList());
    }

    /** Failed attempts that are remembered, oldest first. */
    CompletionStage<List<Attempt>> attempts(String serial) {
        return extras(serial).thenApply(reply -> {
            List<Attempt> attempts = new ArrayList<>();
            for (int i = 0; i + 1 < reply.size(); i += 2) {
                if (Redis.text(reply.get(i)).matches("a\\d+")) {
                    attempts.add(Payload.decode((byte[]) reply.get(i + 1), Attempt.class));
                }
            }
            attempts.sort(Comparator.comparingInt(Attempt::number).thenComparing(Attempt::startedAt));
            return attempts;
        });
    }

    /** Log lines that the job's runs left. */
    CompletionStage<List<String>> logs(String serial) {
        Call call = new Call(64).key(store.keys().extras(serial)).arg("l");
        return store.redis()
                .command("HGET", call)
                .thenApply(reply -> reply.get(0) == null
                        ? List.of()
                        : new String((byte[]) reply.get(0), StandardCharsets.UTF_8)
                                .lines()
                                .toList());
    }

    private CompletionStage<List<Object>> extras(String serial) {
        return store.redis().command("HGETALL", new Call(64).key(store.keys().extras(serial)));
    }

    /** An error for jobs whose record cannot be read. */
    static JobError unreadable(int bytes) {
        return new JobError("unreadable-record", "its record of " + bytes + " bytes has no header", null);
    }
}
