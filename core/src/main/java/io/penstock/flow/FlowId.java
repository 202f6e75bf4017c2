package io.penstock.flow;

import io.penstock.job.Names;
import io.penstock.queue.FlowPlace;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Names one flow or batch for ever: the queue in whose keys it is kept and its key there, written {@code queue-key}.
 *
 * @param key {@code f} (flow) or {@code b} (batch) and twelve digits of base 32
 */
public record FlowId(String queue, String key) {
    private static final int DIGITS = 12;

    public FlowId {
        Names.check("queue", queue);
        if (!key.matches("[fb][0-9a-v]{" + DIGITS + "}")) {
            throw new IllegalArgumentException(
                    "\"" + (key.length() > 40 ? key.substring(0, 40) + "..." : key) + "\" is not f or b and " + DIGITS
                            + " digits of base 32; nothing was done; copy the id from an answer");
        }
    }

    /** By chance, of 60 bits: whoever makes one needs to ask nobody. */
    static FlowId random(String queue, char kind) {
        String digits = Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 32);
        return new FlowId(queue, kind + "0".repeat(DIGITS - digits.length()) + digits);
    }

    /** Returns the flow or batch that a job belongs to. */
    public static FlowId of(FlowPlace place) {
        return new FlowId(place.home(), place.flow());
    }

    /**
     * Reads an id as {@link #toString()} writes it.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static FlowId parse(String text) {
        int dash = text.lastIndexOf('-');
        if (dash < 1) {
            String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
            throw new IllegalArgumentException("\"" + shown.replaceAll("\\p{Cntrl}", "?")
                    + "\" is not an id of the form queue-key; nothing was done; copy the id from an answer");
        }
        return new FlowId(text.substring(0, dash), text.substring(dash + 1));
    }

    /** Tells whether this is a batch. */
    public boolean batch() {
        return key.charAt(0) == 'b';
    }

    @Override
    public String toString() {
        return queue + "-" + key;
    }
}
