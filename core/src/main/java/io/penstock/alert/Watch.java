package io.penstock.alert;

import io.penstock.alert.Stored.Phase;
import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One rule under the eye of one metric: calm, pending or firing, and what is still to be told.
 *
 * <p>All times are milliseconds that somebody else reads from a {@link Timeline}. Not thread-safe: the {@link Board}
 * guards it. About 800 bytes.
 */
final class Watch {
    private static final long HOUR = 3_600_000;

    /** After this long without data an alert that ignores that ends: whatever it was about is not there any more. */
    private static final long LONGEST_ABSENCE = HOUR;

    /** Ends that wait for Redis: five hours of outage at the usual most of four an hour. */
    private static final int MOST_ENDS = 20;

    final String id;
    final String rule;
    final String metric;
    /** Empty = of the whole Redis. */
    final String process;
    /** Whether only the holder of the lease may change it. */
    final boolean leased;

    private final @Nullable Rise rise;
    private final Deque<Long> fires = new ArrayDeque<>();
    private Phase phase = Phase.CALM;
    private long since;
    private long firedAt;
    private long resolvedAt;
    private long lookedAt;
    private long absentSince;
    private double value = Double.NaN;
    private double threshold = Double.NaN;
    private Severity severity = Severity.WARNING;
    private String reason = "";
    private boolean begun;
    private boolean owed;

    // for whoever keeps it in Redis
    private long changes;
    private long saved;
    private long savedAt;
    private boolean kept;
    private final Deque<Stored> ends = new ArrayDeque<>(); // that history does not know yet

    Watch(String id, AlertRule rule, String metric, String process) {
        this.id = id;
        this.rule = rule.id();
        this.metric = metric;
        this.process = process;
        this.leased = process.isEmpty();
        this.rise = rule.measure() == AlertRule.Measure.RISE ? new Rise() : null;
    }

    /**
     * Goes on where another process, or an earlier one, ended.
     *
     * @param leased whether it now belongs to the holder of the lease
     * @param lookedAt when somebody last looked at the metric
     */
    Watch(Stored known, boolean leased, boolean rising, long lookedAt) {
        this.id = known.id();
        this.rule = known.rule();
        this.metric = known.metric();
        this.process = known.process();
        this.leased = leased;
        this.rise = rising ? new Rise() : null;
        this.phase = known.phase();
        this.since = known.sinceMillis();
        this.firedAt = known.firedMillis();
        this.resolvedAt = known.resolvedMillis();
        this.lookedAt = lookedAt;
        this.value = known.value();
        this.threshold = known.threshold();
        this.severity = known.severity();
        this.reason = known.reason();
        this.begun = known.begun();
        this.owed = known.owed();
        this.fires.addAll(known.fires());
        this.kept = true;
        if (owed) {
            changes++; // whoever was to tell it did not, or could not say that it did
        }
    }

    /**
     * Looks once.
     *
     * @param law the rule as it is now
     * @param reading NaN = there is none
     * @param at now, in milliseconds
     * @param periodMillis how often it is looked at; time beyond three of them is time in which nobody looked
     */
    void step(AlertRule law, double reading, long at, long periodMillis) {
        long passed = lookedAt == 0 ? 0 : Math.max(0, at - lookedAt);
        lookedAt = at;
        severity = law.severity();
        threshold = law.threshold();
        boolean absent = Double.isNaN(reading);
        absentSince = !absent ? 0 : absentSince == 0 ? at : absentSince;
        double seen = absent || rise == null ? reading : rise.look(reading, at);
        boolean unknown = !absent && Double.isNaN(seen);
        value = seen;
        boolean ignored = absent && law.absent() == AlertRule.Absent.IGNORE;
        if (unknown || (ignored && at - absentSince < LONGEST_ABSENCE)) {
            if (phase == Phase.PENDING) {
                since += passed; // neither for nor against: the time does not count
            }
            return;
        }
        if (phase == Phase.PENDING && passed > 3 * periodMillis) {
            since += passed - periodMillis;
        }
        boolean wrong = absent
                ? law.absent() == AlertRule.Absent.FIRE
                : law.operator().holds(seen, phase == Phase.FIRING ? law.clear() : law.threshold());
        if (wrong) {
            worsen(law, at);
        } else {
            String why = ignored
                    ? "nothing was measured for an hour"
                    : absent ? "there is no value, which this rule takes for good" : Words.cleared(law, seen);
            improve(at, why);
        }
    }

    private void worsen(AlertRule law, long at) {
        if (phase == Phase.CALM) {
            phase = Phase.PENDING;
            since = at;
            changes++;
        }
        if (phase == Phase.PENDING && at >= firesAt(law)) {
            phase = Phase.FIRING;
            firedAt = at;
            forgetFires(at);
            fires.add(at);
            reason = Words.fired(law, metric, value);
            // an end that was never told: for those who are told, it goes on
            owed = false;
            changes++;
        }
    }

