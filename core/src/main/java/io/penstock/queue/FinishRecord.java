package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.job.JobError;
import io.penstock.job.JobState;
import io.penstock.job.Payload;
import org.jspecify.annotations.Nullable;

/**
 * How a job ended, as it lies in Redis beside its record.
 *
 * <pre>
 * finish = state(c f k) finished(9 digits) started(9 digits, 0 = never) worker *( TAB letter value ) LF result
 * letters: d deliveries   s extras exist   e error (JSON)   x keep until (base 32)
 * </pre>
 *
 * @param worker number of the incarnation that ran it, or {@code -}
 * @param keepUntilMillis 0 = as the queue says
 */
record FinishRecord(
        JobState state,
        long finishedMillis,
        long startedMillis,
        String worker,
        int deliveries,
        boolean extras,
        long keepUntilMillis,
        @Nullable JobError error,
        byte @Nullable [] result) {

    byte[] encode() {
        StringBuilder header = new StringBuilder(48);
        header.append(letter(state));
        StoredJob.appendTime(header, finishedMillis);
        StoredJob.appendTime(header, startedMillis);
        header.append(worker);
        if (deliveries != 1) {
            header.append("\td").append(deliveries);
        }
        if (extras) {
            header.append("\ts");
        }
        if (keepUntilMillis > 0) {
            header.append("\tx").append(Long.toString(keepUntilMillis, 32));
        }
        if (error != null) {
            header.append("\te").append(new String(Payload.encode(error), UTF_8));
        }
        header.append('\n');
        byte[] head = header.toString().getBytes(UTF_8);
        if (result == null) {
            return head;
        }
        byte[] all = new byte[head.length + result.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(result, 0, all, head.length, result.length);
        return all;
    }

    /** Reads a finish record; of one that is none only the state counts, so that it can be shown and forgotten. */
    static FinishRecord decode(byte[] bytes) {
        try {
            return read(bytes);
        } catch (RuntimeException unreadable) {
            JobState state = state(bytes.length == 0 ? 'f' : (char) bytes[0]);
            return new FinishRecord(state, 0, 0, "-", 1, true, 0, JobReader.unreadable(bytes.length), null);
        }
    }

    private static FinishRecord read(byte[] bytes) {
        int end = StoredJob.indexOf(bytes, '\n', 19);
        String[] fields = new String(bytes, 19, end - 19, UTF_8).split("\t", -1);
        int deliveries = 1;
        boolean extras = false;
        long keep = 0;
        JobError error = null;
        for (int i = 1; i < fields.length; i++) {
            String value = fields[i].substring(1);
            switch (fields[i].charAt(0)) {
                case 'd' -> deliveries = Integer.parseInt(value);
                case 's' -> extras = true;
                case 'x' -> keep = Long.parseLong(value, 32);
                case 'e' -> error = Payload.decode(value.getBytes(UTF_8), JobError.class);
                default -> {
                    // A newer version wrote it.
                }
            }
        }
        int size = bytes.length - end - 1;
        byte[] result = size == 0 ? null : java.util.Arrays.copyOfRange(bytes, end + 1, bytes.length);
        return new FinishRecord(
                state((char) bytes[0]),
                StoredJob.readTime(bytes, 1),
                StoredJob.readTime(bytes, 10),
                fields[0],
                deliveries,
                extras,
                keep,
                error,
                result);
    }

    private static char letter(JobState state) {
        return switch (state) {
            case COMPLETED -> 'c';
            case FAILED -> 'f';
            default -> 'k';
        };
    }

    private static JobState state(char letter) {
        return switch (letter) {
            case 'c' -> JobState.COMPLETED;
            case 'f' -> JobState.FAILED;
            default -> JobState.CANCELLED;
        };
    }
}
