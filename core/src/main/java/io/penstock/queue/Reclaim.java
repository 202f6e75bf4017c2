package io.penstock.queue;

import io.penstock.job.JobError;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Hands on the jobs of workers that died.
 *
 * <p>fence.lua first takes the lease away, so that nothing the worker still sends counts. Then the hash of active jobs is
 * scanned in slices for those of the dead incarnation; each goes back to the end of its line with one more crash against
 * it, or ends as poison when it has taken {@value LeasedJob#MAX_CRASHES} workers down, or as cancelled if that was asked.
 *
 * <p>A crash counts only against jobs that may have caused it. The first time that is everything in hand; a job that was
 * in hand before is marked when its handler starts, and from then on only marked jobs are charged. With the last life run
 * one at a time, an innocent neighbour is charged twice at most.
 */
final class Reclaim {
    /** Dead incarnations looked at in one go. */
    private static final int MOST_DEAD = 16;

    /** Fields of the active hash read in one step of the scan. */
    private static final int SCAN_COUNT = 500;

    private final QueueStore store;
    private final AtomicReference<Scan> scan = new AtomicReference<>(new Scan("", "0", false));

    /** Where the scan for one dead incarnation stands, and whether it has met any of its jobs since it began. */
    private record Scan(String token, String cursor, boolean met) {}

    Reclaim(QueueStore store) {
        this.store = store;
    }

    CompletionStage<Integer> slice(int most) {
        Call fence =
                new Call(128).key(store.keys().leases).key(store.keys().dead).arg(MOST_DEAD);
        return store.redis().eval(Scripts.FENCE, fence).thenCompose(reply -> {
            if (reply.isEmpty()) {
                return CompletableFuture.completedFuture(0);
            }
            List<String> dead = reply.stream().map(Redis::text).toList();
            Scan at = Objects.requireNonNull(scan.get());
            return scan(dead.contains(at.token) ? at : new Scan(dead.get(0), "0", false), most);
        });
    }

    private CompletionStage<Integer> scan(Scan at, int most) {
        String number = at.token.substring(0, at.token.indexOf('.'));
        Call call = new Call(96)
                .key(store.keys().active)
                .arg(at.cursor)
                .arg("COUNT")
                .arg(SCAN_COUNT);
        return store.redis().command("HSCAN", call).thenCompose(reply -> {
            String next = Redis.text(reply.get(0));
            List<?> fields = (List<?>) reply.get(1);
            List<String> serials = new ArrayList<>();
            for (int i = 0; i + 1 < fields.size(); i += 2) {
                if (Redis.text(fields.get(i + 1)).equals(number)) {
                    serials.add(Redis.text(fields.get(i)));
                }
            }
            if (!serials.isEmpty()) {
                // The cursor stays: what this slice leaves is met again, what it moves is gone.
                List<String> slice = serials.subList(0, Math.min(most, serials.size()));
                scan.set(new Scan(at.token, at.cursor, true));
                return move(at.token, number, slice);
            }
            if (!next.equals("0")) {
                Scan on = new Scan(at.token, next, at.met);
                scan.set(on);
                return scan(on, most);
            }
            if (at.met) {
                // Fields may move between slots while others are deleted; one clean pass proves that none is left.
                Scan again = new Scan(at.token, "0", false);
                scan.set(again);
                return scan(again, most);
            }
            scan.set(new Scan("", "0", false));
            return forget(at.token, number).thenCompose(unused -> slice(most));
        });
    }

    /** Nothing is left of an incarnation; its token goes last, so that all of this is done again if it was cut short. */
    private CompletionStage<List<Object>> forget(String token, String number) {
        QueueKeys keys = store.keys();
        return store.redis()
                .command("DEL", new Call(96).key(keys.incarnation(number)))
                .thenCompose(unused -> store.redis()
                        .command("SREM", new Call(96).key(keys.quiet).arg(number)))
                .thenCompose(unused -> store.redis()
                        .command("SREM", new Call(96).key(keys.dead).arg(token)));
    }

    private CompletionStage<Integer> move(String token, String number, List<String> serials) {
        QueueKeys keys = store.keys();
        Call crashes = new Call(64 + serials.size() * 16).key(keys.crashes);
        Call asked = new Call(64).key(keys.requests);
        serials.forEach(crashes::arg);
        CompletionStage<List<Object>> counted = store.redis().command("HMGET", crashes);
        CompletionStage<List<Object>> requests = store.redis().command("SMEMBERS", asked);
        List<CompletableFuture<List<Object>>> records = serials.stream()
                .map(serial -> store.redis()
                        .command(
                                "HGET",
                                new Call(64)
                                        .key(keys.records(io.penstock.job.JobId.blockOf(serial)))
                                        .arg(serial))
                        .toCompletableFuture())
                .toList();
        List<CompletableFuture<List<Object>>> extras = serials.stream()
                .map(serial -> store.redis()
                        .command("EXISTS", new Call(64).key(keys.extras(serial)))
                        .toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(records.toArray(CompletableFuture[]::new))
                .thenCompose(unused -> CompletableFuture.allOf(extras.toArray(CompletableFuture[]::new)))
                .thenCombine(counted, (unused, counts) -> counts)
                .thenCombine(requests, (counts, cancelled) -> {
                    Set<String> stop = new HashSet<>();
                    cancelled.forEach(serial -> stop.add(Redis.text(serial)));
                    Lease lease = new Lease(store.queue(), number, token.substring(token.indexOf('.') + 1));
                    FinishCall call = new FinishCall(
                            keys, store.settings().now(), store.clock().millis());
                    for (int i = 0; i < serials.size(); i++) {
                        Object record = records.get(i).join().get(0);
                        byte[] bytes = record == null ? StoredJob.UNREADABLE : (byte[]) record;
                        byte[] count = counts.get(i) == null ? new byte[0] : (byte[]) counts.get(i);
                        LeasedJob job = store.leased(serials.get(i), lease, bytes, count);
                        if ((Long) extras.get(i).join().get(0) == 1) {
                            job.extrasWritten(); // by the run that died, which had no time to note it in the record
                        }
                        decide(call, job, count, record, stop);
                    }
                    return call.build(token, number, null);
                })
                .thenCompose(call -> store.redis().eval(Scripts.FINISH, call))
                .thenApply(reply -> {
                    store.passOn(); // whoever moves them takes none of them
                    return serials.size();
                });
    }

    private void decide(
            FinishCall call,
            LeasedJob job,
            byte[] count,
            @org.jspecify.annotations.Nullable Object record,
            Set<String> stop) {
        long now = store.clock().millis();
        boolean charged = count.length == 0 || new String(count, StandardCharsets.US_ASCII).endsWith("!");
        int crashes = job.crashes() + (charged ? 1 : 0);
        if (record == null) {
            call.addLost(
                    job,
                    new JobError(
                            "lost-record",
                            "its record was gone from Redis when its worker died; only its id is left",
                            null));
        } else if (stop.contains(job.id().serial())) {
            call.add(Ending.cancelled(job, 0, now, null));
        } else if (crashes >= LeasedJob.MAX_CRASHES) {
            call.add(Ending.failed(
                    job,
                    0,
                    now,
                    new JobError(
                            "poison",
                            "its worker died " + crashes + " times while running it (limit " + LeasedJob.MAX_CRASHES
                                    + "); it is not run again by itself; retry it once the cause is mended",
                            null)));
        } else {
            call.addReclaimed(job, crashes);
        }
    }
}
