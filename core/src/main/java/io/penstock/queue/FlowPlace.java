package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.job.JobError;
import io.penstock.job.Payload;
import org.jspecify.annotations.Nullable;

/**
 * Where a job belongs: a node of a flow, or one of the jobs of a batch.
 *
 * @param home the queue in whose keys the flow or batch is kept
 * @param flow its key there
 * @param node number of the node; {@value #MEMBER} for a job of a batch
 */
public record FlowPlace(String home, String flow, int node) {
    /** A job of a batch has no number: a million of them leave nothing behind but counts. */
    public static final int MEMBER = -1;

    /** Results and errors that the flow itself remembers; of a larger one the job is asked. */
    static final int MOST_DETAIL = 16 << 10;

    private static final byte[] NONE = {};

    /** Reads what {@link #toString} writes; null for "" and for what is none. */
    static @Nullable FlowPlace of(String text) {
        String[] part = text.split(",", 3);
        if (part.length < 3) {
            return null;
        }
        return new FlowPlace(part[0], part[1], part[2].isEmpty() ? MEMBER : Integer.parseInt(part[2]));
    }

    /** What a flow is told of a job that ended: its place, and how it ended if its flow wants to know; empty = nothing. */
    static byte[] end(String place, @Nullable Ending ending) {
        if (place.isEmpty() || ending == null) {
            return NONE;
        }
        byte[] detail = place.endsWith(",") ? NONE : detail(ending);
        byte[] head = place.getBytes(UTF_8);
        if (detail.length == 0 || detail.length > MOST_DETAIL) {
            return head;
        }
        byte[] all = java.util.Arrays.copyOf(head, head.length + 1 + detail.length);
        all[head.length] = '\n';
        System.arraycopy(detail, 0, all, head.length + 1, detail.length);
        return all;
    }

    private static byte[] detail(Ending ending) {
        JobError error = ending.error();
        if (error != null) {
            return Payload.encode(new JobError(error.type(), error.message(), null));
        }
        return ending.result() == null ? NONE : ending.result();
    }

    @Override
    public String toString() {
        return home + "," + flow + "," + (node == MEMBER ? "" : Integer.toString(node));
    }
}
