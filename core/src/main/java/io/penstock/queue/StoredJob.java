package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.job.Backoff;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.KeyLimit;
import io.penstock.job.Once;
import io.penstock.job.Payload;
import io.penstock.job.Priority;
import io.penstock.job.Retention;
import io.penstock.job.Unique;
import io.penstock.payload.Sealed;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job's record as it lies in Redis: one line of header, then the payload.
 *
 * <pre>
 * header  = line(1 digit: priority, or priority + 4 of a job that passes the gate) ready(9 digits of base 32: epoch millis) type *( TAB letter value ) LF
 * letters: a attempts charged   n snoozes   m most attempts   b backoff   t timeout millis   u unique
 *          i request that it is for: millis it is known, key
 *          g group   y memory bytes   r retention   z metadata (JSON)   c time of creation (9 digits)   s extras exist
 *          l limit permits,key
 *          e encoding of the payload (z:BYTES deflated, a:KEY encrypted, o kept elsewhere; in that order, with commas)
 *          d debounced (9 digits: ready as its producer sees it, which names the call)   f place in a flow
 * </pre>
 *
 * <p>Text, so that any language and any operator can read it; a field is written only when it says something, which
 * leaves 20 bytes for a plain job. {@code ready} is when the job was or will be ready to run and orders aged lines;
 * of a delayed job it is the due time by the clock of Redis, set by scripts. They read and write priority and ready and
 * never anything behind them. Immutable.
 */
final class StoredJob {
    /** First byte of the type's name. */
    static final int TYPE_AT = 10;

    /** Stands for a record that can not be read; no handler has this type, so it dies with a reason. */
    static final byte[] UNREADABLE = "2000000000unreadable-record\n{}".getBytes(UTF_8);

    static final String UNREADABLE_TYPE = "unreadable-record";

    /** Added to the digit of the priority; scripts read it there. */
    static final int GATED = 4;

    private static final int TIME_DIGITS = 9;
    private static final char[] DIGITS = "0123456789abcdefghijklmnopqrstuv".toCharArray();

    final byte[] record;
    final int payloadOffset;
    final String type;
    final Priority priority;
    final long readyMillis;
    int attempts;
    int snoozes;
    boolean extras;
    long createdMillis;
    private String flow = "";
    private JobOptions options = JobOptions.NONE;
    private String encoding = "";

    /** Stands for a record that has no header we can read: nothing of it is known but its bytes. */
    private StoredJob(byte[] record, String type) {
        this.record = record;
        this.payloadOffset = record.length;
        this.type = type;
        this.priority = Priority.NORMAL;
        this.readyMillis = 0;
    }

    /** Reads a record, or makes a stand-in of type {@code unreadable-record}: one bad record must not stop its neighbours. */
    static StoredJob of(byte[] record) {
        try {
            return new StoredJob(record);
        } catch (RuntimeException unreadable) {
            return new StoredJob(record, UNREADABLE_TYPE);
        }
    }

    /**
     * Reads a record.
     *
     * @throws RuntimeException if it is none
     */
    StoredJob(byte[] record) {
        this.record = record;
        int end = indexOf(record, '\n', TYPE_AT);
        if (end < 0) {
            throw new IllegalArgumentException("a record of " + record.length
                    + " bytes has no header; the job can not be run; fsck moves it to quarantine");
        }
        this.payloadOffset = end + 1;
        this.priority = Priority.ofLevel(record[0] & 3);
        this.readyMillis = readTime(record, 1);
        int tab = indexOf(record, '\t', TYPE_AT);
        boolean plain = tab < 0 || tab > end;
        this.type = new String(record, TYPE_AT, (plain ? end : tab) - TYPE_AT, UTF_8);
        this.createdMillis = readyMillis;
        if (priority != Priority.NORMAL) {
            options = options.priority(priority);
        }
        if (!plain) {
            for (String field : new String(record, tab + 1, end - tab - 1, UTF_8).split("\t", -1)) {
                read(field.charAt(0), field.substring(1));
            }
        }
    }

    private void read(char letter, String value) {
        switch (letter) {
            case 'a' -> attempts = Integer.parseInt(value);
            case 'n' -> snoozes = Integer.parseInt(value);
            case 'm' -> options = options.maxAttempts(Integer.parseInt(value));
            case 'b' -> options = options.backoff(readBackoff(value.split(",", 4)));
            case 't' -> options = options.timeout(Duration.ofMillis(Long.parseLong(value)));
            case 'u' -> options = options.unique(readUnique(value.split(",", 3)));
            case 'i' -> {
                int comma = value.indexOf(',');
                Duration keep = Duration.ofMillis(Long.parseLong(value.substring(0, comma)));
                options = options.once(value.substring(comma + 1), keep);
            }
            case 'g' -> options = options.group(value);
            case 'l' ->
                options = options.limit(
                        value.substring(value.indexOf(',') + 1),
                        Integer.parseInt(value.substring(0, value.indexOf(','))));
            case 'y' -> options = options.memory(Long.parseLong(value));
            case 'r' -> options = options.retain(readRetention(value.split(",", 2)));
            case 'z' -> options = options.metadata(readMetadata(value));
            case 'c' -> createdMillis = Long.parseLong(value, 32);
            case 's' -> extras = true;
            case 'e' -> encoding = value;
            case 'f' -> flow = value;
            default -> {
                // A newer version wrote it; an older worker can run the job without knowing.
            }
        }
    }

