package io.penstock.alert;

import io.penstock.job.Names;
import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import io.penstock.redis.Redis;
import io.penstock.runtime.Service;
import io.penstock.runtime.Timer;
import io.penstock.series.Readings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What looks at the rules now and then, and tells what begins and what ends.
 *
 * <p>What is of a process (memory, pool, its way to Redis) each process looks at, also while Redis is away. What is of
 * the whole Redis, such as a queue, is looked at by the one that holds a lease of three fifths of a period, renewed
 * every fifth: so another goes on within a period after it dies, knowing all it knew. What is of all is written to
 * Redis under the lease before it is told, so two that both think that they hold it tell it once; only a process that
 * dies between telling and noting that it did, within milliseconds, lets it be told twice.
 *
 * <p>Threads: safe; it has none of its own. Methods that return a value wait for Redis, at most as {@link Redis#await}.
 * Cost: one call to Redis each fifth of a period, and one more when something changes. Bounds: {@link Board},
 * {@link AlertStore}.
 */
public final class Alerts extends Service {
    /** How often rules are looked at: alerts are for people, who need minutes. */
    public static final Duration PERIOD = Duration.ofSeconds(10);

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** How long an alert can be silenced, or stays acknowledged. */
    static final Duration LONGEST_SILENCE = Duration.ofDays(31);

    private static final int MOST_LINES = 100;

    private static final List<Severity> WORST_FIRST =
            List.of(Severity.CRITICAL, Severity.ERROR, Severity.WARNING, Severity.INFO);

    private final Redis redis;
    private final Timer timer;
    private final Patrol patrol;
    private final Board board;
    private final AlertStore store;

    /**
     * Looks every {@link #PERIOD}.
     *
     * @param readings of this process; one that measures nothing of queues or Redis leaves those to others
     * @param processName a name as of a queue; alerts of its own metrics carry it, so no two processes may share it
     * @param tell is called from the timer and from the connection, so it must not wait
     */
    public Alerts(Redis redis, Timer timer, Readings readings, String processName, Consumer<Notice> tell) {
        this(redis, timer, readings, processName, tell, PERIOD);
    }

    /** Looks this often: 100 ms to 10 minutes, the same in all processes. */
    public Alerts(
            Redis redis, Timer timer, Readings readings, String processName, Consumer<Notice> tell, Duration period) {
        if (period.compareTo(SHORTEST) < 0 || period.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("period of alerts is " + period + ", legal is " + SHORTEST + " to "
                    + LONGEST + "; nothing was started; correct it");
        }
        this.redis = redis;
        this.timer = timer;
        Names.check("process", processName);
        this.patrol =
                new Patrol(redis, timer.clock(), new Readout(readings, redis::connected), processName, tell, period);
        this.board = patrol.board;
        this.store = patrol.store;
    }

    @Override
    protected void onStart() {
        patrol.start(timer);
    }

    @Override
    protected void onStop() {
        patrol.close();
    }

    /** Returns those channels that a rule names; empty = all, also when there is no such rule. */
    public List<String> channels(String rule) {
        AlertRule known = board.rules().get(rule);
        return known == null ? List.of() : known.channels();
    }

    /** Returns alerts that are not over, the worst first. */
    public AlertPage active(Predicate<Alert> wanted, @Nullable String cursor, int limit) {
        boolean complete = redis.connected();
        AlertView view = view();
        List<Alert> fit = standing(complete).values().stream()
                .filter(one -> one.phase() != Stored.Phase.CALM)
                .map(view::of)
                .filter(wanted.and(alert -> cursor == null || place(alert).compareTo(cursor) > 0))
                .sorted(Comparator.comparing(Alerts::place))
                .toList();
        List<Alert> page = fit.stream().limit(limit).toList();
        boolean more = page.size() < fit.size();
        return new AlertPage(page, more ? place(page.get(page.size() - 1)) : null, complete);
    }

    private static String place(Alert alert) {
        return WORST_FIRST.indexOf(alert.severity()) + ":" + alert.id();
    }

    /**
     * Returns alerts that are over, the last first; at most {@value AlertStore#MOST_PAST} are remembered.
     *
     * @throws IllegalArgumentException if the cursor is none
     */
    public AlertPage past(Predicate<Alert> wanted, @Nullable String cursor, int limit) {
        if (cursor != null && !cursor.matches("\\d{1,16}:\\d{1,4}")) {
            throw new IllegalArgumentException(
                    "cursor is not one that this list gave; nothing was read; begin without one");
        }
        long from = cursor == null ? Long.MAX_VALUE : Long.parseLong(cursor.substring(0, cursor.indexOf(':')));
        int skip = cursor == null ? 0 : Integer.parseInt(cursor.substring(cursor.indexOf(':') + 1));
        AlertView view = view();
        List<Alert> page = new ArrayList<>();
        List<Stored> all = redis.await(store.past(from, skip, AlertStore.MOST_PAST));
        for (Stored one : all) {
            skip = one.resolvedMillis() == from ? skip + 1 : 1;
            from = one.resolvedMillis();
            Alert alert = view.of(one);
            if (wanted.test(alert)) {
                page.add(alert);
            }
            if (page.size() == limit) {
                return new AlertPage(page, one.equals(all.get(all.size() - 1)) ? null : from + ":" + skip, true);
            }
        }
        return new AlertPage(page, null, true);
    }

    private Map<String, Stored> standing(boolean ask) {
        Map<String, Stored> all = new HashMap<>();
        if (ask) {
            redis.await(store.alerts()).forEach(one -> all.put(one.id(), one));
        }
        all.putAll(board.standing());
        return all;
    }

    private AlertView view() {
        return new AlertView(board.rules(), board.marks(), patrol.timeline.now());
    }

    /** Returns an alert that is there, or was a while ago. */
    public Optional<Alert> alert(String id) {
        return Optional.ofNullable(standing(redis.connected()).get(id))
                .filter(one -> one.phase() != Stored.Phase.CALM || one.resolvedMillis() != 0)
                .map(view()::of);
    }

    /**
     * Says that somebody acts; it holds until the alert is over.
     *
     * @return the alert as it is now; empty = there is none
     * @throws IllegalStateException if it is not firing
     */
    public Optional<Alert> acknowledge(String id) {
        Stored one = standing(true).get(id);
        if (one == null || (one.phase() == Stored.Phase.CALM && one.resolvedMillis() == 0)) {
            return Optional.empty();
        }
        if (one.phase() != Stored.Phase.FIRING) {
            throw new IllegalStateException(
                    "alert " + id + " is " + view().of(one).state().wire()
                            + ", and only one that fires can be acknowledged; nothing was changed; silence it instead");
        }
        long now = patrol.timeline.now();
        mark("a:" + id, one.firedMillis() + " " + now, now + LONGEST_SILENCE.toMillis());
        return Optional.of(view().of(one));
    }

    /**
     * Keeps an alert quiet: what begins until then is not told, and if it still fires then, it is. Its end is told if
     * its beginning was.
     *
     * @param until at most 31 days from now; now or before = ends the silence
     * @return the alert as it is now; empty = there is none
     * @throws IllegalArgumentException if it is further away
     */
    public Optional<Alert> silence(String id, Instant until) {
        long now = patrol.timeline.now();
        long longest = now + LONGEST_SILENCE.toMillis();
        if (until.toEpochMilli() > longest) {
            throw new IllegalArgumentException("silence of alert " + id + " until " + until
                    + " is too long, legal is to " + Instant.ofEpochMilli(longest)
                    + ", 31 days; nothing was changed; disable the rule instead");
        }
        Optional<Alert> known = alert(id);
        if (known.isPresent()) {
            long millis = until.toEpochMilli() <= now ? 0 : until.toEpochMilli();
            mark("s:" + id, Long.toString(millis), millis);
        }
        return known.isEmpty() ? known : alert(id);
    }

    private void mark(String field, String text, long expires) {
        if (redis.await(store.mark(field, text, expires)) == AlertStore.Written.TOO_MANY) {
            throw new IllegalStateException("alert was not marked: there are " + AlertStore.MOST_MARKS
                    + " acknowledgements and silences, the most; nothing was changed; disable rules instead");
        }
        board.marks(redis.await(store.marks()));
        patrol.lookSoon();
    }

    /** Returns all rules by id. */
    public List<AlertRule> rules() {
        return List.copyOf(new TreeMap<>(read(redis.connected())).values());
    }

    /** Returns a rule. */
    public Optional<AlertRule> rule(String id) {
        return Optional.ofNullable(read(redis.connected()).get(id));
    }

    private Map<String, AlertRule> read(boolean ask) {
        if (ask) {
            board.rules(AlertStore.merged(redis.await(store.rules())));
        }
        return board.rules();
    }

    /** Returns where a rule is from. */
    public RuleStatus.Origin origin(AlertRule rule) {
        AlertRule brought = brought(rule.id());
        return brought == null
                ? RuleStatus.Origin.OWN
                : brought.equals(rule) ? RuleStatus.Origin.STANDARD : RuleStatus.Origin.CHANGED;
    }

    private static @Nullable AlertRule brought(String id) {
        return DefaultRules.BY_ID.get(id);
    }

    /**
     * Makes or changes a rule if it still is what the caller saw; all processes have it within a fifth of a period.
     *
     * @param seen null = there was none
     * @return whether it was done
     * @throws IllegalStateException if there are 200 rules
     */
    public boolean put(@Nullable AlertRule seen, AlertRule wished) {
        String text = wished.equals(brought(wished.id())) ? null : RuleText.write(wished);
        return write(wished.id(), seen, text);
    }

    /**
     * Deletes a rule, or makes one that Penstock brought what it was, if it still is what the caller saw.
     *
     * @throws IllegalStateException if Penstock brought it and nobody changed it
     */
    public boolean delete(AlertRule seen) {
        if (seen.equals(brought(seen.id()))) {
            throw new IllegalStateException("alert rule " + seen.id()
                    + " is a standard one and as it was brought; nothing was changed; set enabled to false instead");
        }
        return write(seen.id(), seen, null);
    }

    private boolean write(String id, @Nullable AlertRule seen, @Nullable String text) {
        Map<String, String> raw = redis.await(store.rules());
        if (!Objects.equals(AlertStore.merged(raw).get(id), seen)) {
            return false;
        }
        AlertStore.Written written = redis.await(store.rule(id, raw.get(id), text));
        if (written == AlertStore.Written.TOO_MANY) {
            throw new IllegalStateException("alert rule " + id + " was not made: there are " + AlertStore.MOST_RULES
                    + ", the most; nothing was changed; delete one");
        }
        read(true);
        patrol.lookSoon();
        return written == AlertStore.Written.DONE;
    }

    /** Says of each metric under a rule how it stands and why; empty = there is no such rule. */
    public Optional<RuleStatus> status(String id) {
        boolean ask = redis.connected();
        AlertRule rule = read(ask).get(id);
        if (rule == null) {
            return Optional.empty();
        }
        AlertView view = view();
        Map<String, Stored> all = new TreeMap<>();
        standing(ask).values().stream().filter(one -> one.rule().equals(id)).forEach(one -> all.put(one.id(), one));
        List<RuleStatus.Line> lines = new ArrayList<>();
        for (String metric : board.metrics(rule)) {
            String whose = AlertRule.shared(metric) ? "" : board.process;
            Stored one = all.remove(Board.id(id, metric, whose));
            lines.add(view.line(rule, metric, whose, board.value(rule, metric), one));
        }
        // of other processes, and of queues that this one does not read
        all.values().stream()
                .filter(one -> one.phase() != Stored.Phase.CALM)
                .forEach(one -> lines.add(view.line(rule, one.metric(), one.process(), one.value(), one)));
        lines.sort(Comparator.comparing((RuleStatus.Line line) -> line.state() == null)
                .thenComparing(RuleStatus.Line::metric));
        return Optional.of(new RuleStatus(
                rule,
                origin(rule),
                ask ? patrol.leadership.holder() : null,
                patrol.lookedAt(),
                lines.stream().limit(MOST_LINES).toList(),
                Math.max(0, lines.size() - MOST_LINES)));
    }

    /** Returns the process whose alerts these are. */
    public String process() {
        return board.process;
    }
}
