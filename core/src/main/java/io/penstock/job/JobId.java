package io.penstock.job;

import java.util.Objects;

/**
 * Names one job for ever: the queue it lives in and its serial in that queue, written {@code queue-serial}.
 *
 * <p>A serial is digits of base 32 (0-9 a-v). Producers reserve serials in blocks of {@value #BLOCK}, and the serial
 * without its last two digits names the block, which is also the Redis hash that holds the record. Serials of one
 * producer grow; nothing else may be read from them, least of all time.
 */
public record JobId(String queue, String serial) {
    /**
     * Jobs in a block, and so in one record hash: small enough that a rehash is never felt, large enough to be cheap, and
     * a little less than 1,024, so that with its pad field the hash does not double its table for one entry.
     */
    public static final int BLOCK = 1_000;

    private static final int RADIX = 32;

    public JobId {
        Names.check("queue", queue);
        if (serial.length() < 3 || serial.length() > 13 || !isBase32(serial)) {
            throw new IllegalArgumentException("job serial \"" + serial + "\" of queue \"" + queue
                    + "\" is not 3 to 13 digits of base 32 (0-9 a-v); nothing was done; copy the id from an answer");
        }
    }

    /** Makes the serial for the n-th place of a block. */
    public static String serial(String block, int place) {
        return block + Character.forDigit(place >>> 5, RADIX) + Character.forDigit(place & 31, RADIX);
    }

    /** Returns the name of the block with this number. */
    public static String block(long number) {
        return Long.toString(number, RADIX);
    }

    /** Returns the name of the block that a serial belongs to. */
    public static String blockOf(String serial) {
        return serial.substring(0, serial.length() - 2);
    }

    /** Returns the name of this job's block. */
    public String block() {
        return blockOf(serial);
    }

    /**
     * Reads an id as {@link #toString()} writes it.
     *
     * @throws IllegalArgumentException if the text is no job id
     */
    public static JobId parse(String text) {
        Objects.requireNonNull(text, "id");
        int dash = text.lastIndexOf('-');
        if (dash < 1) {
            String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
            throw new IllegalArgumentException("\"" + shown.replaceAll("\\p{Cntrl}", "?")
                    + "\" is not a job id of the form queue-serial; nothing was done; copy the id from an answer");
        }
        return new JobId(text.substring(0, dash), text.substring(dash + 1));
    }

    private static boolean isBase32(String digits) {
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'v')) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return queue + "-" + serial;
    }
}