    JobOptions options() {
        return options;
    }

    /** What was done to the payload; empty = nothing. */
    String encoding() {
        return encoding;
    }

    /** What a job that ends or goes back gives back at its gate; empty = it passed none. */
    String permits() {
        if (line() < GATED) {
            return "";
        }
        KeyLimit limit = options.limit();
        return (options.group() == null ? "" : options.group()) + "\t" + record.length + "\t"
                + (limit == null ? "" : limit.key());
    }

    /** The digit of its line: its priority, and {@value #GATED} more if it passes the gate. */
    int line() {
        return priority.level() + (type.equals(UNREADABLE_TYPE) ? 0 : record[0] & GATED);
    }

    /** The same of a job that is to be. */
    static int line(JobOptions options) {
        Priority priority = options.priority();
        return (priority == null ? Priority.NORMAL : priority).level() + (gated(options) ? GATED : 0);
    }

    /** Whether such a job waits at the gate until its group and its key have room. */
    static boolean gated(JobOptions options) {
        return options.group() != null || options.limit() != null;
    }

    /** Its entry in the inbox of the gate; see gate.lua. */
    static String inboxEntry(String serial, JobOptions options) {
        KeyLimit limit = options.limit();
        String group = options.group() == null ? "" : options.group();
        return line(options) + serial + "\t" + group
                + (limit == null ? "" : "\t" + limit.permits() + "\t" + limit.key());
    }

    /** Its place in a flow or batch, which is told of its end; empty = it is in none. */
    String flow() {
        return flow;
    }

    int payloadLength() {
        return record.length - payloadOffset;
    }

    /** The record of a new job; {@code readyMillis} later than {@code nowMillis} if it is delayed. */
    static byte[] encode(JobSpec spec, long nowMillis, long readyMillis) {
        return encode(spec, nowMillis, readyMillis, "", false);
    }

    /** The record of a new job with a place in a flow; one that is blocked will be ready at a time not known yet. */
    static byte[] encode(JobSpec spec, long nowMillis, long readyMillis, String flow, boolean blocked) {
        return encode(
                spec.type(),
                spec.options(),
                readyMillis,
                header -> {
                    writeFlow(header, flow);
                    if (readyMillis != nowMillis || blocked) {
                        appendTime(header.append("\tc"), nowMillis);
                    }
                    encoding(header, spec.encoding());
                },
                spec.payload(),
                0,
                spec.payload().length);
    }

    /** The record of a job that was made and tried elsewhere. */
    static byte[] encode(JobSpec spec, int attempts, long createdMillis, long readyMillis) {
        return encode(
                spec.type(),
                spec.options(),
                readyMillis,
                header -> {
                    if (attempts > 0) {
                        header.append("\ta").append(attempts);
                    }
                    appendTime(header.append("\tc"), createdMillis);
                },
                spec.payload(),
                0,
                spec.payload().length);
    }

    /** This job's record for its next run. */
    byte[] again(int attemptsNow, int snoozesNow, boolean extrasNow, long ready) {
        return changed(
                options, encoding, attemptsNow, snoozesNow, extrasNow, ready, record, payloadOffset, payloadLength());
    }

    /** This job's record with what an operator or a later producer changed; it keeps its age and attempts. */
    byte[] edited(JobOptions changed, @Nullable Sealed payload, long ready) {
        if (payload == null) {
            return changed(changed, encoding, attempts, snoozes, extras, ready, record, payloadOffset, payloadLength());
        }
        byte[] bytes = payload.bytes();
        return changed(changed, payload.encoding(), attempts, snoozes, extras, ready, bytes, 0, bytes.length);
    }

    /**
     * This job's record with what a later producer made of it, ready anew. Redis sets the time when it is ready by its own
     * clock, so the producer's is noted beside it: by that a call that comes twice is known from a new one.
     */
    byte[] debounced(JobOptions changed, Sealed payload, long ready) {
        byte[] record = edited(changed, payload, ready);
        int end = indexOf(record, '\n', TYPE_AT);
        StringBuilder mark = new StringBuilder("\td");
        appendTime(mark, ready);
        byte[] marked = new byte[record.length + mark.length()];
        System.arraycopy(record, 0, marked, 0, end);
        System.arraycopy(mark.toString().getBytes(UTF_8), 0, marked, end, mark.length());
        System.arraycopy(record, end, marked, end + mark.length(), record.length - end);
        return marked;
    }

