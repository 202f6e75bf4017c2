package io.penstock.outbox;

import io.penstock.job.JobSpec;
import io.penstock.job.JobType;
import io.penstock.queue.Parcel;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds jobs in a transaction of the caller's own database: the job exists if and only if the transaction committed.
 *
 * <p>{@link #enqueue} writes a row with the caller's connection and needs no Redis. A relay, in any process that started an
 * outbox on the same database, brings committed rows to Redis and deletes them: each becomes one job, also when processes
 * are killed at the worst moment (see Handover for how, and docs/outbox.md for what that costs). Rows of one queue go in the
 * order of their ids.
 *
 * <p>Threads: safe. Bound: one timer task, one thread while there is something to do, one connection of the source at a
 * time. Closed by whoever made it, before the Penstock.
 */
public final class Outbox extends Service {
    /** How soon a row is seen that another process committed. */
    public static final Duration PERIOD = Duration.ofSeconds(1);

    /** A round ends within the deadlines of its calls. */
    private static final long CLOSE_SECONDS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final DataSource source;
    private final QueueAccess access;
    private final Rows rows;
    private final Relay relay;
    private final Outage outage;
    private final Clock clock;
    private final Object lock = new Object();
    private @Nullable Task task; // guarded by lock
    private @Nullable CountDownLatch underway; // guarded by lock
    private boolean again; // guarded by lock
    private volatile @Nullable String trouble;
    private volatile boolean closing;

    private Outbox(DataSource source, QueueAccess access, Duration claimFor) {
        this.source = source;
        this.access = access;
        this.clock = access.timer().clock();
        this.rows = new Rows(clock::millis);
        this.relay = new Relay(source, access, rows, claimFor, () -> !closing);
        this.outage = new Outage(LOG, clock, "outbox relay");
    }

    /**
     * An outbox in this database; {@link #start} begins to relay, which a process that only writes need not do.
     *
     * @param source of connections for the relay; its owner closes it, after this
     * @param penstock whose queues are filled
     */
    public static Outbox create(DataSource source, QueueAccess penstock) {
        return create(source, penstock, Relay.CLAIM);
    }

    /** With another time after which claims that were left behind are settled. */
    static Outbox create(DataSource source, QueueAccess penstock, Duration claimFor) {
        return new Outbox(source, penstock, claimFor);
    }

    /**
     * Returns the statements that make the tables.
     *
     * @param product as the driver names it: {@code PostgreSQL}, {@code H2}
     */
    public static List<String> ddl(String product) {
        return Dialect.of(product).tables();
    }

    /** Makes the tables unless they are there. */
    public void createTables() throws SQLException {
        try (Connection connection = source.getConnection()) {
            Rows.execute(connection, ddl(connection.getMetaData().getDatabaseProductName()));
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }
    }

    /**
     * Writes a job into the caller's transaction; its payload is sealed as the queue's would be. A delay counts from now.
     *
     * @param connection the caller's, with auto-commit off; neither committed nor closed here
     * @return the row's id, by which {@link #setAside} names it
     * @throws IllegalStateException if auto-commit is on: there would be no transaction for the job to be part of
     * @throws io.penstock.payload.PayloadException if the payload cannot be sealed
     */
    public long enqueue(Connection connection, JobSpec spec) throws SQLException {
        inTransaction(connection);
        try (PreparedStatement insert = connection.prepareStatement(Rows.INSERT, new String[] {"id"})) {
            set(insert, spec);
            insert.executeUpdate();
            try (ResultSet keys = insert.getGeneratedKeys()) {
                keys.next();
                return keys.getLong(1);
            }
        }
    }

    /** Writes a job of this type; see {@link #enqueue(Connection, JobSpec)}. */
    public <P> long enqueue(Connection connection, JobType<P> type, P payload) throws SQLException {
        return enqueue(connection, type.spec(payload));
    }

    /** Writes many jobs in one round trip to the database; see {@link #enqueue(Connection, JobSpec)}. */
    public void enqueueAll(Connection connection, List<JobSpec> specs) throws SQLException {
        inTransaction(connection);
        try (PreparedStatement insert = connection.prepareStatement(Rows.INSERT)) {
            for (JobSpec spec : specs) {
                set(insert, spec);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void inTransaction(Connection connection) throws SQLException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "job was not written to the outbox: the connection commits each statement by"
                            + " itself, so it would not be part of a transaction of yours; setAutoCommit(false) first");
        }
    }

    private void set(PreparedStatement insert, JobSpec spec) throws SQLException {
        JobSpec sealed = access.queue(spec.queue()).seal(spec);
        rows.set(insert, spec.queue(), spec.type(), Parcel.pack(sealed, clock.millis()));
    }

    /** Has this process look at once; call it after your commit, and the job is in Redis within milliseconds. */
    public void relaySoon() {
        synchronized (lock) {
            again = true;
            if (task != null) {
                task.runNow();
            }
        }
    }

    @Override
    protected void onStart() {
        synchronized (lock) {
            task = access.timer().every("outbox", PERIOD, this::tick);
        }
        relaySoon();
    }

    /** Waits for a round that is under way: interrupting it could close the files of an embedded database. */
    @Override
    protected void onStop() {
        CountDownLatch last;
        closing = true;
        synchronized (lock) {
            if (task != null) {
                task.close();
            }
            last = underway;
        }
        try {
            if (last != null && !last.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn(
                        "outbox: a round is still under way after {} s; its claim is settled by others", CLOSE_SECONDS);
                return;
            }
            relay.close();
        } catch (InterruptedException goOn) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick() {
        synchronized (lock) {
            if (underway != null || closing) {
                return;
            }
            CountDownLatch over = new CountDownLatch(1);
            underway = over;
            try {
                access.threads().startLight("outbox", () -> round(over));
            } catch (IllegalStateException noThread) {
                underway = null; // the next tick tries again
            }
        }
    }

    private void round(CountDownLatch over) {
        Duration next = PERIOD;
        try {
            do {
                synchronized (lock) {
                    again = false;
                }
                next = relay.run(PERIOD);
            } while (wanted());
            trouble = null;
            outage.worked();
        } catch (SQLException | RuntimeException failed) {
            // the lines after the first are the statement
            trouble = failed.getClass().getSimpleName() + ": "
                    + String.valueOf(failed.getMessage()).lines().findFirst().orElse("");
            outage.failed(failed);
        } finally {
            synchronized (lock) {
                underway = null;
                if (task != null) {
                    task.reschedule(again ? Duration.ZERO : next);
                }
            }
            over.countDown();
        }
    }

    private boolean wanted() {
        synchronized (lock) {
            return again && !closing;
        }
    }

    /** Counts what is there; one scan of the table, so for people and alerts, not for each request. */
    public OutboxStats stats() throws SQLException {
        try (Connection connection = source.getConnection()) {
            long[] count = rows.count(connection);
            Duration oldest = Duration.ofMillis(count[1] == 0 ? 0 : Math.max(0, clock.millis() - count[1]));
            return new OutboxStats(
                    count[0],
                    oldest,
                    count[2],
                    relay.relayed.get(),
                    relay.duplicates.get(),
                    relay.refusals.get(),
                    relay.recovered.get(),
                    trouble);
        }
    }

    /**
     * Lists rows that were given up, the oldest first.
     *
     * @param most 1 to 500, clamped
     */
    public List<SetAside> setAside(int most) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return rows.setAside(connection, Math.max(1, Math.min(500, most)));
        }
    }

    /** Tries a row again that was given up; false if there is none of this id. */
    public boolean retry(long row) throws SQLException {
        boolean found = change(connection -> rows.again(connection, row));
        relaySoon();
        return found;
    }

    /** Deletes a row that was given up; false if there is none of this id. */
    public boolean delete(long row) throws SQLException {
        return change(connection -> rows.drop(connection, row));
    }

    private interface ToRow {
        boolean in(Connection connection) throws SQLException;
    }

    private boolean change(ToRow work) throws SQLException {
        try (Connection connection = source.getConnection()) {
            boolean done = work.in(connection);
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
            return done;
        }
    }
}
