package io.penstock.outbox;

import io.penstock.job.Enqueued;
import io.penstock.job.JobSpec;
import io.penstock.queue.Handover;
import io.penstock.queue.Handover.Answer;
import io.penstock.queue.Parcel;
import io.penstock.queue.Queue;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Clock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Moves rows to Redis: claims a batch of each queue, adds the batches under their tickets, deletes rows and claims.
 *
 * <p>Three steps, the first and the last a transaction, and whatever dies between them leaves a claim with a ticket, of which
 * {@link Handover#settle} says what became. So each job is added once although nobody holds a lock while Redis is waited
 * for. A queue has one claim at a time, whichever process has it, so its rows go in the order of their ids.
 *
 * <p>Threads: one round at a time. Bound: {@value #MOST_QUEUES} queues a round, 500 rows and 256 KiB each;
 * {@value #MOST_KNOWN} queues remembered.
 */
final class Relay {
    /** Attempts at a row that cannot become a job; with the waits between them, half an hour for somebody to mend it. */
    static final int MOST_ATTEMPTS = 10;

    /** What others wait before they settle a claim: above what a round takes when Redis and the database are slow. */
    static final Duration CLAIM = Duration.ofSeconds(30);

    private static final int MOST_QUEUES = 32;

    /** Queues looked at for those: each is a step in an index and a round trip. */
    private static final int MOST_LOOKS = 128;

    private static final int MOST_KNOWN = 1_000;
    private static final int BATCH = 500;
    private static final Duration FIRST_WAIT = Duration.ofMillis(250);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Duration ROW_WAIT = Duration.ofSeconds(2);

    private final DataSource source;
    private final QueueAccess access;
    private final Rows rows;
    private final Clock clock;
    private final BooleanSupplier goesOn;
    private final Duration claimFor;
    private final Map<String, Line> lines = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, String> open =
            new HashMap<>(); // own tickets of which the end is not known, and their queues
    private @Nullable Connection held; // of the round that is under way
    private String cursor = ""; // the queue that was looked at last
    final AtomicLong relayed = new AtomicLong();
    final AtomicLong duplicates = new AtomicLong();
    final AtomicLong refusals = new AtomicLong();
    final AtomicLong recovered = new AtomicLong();

    /** What this relay knows of a queue. */
    private static final class Line {
        final Queue queue;
        final Handover handover;
        int most = BATCH;
        int refusedInARow;
        long notBeforeNanos;

        Line(Queue queue, long nowNanos) {
            this.notBeforeNanos = nowNanos;
            this.queue = queue;
            this.handover = new Handover(queue);
        }
    }

    /**
     * One that does nothing before it is run.
     *
     * @param claimFor what others wait before they settle a claim
     * @param goesOn whether a further round may begin
     */
    Relay(DataSource source, QueueAccess access, Rows rows, Duration claimFor, BooleanSupplier goesOn) {
        this.claimFor = claimFor;
        this.source = source;
        this.access = access;
        this.rows = rows;
        this.clock = access.timer().clock();
        this.goesOn = goesOn;
    }

    /** Goes on until nothing is left that can be moved now; answers when the next look is due, at the latest. */
    Duration run(Duration idle) throws SQLException {
        try (Connection connection = source.getConnection()) {
            // each statement must see what others committed while it waited for a claim
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(false);
            held = connection;
            settleOthers();
            while (goesOn.getAsBoolean()) {
                List<Claim> claims = claim();
                if (claims.isEmpty()) {
                    break;
                }
                move(claims);
            }
            connection.setAutoCommit(true); // as pools want it back; those that do not look reset it when it is broken
        } finally {
            held = null;
        }
        return next(idle);
    }

    private Duration next(Duration idle) {
        long now = clock.nanos();
        long wait = lines.values().stream()
                .mapToLong(line -> line.notBeforeNanos - now)
                .filter(nanos -> nanos > 0)
                .min()
                .orElse(idle.toNanos());
        return Duration.ofNanos(Math.min(wait, idle.toNanos()));
    }

    private Line line(String name) {
        Line known = lines.get(name);
        if (known == null) {
            Queue queue = access.queue(name);
            queue.create();
            known = new Line(queue, clock.nanos());
            lines.put(name, known);
            if (lines.size() > MOST_KNOWN) {
                String oldest = lines.keySet().iterator().next();
                retire(lines.remove(oldest));
            }
        }
        return known;
    }

    private static void retire(@Nullable Line line) {
        if (line != null) {
            line.handover.retire();
        }
    }

    /** Takes away what this relay has in Redis; the claims that it leaves, others settle. */
    void close() {
        lines.values().forEach(Relay::retire);
    }

    private interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    private <T> T transaction(Work<T> work) throws SQLException {
        Connection connection = Objects.requireNonNull(held, "outside a round");
        try {
            T done = work.in(connection);
            connection.commit();
            return done;
        } catch (SQLException | RuntimeException failed) {
            undo(connection, failed);
            throw failed;
        }
    }

    private interface Step {
        void in(Connection connection) throws SQLException;
    }

    private void change(Step step) throws SQLException {
        transaction(connection -> {
            step.in(connection);
            return true;
        });
    }

    private static void undo(Connection connection, Exception why) {
        try {
            connection.rollback();
        } catch (SQLException gone) {
            why.addSuppressed(gone);
        }
    }

    /** Looks after claims that were left behind: those that ran out, and those of this relay whose end it did not hear. */
    private void settleOthers() throws SQLException {
        long now = clock.millis();
        List<Claim> left = transaction(rows::claims).stream()
                .filter(claim -> claim.untilMillis() < now || open.containsKey(claim.ticket()))
                .toList();
        for (Claim claim : left) {
            Line line = line(claim.queue());
            boolean in = join(line.handover.settle(claim.ticket()));
            change(connection -> rows.end(connection, claim, in));
            closed(claim.ticket());
            recovered.incrementAndGet();
        }
        // of the rest there is no claim: it was rolled back, or somebody else has settled it
        Set.copyOf(open.keySet()).forEach(this::closed);
    }

    private void closed(String ticket) {
        String queue = open.remove(ticket);
        if (queue != null) {
            line(queue).handover.done();
        }
    }

    private List<Claim> claim() throws SQLException {
        try {
            return transaction(connection -> {
                List<Claim> claims = new ArrayList<>();
                for (String queue : dueQueues(connection)) {
                    Claim claim = claim(connection, queue);
                    if (claim != null) {
                        claims.add(claim);
                    }
                }
                return claims;
            });
        } catch (SQLException failed) {
            if (failed instanceof SQLIntegrityConstraintViolationException
                    || String.valueOf(failed.getSQLState()).startsWith("23")
                    || String.valueOf(failed.getSQLState()).startsWith("40")) {
                return List.of(); // another relay was quicker; it goes on with that queue, and so do we, later
            }
            throw failed;
        }
    }

    /** Some queues with rows that are due, going round; in one order for all relays, so that no two wait for each other. */
    private Set<String> dueQueues(Connection connection) throws SQLException {
        Set<String> blocked = blocked(connection);
        Set<String> seen = new HashSet<>();
        Set<String> found = new TreeSet<>();
        boolean wrapped = false;
        while (found.size() < MOST_QUEUES && seen.size() < MOST_LOOKS) {
            String next = rows.queueAfter(connection, cursor);
            if (next == null && (wrapped || cursor.isEmpty())) {
                cursor = "";
                break;
            }
            wrapped |= next == null;
            cursor = next == null ? "" : next;
            if (next != null && !seen.add(next)) {
                break;
            }
            if (next != null && !blocked.contains(next)) {
                found.add(next);
            }
        }
        return found;
    }

    /** Queues that others have, or that refused lately. */
    private Set<String> blocked(Connection connection) throws SQLException {
        Set<String> blocked =
                rows.claims(connection).stream().map(Claim::queue).collect(Collectors.toCollection(HashSet::new));
        long now = clock.nanos();
        lines.forEach((name, line) -> {
            if (line.notBeforeNanos - now > 0) {
                blocked.add(name);
            }
        });
        return blocked;
    }

    private @Nullable Claim claim(Connection connection, String queue) throws SQLException {
        Line line = line(queue);
        long until = clock.millis() + claimFor.toMillis();
        rows.lock(connection, queue, until);
        List<JobSpec> specs = new ArrayList<>();
        List<Long> ids = new ArrayList<>();
        for (Rows.Row row : rows.due(connection, queue, line.most)) {
            JobSpec spec = read(connection, line, row);
            if (spec != null) {
                specs.add(spec);
                ids.add(row.id());
            }
        }
        if (specs.isEmpty()) {
            rows.unlock(connection, queue, "");
            return null;
        }
        int reach = Handover.reach(specs);
        String ticket = reach > 0
                ? line.handover.ticket(reach)
                : Claim.ALONE + ids.get(0) + "." + ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
        if (reach > 0) {
            open.put(ticket, queue);
        }
        int many = Math.max(1, reach);
        String list = ids.subList(0, many).stream().map(String::valueOf).collect(Collectors.joining(","));
        Claim claim = new Claim(queue, ticket, until, list, List.copyOf(specs.subList(0, many)));
        rows.claim(connection, claim);
        return claim;
    }

    /** Null if the row is no job as it is; it is noted then, and others go before it. */
    private @Nullable JobSpec read(Connection connection, Line line, Rows.Row row) throws SQLException {
        String why;
        try {
            JobSpec spec = Parcel.unpack(line.queue.name(), row.record());
            Enqueued.Refused fault = line.handover.fault(spec);
            if (fault != null) {
                line.queue.settings(); // somebody may have raised the limit
                fault = line.handover.fault(spec);
            }
            if (fault == null) {
                return spec;
            }
            why = fault.message();
        } catch (IllegalArgumentException undecodable) {
            why = String.valueOf(undecodable.getMessage());
        }
        long wait = ROW_WAIT.toMillis() << Math.min(row.attempts(), MOST_ATTEMPTS);
        rows.failed(connection, row, clock.millis() + wait, row.attempts() + 1 >= MOST_ATTEMPTS, why);
        return null;
    }

    /** Adds all batches at once, then forgets those of which the end is known, in one transaction. */
    private void move(List<Claim> claims) throws SQLException {
        Map<Claim, CompletionStage<Answer>> sent = new LinkedHashMap<>();
        claims.forEach(claim -> sent.put(claim, send(claim)));
        Map<Claim, Boolean> known = new HashMap<>();
        RuntimeException broken = null;
        for (Map.Entry<Claim, CompletionStage<Answer>> each : sent.entrySet()) {
            Claim claim = each.getKey();
            try {
                known.put(claim, heard(claim, join(each.getValue())));
            } catch (RedisException failed) {
                broken = failed;
                if (claim.alone()) {
                    known.put(claim, false);
                }
            }
        }
        change(connection -> {
            for (Map.Entry<Claim, Boolean> each : known.entrySet()) {
                rows.end(connection, each.getKey(), each.getValue());
            }
        });
        known.keySet().forEach(claim -> closed(claim.ticket()));
        if (broken != null) {
            throw broken;
        }
    }

    private CompletionStage<Answer> send(Claim claim) {
        Line line = line(claim.queue());
        if (!claim.alone()) {
            return line.handover.add(claim.ticket(), claim.specs());
        }
        return line.queue.enqueueAsync(claim.specs().get(0)).thenApply(answer -> {
            if (answer instanceof Enqueued.Refused refused) {
                return new Answer(0, 0, refused, 0);
            }
            boolean accepted = answer instanceof Enqueued.Accepted;
            return new Answer(accepted ? 1 : 0, accepted ? 0 : 1, null, 0);
        });
    }

    /** True if the batch is in; otherwise its queue is left alone for a while. */
    private boolean heard(Claim claim, Answer answer) {
        Line line = line(claim.queue());
        Enqueued.Refused refused = answer.refused();
        if (refused == null) {
            relayed.addAndGet(answer.accepted());
            duplicates.addAndGet(answer.duplicates());
            line.refusedInARow = 0;
            line.most = BATCH;
            return true;
        }
        refusals.incrementAndGet();
        if (answer.fits() > 0) {
            line.most = answer.fits(); // at once: there is room for those
            return false;
        }
        line.most = BATCH;
        long wait = FIRST_WAIT.toNanos() << Math.min(line.refusedInARow++, 10);
        wait = Math.max(wait, refused.retryAfter().toNanos());
        line.notBeforeNanos = clock.nanos() + Math.min(wait, LONGEST_WAIT.toNanos());
        return false;
    }

    private static <T> T join(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join(); // every call to Redis has a deadline of its own
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RedisException known) {
                throw known;
            }
            throw failed;
        }
    }
}
