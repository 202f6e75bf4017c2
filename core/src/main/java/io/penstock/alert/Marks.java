package io.penstock.alert;

import java.util.Map;

/**
 * What people said of alerts: that they act on one, or want to hear nothing of it for a while.
 *
 * @param acks by id of the alert, since when it fired and when that was said
 * @param silences by id of the alert, until when
 */
record Marks(Map<String, Ack> acks, Map<String, Long> silences) {
    static final Marks NONE = new Marks(Map.of(), Map.of());

    /** Of one firing: the next one has to be acknowledged anew. */
    record Ack(long firedMillis, long atMillis) {}

    /** A stamp may have moved a little when the clock of Redis did; no alert fires twice within this. */
    private static final long SAME_MILLIS = 5_000;

    boolean silenced(String alert, long now) {
        return silencedUntil(alert) > now;
    }

    long silencedUntil(String alert) {
        return silences.getOrDefault(alert, 0L);
    }

    /** Returns when this firing was acknowledged, 0 = it was not. */
    long acknowledged(String alert, long firedMillis) {
        Ack ack = acks.get(alert);
        return ack != null && Math.abs(ack.firedMillis - firedMillis) <= SAME_MILLIS ? ack.atMillis : 0;
    }
}