    /** Ends it, whatever is measured. */
    void improve(long at, String why) {
        if (phase == Phase.FIRING) {
            resolvedAt = at;
            reason = Words.cut(why);
            owed = begun;
            phase = Phase.CALM;
            if (ends.size() == MOST_ENDS) {
                ends.removeFirst();
            }
            ends.addLast(stored().past());
            changes++;
        } else if (phase == Phase.PENDING) {
            phase = Phase.CALM;
            changes++;
        }
    }

    /** Decides whether its beginning is to be told; its end was decided when it ended. */
    void settle(boolean silenced) {
        if (phase == Phase.FIRING && !begun && owed == silenced) {
            owed = !silenced;
            changes++;
        }
    }

    /** Returns when it fires if it stays as it is; only of one that is pending. */
    long firesAt(AlertRule law) {
        long at = since + law.hold().toMillis();
        if (resolvedAt != 0) {
            at = Math.max(at, resolvedAt + law.cooldown().toMillis());
        }
        int over = fires.size() - law.mostPerHour();
        if (over >= 0) {
            at = Math.max(at, new ArrayList<>(fires).get(over) + HOUR);
        }
        return at;
    }

    private void forgetFires(long at) {
        while (!fires.isEmpty() && (fires.getFirst() <= at - HOUR || fires.size() > AlertRule.MOST_AN_HOUR)) {
            fires.removeFirst();
        }
    }

    /** Why a pending one does not fire yet. */
    String waitsFor(AlertRule law, long at) {
        if (since + law.hold().toMillis() > at) {
            return "it was so for " + Words.span(at - since) + " of " + Words.span(law.hold());
        }
        if (resolvedAt != 0 && resolvedAt + law.cooldown().toMillis() > at) {
            return "it ended " + Words.span(at - resolvedAt) + " ago and its cooldown is " + Words.span(law.cooldown());
        }
        return fires.size() >= law.mostPerHour()
                ? "it fired " + fires.size() + " times in the last hour, the most is " + law.mostPerHour()
                : "the next look decides";
    }

    Notice notice(@Nullable AlertRule known) {
        boolean firing = phase == Phase.FIRING;
        String whose = process.isEmpty() ? "" : " (process " + process + ")";
        return new Notice(
                id,
                rule,
                metric,
                severity,
                firing ? "firing" : "resolved",
                value,
                threshold,
                firing
                        ? reason + whose
                        : metric + " is over after " + Words.span(resolvedAt - firedAt) + ": " + reason + whose,
                Instant.ofEpochMilli(firedAt),
                known == null ? Map.of() : known.tags());
    }

    /** Notes that whoever should know was told of the last change. */
    void told() {
        owed = false;
        begun = phase == Phase.FIRING;
        changes++;
    }

    /** Whether its past still matters: it may not fire again yet, or not often. */
    boolean resting(Duration cooldown, long at) {
        forgetFires(at);
        return !fires.isEmpty() || owed || begun || (resolvedAt != 0 && at - resolvedAt < cooldown.toMillis());
    }

    Stored stored() {
        return new Stored(
                id,
                rule,
                metric,
                process,
                phase,
                since,
                firedAt,
                resolvedAt,
                begun,
                owed,
                value,
                threshold,
                severity,
                reason,
                new ArrayList<>(fires));
    }

    /** Moves all it remembers, because the time itself was moved. */
    void shift(long by) {
        since = moved(since, by);
        firedAt = moved(firedAt, by);
        resolvedAt = moved(resolvedAt, by);
        lookedAt = moved(lookedAt, by);
        absentSince = moved(absentSince, by);
        savedAt = moved(savedAt, by);
        for (int i = fires.size(); i > 0; i--) {
            fires.addLast(fires.removeFirst() + by);
        }
    }

    private static long moved(long at, long by) {
        return at == 0 ? 0 : at + by;
    }

    Phase phase() {
        return phase;
    }

    double value() {
        return value;
    }

    long since() {
        return since;
    }

    long firedAt() {
        return firedAt;
    }

    long resolvedAt() {
        return resolvedAt;
    }

    long lookedAt() {
        return lookedAt;
    }

    boolean owed() {
        return owed;
    }

    /** Whether it looks at the rise, as this rule wants it. */
    boolean fits(AlertRule law) {
        return (rise != null) == (law.measure() == AlertRule.Measure.RISE);
    }

    long changes() {
        return changes;
    }

    boolean unsaved() {
        return changes != saved;
    }

    /** Whether Redis has it. */
    boolean kept() {
        return kept;
    }

    void saved(long what, boolean nowKept, long at) {
        saved = what;
        kept = nowKept;
        savedAt = at;
    }

    /** Has it written again although nothing changed. */
    void refresh() {
        changes++;
    }

    long savedAt() {
        return savedAt;
    }

    /** Returns the first end that history does not know yet. */
    @Nullable
    Stored ended() {
        return ends.peekFirst();
    }

    void endSaved(Stored known) {
        ends.removeFirstOccurrence(known);
    }
}
