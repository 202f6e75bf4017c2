package io.penstock.alert;

import io.penstock.alert.Stored.Phase;
import io.penstock.notice.Notice;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All rules and what each metric makes of them, in the memory of one process.
 *
 * <p>It knows neither Redis nor time: others bring both. Threads: safe; nothing is called while it is locked but the
 * readings. Bound: {@value #MOST_WATCHES} watches, {@value #MOST_ALERTS} alerts.
 */
final class Board {
    /** Rules times metrics; at 800 bytes 4 MB. */
    static final int MOST_WATCHES = 5_000;

    /** Alerts of one process at once; nobody reads more, and each is a line in Redis. */
    static final int MOST_ALERTS = 1_000;

    /** Changes of one call to Redis: 160 KB at most. */
    private static final int MOST_CHANGES = 100;

    /** How old the value of an alert may be in Redis, for processes that show the alerts of others. */
    private static final long REFRESH_MILLIS = 60_000;

    final String process;
    private final Readout readout;
    private final Map<String, Map<String, Watch>> watches = new TreeMap<>(); // by rule, by metric; guarded by this
    private final Map<String, Watch> orphans = new HashMap<>(); // by id: alerts of processes that are gone
    private Map<String, AlertRule> rules = DefaultRules.BY_ID;
    private Marks marks = Marks.NONE;
    private int count; // of watches
    private int unwatched; // that the last look had no room for

    /**
     * One thing to be written.
     *
     * @param changes of the watch when this was made
     * @param text what is kept; null = nothing any more
     * @param past what history is to know
     */
    record Change(
            Watch watch,
            long changes,
            @Nullable String text,
            @Nullable Stored past) {}

    Board(String process, Readout readout) {
        this.process = process;
        this.readout = readout;
    }

    synchronized void rules(Map<String, AlertRule> all) {
        rules = Map.copyOf(all);
    }

    synchronized Map<String, AlertRule> rules() {
        return rules;
    }

    synchronized void marks(Marks all) {
        marks = all;
    }

    synchronized Marks marks() {
        return marks;
    }

    /** Returns how many metrics the last look had no room for. */
    synchronized int unwatched() {
        return unwatched;
    }

    /**
     * Looks at every rule once.
     *
     * @param leads whether this process speaks for metrics of the whole Redis
     */
    synchronized void evaluate(long now, long periodMillis, boolean leads) {
        Set<String> names = readout.metrics();
        unwatched = 0;
        for (AlertRule rule : rules.values()) {
            if (rule.enabled()) {
                watch(rule, names, leads);
            }
        }
        int[] alerts = {0};
        each(watch -> alerts[0] += watch.phase() == Phase.CALM ? 0 : 1);
        for (Map.Entry<String, Map<String, Watch>> some : watches.entrySet()) {
            AlertRule rule = rules.get(some.getKey());
            for (Watch watch : some.getValue().values()) {
                boolean calm = watch.phase() == Phase.CALM;
                if ((watch.leased && !leads) || (calm && alerts[0] >= MOST_ALERTS)) {
                    continue;
                }
                look(watch, rule, now, periodMillis);
                alerts[0] += (watch.phase() == Phase.CALM ? 0 : 1) - (calm ? 0 : 1);
            }
            int before = some.getValue().size();
            some.getValue().values().removeIf(watch -> over(watch, rule, names, now));
            count -= before - some.getValue().size();
        }
        watches.values().removeIf(Map::isEmpty);
    }

    private void watch(AlertRule rule, Set<String> names, boolean leads) {
        if (rule.exact()) {
            watch(rule, rule.metric(), leads);
            return;
        }
        for (String name : names) {
            if (rule.matches(name)) {
                watch(rule, name, leads);
            }
        }
    }

    private void watch(AlertRule rule, String metric, boolean leads) {
        boolean shared = AlertRule.shared(metric);
        if (shared && !leads) {
            return;
        }
        Map<String, Watch> some = watches.computeIfAbsent(rule.id(), id -> new TreeMap<>());
        Watch known = some.get(metric);
        if (known == null) {
            if (count >= MOST_WATCHES) {
                unwatched++;
                return;
            }
            String whose = shared ? "" : process;
            some.put(metric, new Watch(id(rule.id(), metric, whose), rule, metric, whose));
            count++;
        } else if (!known.fits(rule)) {
            boolean rising = rule.measure() == AlertRule.Measure.RISE;
            some.put(metric, new Watch(known.stored(), shared, rising, known.lookedAt()));
        }
    }

    private void look(Watch watch, @Nullable AlertRule rule, long now, long periodMillis) {
        if (rule == null) {
            watch.improve(now, "the rule was deleted");
        } else if (!rule.enabled()) {
            watch.improve(now, "the rule was disabled");
        } else if (!rule.matches(watch.metric)) {
            watch.improve(now, "the rule is about another metric now");
        } else {
            watch.step(rule, readout.latest(watch.metric), now, periodMillis);
        }
        watch.settle(marks.silenced(watch.id, now));
        boolean stale = watch.phase() == Phase.FIRING && now - watch.savedAt() >= REFRESH_MILLIS;
        if (stale || (watch.kept() && !worthKeeping(watch, now))) {
            watch.refresh();
        }
    }

    private boolean worthKeeping(Watch watch, long now) {
        AlertRule rule = rules.get(watch.rule);
        Duration cooldown = rule == null ? Duration.ZERO : rule.cooldown();
        return watch.phase() != Phase.CALM || (!orphans.containsKey(watch.id) && watch.resting(cooldown, now));
    }

    /** Whether nothing is lost with it. */
    private boolean over(Watch watch, @Nullable AlertRule rule, Set<String> names, long now) {
        boolean wanted = rule != null
                && rule.enabled()
                && rule.matches(watch.metric)
                && (rule.exact() || names.contains(watch.metric));
        return !wanted && watch.phase() == Phase.CALM && !watch.kept() && !worthKeeping(watch, now) && done(watch);
    }

    private static boolean done(Watch watch) {
        return !watch.owed() && watch.ended() == null;
    }

    /** Returns what is to be told at once: that of this process alone. That of all is told once Redis knows of it. */
    synchronized List<Notice> news() {
        List<Notice> news = new ArrayList<>();
        each(watch -> {
            if (!watch.leased && watch.owed()) {
                news.add(watch.notice(rules.get(watch.rule)));
                watch.told();
            }
        });
        return news;
    }

    /** Returns what Redis does not know yet, at most as much as one call may carry. */
    synchronized List<Change> changes(long now, boolean leads) {
        List<Change> changes = new ArrayList<>();
        each(watch -> {
            if ((watch.unsaved() || watch.ended() != null)
                    && changes.size() < MOST_CHANGES
                    && (leads || !watch.leased)) {
                boolean keep = worthKeeping(watch, now) || watch.owed();
                if (keep || watch.kept() || watch.ended() != null) {
                    String text = keep ? watch.stored().write() : null;
                    changes.add(new Change(watch, watch.changes(), text, watch.ended()));
                } else {
                    watch.saved(watch.changes(), false, now);
                }
            }
        });
        return changes;
    }

    /**
     * Notes what Redis knows now, and returns what is therefore to be told.
     *
     * @param leads whether what is of all was written
     */
    synchronized List<Notice> saved(List<Change> written, boolean leads, long now) {
        List<Notice> news = new ArrayList<>();
        for (Change change : written) {
            Watch watch = change.watch;
            if (watch.leased && !(leads && known(watch))) {
                continue; // what was committed is told by whoever speaks for all now
            }
            watch.saved(change.changes, change.text != null, now);
            if (change.past != null) {
                watch.endSaved(change.past);
            }
            if (watch.leased && watch.owed() && watch.changes() == change.changes) {
                news.add(watch.notice(rules.get(watch.rule)));
                watch.told();
            }
            if (orphans.containsKey(watch.id) && !watch.unsaved() && !watch.kept() && done(watch)) {
                orphans.remove(watch.id);
            }
        }
        return news;
    }

    private boolean known(Watch watch) {
        return orphans.get(watch.id) == watch
                || watches.getOrDefault(watch.rule, Map.of()).get(watch.metric) == watch;
    }

    /**
     * Goes on with alerts that were left.
     *
     * @param whose empty = of the whole Redis, else the process's own
     * @param lookedAt when somebody last looked
     */
    synchronized void restore(List<Stored> all, String whose, long lookedAt) {
        for (Stored one : all) {
            if (!one.process().equals(whose) || count >= MOST_WATCHES) {
                continue;
            }
            AlertRule rule = rules.get(one.rule());
            boolean rising = rule != null && rule.measure() == AlertRule.Measure.RISE;
            Watch watch = new Watch(one, whose.isEmpty(), rising, lookedAt);
            Map<String, Watch> some = watches.computeIfAbsent(one.rule(), id -> new TreeMap<>());
            if (some.putIfAbsent(one.metric(), watch) == null) {
                count++;
            }
        }
    }

    /** Ends what processes have left that are not there any more; for the holder of the lease. */
    synchronized void bury(List<Stored> all, Set<String> alive, long now) {
        for (Stored one : all) {
            boolean theirs = !one.process().isEmpty() && !one.process().equals(process);
            if (theirs && !alive.contains(one.process()) && orphans.size() < MOST_ALERTS) {
                orphans.computeIfAbsent(one.id(), id -> {
                    Watch orphan = new Watch(one, true, false, now);
                    orphan.improve(now, "process " + one.process() + " is gone");
                    orphan.refresh();
                    return orphan;
                });
            }
        }
    }

    /** Stops speaking for all: somebody else does. */
    synchronized void forgetShared() {
        watches.values().forEach(some -> {
            int before = some.size();
            some.values().removeIf(watch -> watch.leased);
            count -= before - some.size();
        });
        orphans.clear();
    }

    /** Writes all of its own again: while it was away, somebody may have thought that it was gone. */
    synchronized void rewrite() {
        each(watch -> {
            if (watch.phase() != Phase.CALM) {
                watch.refresh();
            }
        });
    }

    synchronized void shift(long by) {
        each(watch -> watch.shift(by));
    }

    /** Returns all that this process itself keeps an eye on, as it stands. */
    synchronized Map<String, Stored> standing() {
        Map<String, Stored> all = new HashMap<>();
        watches.values().forEach(some -> some.values().forEach(watch -> all.put(watch.id, watch.stored())));
        return all;
    }

    /** Returns the metrics that the rule is about and this process reads. */
    synchronized List<String> metrics(AlertRule rule) {
        return rule.exact()
                ? List.of(rule.metric())
                : readout.metrics().stream().filter(rule::matches).sorted().toList();
    }

    /** Returns the value of a metric as the rule sees it. */
    synchronized double value(AlertRule rule, String metric) {
        Watch watch = watches.getOrDefault(rule.id(), Map.of()).get(metric);
        boolean rising = rule.measure() == AlertRule.Measure.RISE;
        return rising ? (watch == null ? Double.NaN : watch.value()) : readout.latest(metric);
    }

    private void each(Consumer<Watch> todo) {
        watches.values().forEach(some -> some.values().forEach(todo));
        orphans.values().forEach(todo);
    }

    /** The id of an alert: its rule, for people, and ten digits of a digest that tell its metrics and processes apart. */
    static String id(String rule, String metric, String process) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((rule + '\n' + metric + '\n' + process).getBytes(StandardCharsets.UTF_8));
            return rule + "-" + HexFormat.of().formatHex(digest, 0, 5);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("this JVM has no SHA-256, which every JVM must have", impossible);
        }
    }
}
