package io.penstock.notice;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What became of one message to one channel.
 *
 * @param id names it in this process; later ones are greater in length or order
 * @param kind of the channel
 * @param attempts how often it was sent
 * @param error why it was not taken, without secrets; empty = it was
 * @param at when it was last sent
 * @param tookMillis how long that took
 */
public record Delivery(
        String id,
        String channel,
        String kind,
        List<Told> notices,
        int attempts,
        Outcome outcome,
        String error,
        Instant at,
        long tookMillis) {
    /** How it ended, or that it did not yet. */
    public enum Outcome {
        DELIVERED,
        RETRYING,
        FAILED;

        /** Returns its name on the wire. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One notice of it, as short as it can be and still be known again. */
    public record Told(String alert, String rule, String state, Severity severity) {
        private static final int MOST_CHARACTERS = 128;

        static Told of(Notice notice) {
            return new Told(cut(notice.alert()), cut(notice.rule()), cut(notice.state()), notice.severity());
        }

        private static String cut(String text) {
            return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS);
        }
    }

    /** Copies the notices. */
    public Delivery {
        notices = List.copyOf(notices);
    }

    /** Returns about how many bytes of heap it takes: two a character and what objects cost. */
    int bytes() {
        int bytes = 200 + 2 * error.length();
        for (Told told : notices) {
            bytes += 100
                    + 2
                            * (told.alert().length()
                                    + told.rule().length()
                                    + told.state().length());
        }
        return bytes;
    }
}