    private byte[] changed(
            JobOptions o,
            String encodingNow,
            int attemptsNow,
            int snoozesNow,
            boolean extrasNow,
            long ready,
            byte[] body,
            int from,
            int size) {
        return encode(
                type,
                o,
                ready,
                header -> {
                    if (attemptsNow > 0) {
                        header.append("\ta").append(attemptsNow);
                    }
                    if (snoozesNow > 0) {
                        header.append("\tn").append(snoozesNow);
                    }
                    if (extrasNow) {
                        header.append("\ts");
                    }
                    writeFlow(header, flow);
                    if (createdMillis != ready) {
                        appendTime(header.append("\tc"), createdMillis);
                    }
                    encoding(header, encodingNow);
                },
                body,
                from,
                size);
    }

    private static byte[] encode(
            String type,
            JobOptions options,
            long ready,
            java.util.function.Consumer<StringBuilder> history,
            byte[] body,
            int from,
            int size) {
        StringBuilder header = new StringBuilder(64);
        header.append((char) ('0' + line(options)));
        appendTime(header, ready);
        header.append(type);
        write(header, options);
        history.accept(header);
        header.append('\n');
        byte[] head = header.toString().getBytes(UTF_8);
        byte[] all = new byte[head.length + size];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, from, all, head.length, size);
        return all;
    }

    private static void encoding(StringBuilder header, String encoding) {
        if (!encoding.isEmpty()) {
            header.append("\te").append(encoding);
        }
    }

    private static void writeFlow(StringBuilder header, String flow) {
        if (!flow.isEmpty()) {
            header.append("\tf").append(flow);
        }
    }

    private static void write(StringBuilder header, JobOptions o) {
        if (o.maxAttempts() != null) {
            header.append("\tm").append(o.maxAttempts());
        }
        Backoff b = o.backoff();
        if (b != null) {
            header.append("\tb")
                    .append(b.kind().wire())
                    .append(',')
                    .append(b.delay().toMillis())
                    .append(',');
            header.append(b.maxDelay().toMillis()).append(',').append(b.jitter());
        }
        if (o.timeout() != null) {
            header.append("\tt").append(o.timeout().toMillis());
        }
        Unique u = o.unique();
        if (u != null) {
            header.append("\tu")
                    .append(u.mode().wire())
                    .append(',')
                    .append(u.ttl().toMillis())
                    .append(',')
                    .append(u.key());
        }
        Once once = o.once();
        if (once != null) {
            header.append("\ti").append(once.keep().toMillis()).append(',').append(once.key());
        }
        if (o.group() != null) {
            header.append("\tg").append(o.group());
        }
        if (o.limit() != null) {
            header.append("\tl")
                    .append(o.limit().permits())
                    .append(',')
                    .append(o.limit().key());
        }
        if (o.memoryBytes() > 0) {
            header.append("\ty").append(o.memoryBytes());
        }
        Retention r = o.retention();
        if (r != null) {
            header.append("\tr")
                    .append(r.completed().toMillis())
                    .append(',')
                    .append(r.failed().toMillis());
        }
        if (!o.metadata().isEmpty()) {
            header.append("\tz").append(new String(Payload.encode(o.metadata()), UTF_8));
        }
    }

    private static Backoff readBackoff(String[] part) {
        return new Backoff(
                Backoff.Kind.of(part[0]),
                Duration.ofMillis(Long.parseLong(part[1])),
                Duration.ofMillis(Long.parseLong(part[2])),
                Double.parseDouble(part[3]));
    }

    private static Unique readUnique(String[] part) {
        return new Unique(part[2], Unique.Mode.of(part[0]), Duration.ofMillis(Long.parseLong(part[1])));
    }

    private static Retention readRetention(String[] part) {
        return new Retention(Duration.ofMillis(Long.parseLong(part[0])), Duration.ofMillis(Long.parseLong(part[1])));
    }

    @SuppressWarnings("unchecked") // we wrote it from such a map
    private static Map<String, String> readMetadata(String json) {
        return (Map<String, String>) Payload.decode(json.getBytes(UTF_8), Map.class);
    }

    static void appendTime(StringBuilder to, long millis) {
        for (int shift = 5 * (TIME_DIGITS - 1); shift >= 0; shift -= 5) {
            to.append(DIGITS[(int) (millis >>> shift) & 31]);
        }
    }

    static long readTime(byte[] from, int at) {
        long millis = 0;
        for (int i = at; i < at + TIME_DIGITS; i++) {
            millis = millis << 5 | Character.digit(from[i], 32);
        }
        return millis;
    }

    static int indexOf(byte[] in, char what, int from) {
        for (int i = from; i < in.length; i++) {
            if (in[i] == what) {
                return i;
            }
        }
        return -1;
    }
}
