package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.payload.PayloadCodec;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What the jobs of one queue emit while they run, as it lies in Redis: the last {@value #SEGMENTS} segments of {@value
 * #SEGMENT_BYTES} bytes of the last run of each, for an hour, and a minute once that run is over.
 */
public final class FeedStore {
    /** Bytes of the pieces that one call may carry; with its head a segment fits into 8 KiB of what Redis asks memory for. */
    public static final int SEGMENT_BYTES = (8 << 10) - 64;

    private static final int SEGMENTS = 8;
    private static final Duration WHILE_RUNNING = Duration.ofHours(1);
    private static final Duration AFTERWARDS = Duration.ofMinutes(1);

    private final Redis redis;
    private final QueueKeys keys;
    private final PayloadCodec codec;

    FeedStore(Redis redis, QueueKeys keys, PayloadCodec codec) {
        this.redis = redis;
        this.keys = keys;
        this.codec = codec;
    }

    /** Makes a piece ready to be stored: compressed and encrypted as results are. */
    public byte[] seal(LeasedJob job, byte[] piece) {
        return codec.sealValue(piece, Seal.piece(job.id()));
    }

    /**
     * Pieces on their way.
     *
     * @param emitter names it among all that ever emit for this job
     * @param run 0 = not known yet
     * @param first number of the first piece; the others follow it
     * @param last whether the run is over
     */
    public record Parcel(String emitter, long run, long first, List<byte[]> pieces, boolean last) {}

    /**
     * What was made of it.
     *
     * @param run the run that the pieces belong to, 0 if the job is not held any more
     * @param watched whether somebody may be following just now
     */
    public record Receipt(long run, boolean watched) {}

    /** Keeps pieces and tells those who follow; harmless when it is sent again. */
    public CompletionStage<Receipt> emit(LeasedJob job, Parcel parcel) {
        ByteArrayOutputStream pieces = new ByteArrayOutputStream(256);
        parcel.pieces.forEach(piece -> Segment.add(pieces, piece));
        String serial = job.id().serial();
        Call call = new Call(384 + pieces.size());
        call.key(keys.leases).key(keys.active).key(keys.feed(serial)).key(keys.watched);
        call.arg(job.lease().token()).arg(job.lease().number()).arg(serial).arg(keys.feedChannel(serial));
        call.arg(parcel.emitter).arg(parcel.run == 0 ? "" : Long.toString(parcel.run));
        call.arg(parcel.first).arg(parcel.pieces.size()).arg(pieces.toByteArray());
        call.arg(SEGMENT_BYTES).arg(SEGMENTS).arg((parcel.last ? AFTERWARDS : WHILE_RUNNING).toMillis());
        return redis.eval(Scripts.EMIT, call)
                .thenApply(reply -> new Receipt((Long) reply.get(0), (Long) reply.get(1) == 1));
    }

    /** Reads what is kept of a job's last run, the oldest first. One command, at most 64 KiB. */
    static CompletionStage<List<Segment>> kept(Redis redis, JobId id) {
        Call call = new Call(64).key(new QueueKeys(id.queue()).feed(id.serial()));
        return redis.command("HGETALL", call).thenApply(reply -> {
            List<Segment> kept = new ArrayList<>();
            for (int i = 0; i + 1 < reply.size(); i += 2) {
                if (Redis.text(reply.get(i)).startsWith("s")) {
                    kept.add(Segment.of((byte[]) reply.get(i + 1)));
                }
            }
            kept.sort(Comparator.comparingLong(Segment::first));
            return kept;
        });
    }
}
