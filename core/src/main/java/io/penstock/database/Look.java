package io.penstock.database;

import io.penstock.runtime.Clock;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** One look at a database: takes a connection, lets it prove that it is alive, and gives it back. Blocks. */
final class Look {
    /** Where it is, for whoever stops waiting for it. */
    enum Phase {
        /** A pool without a free connection and a database that is away both hold it here. */
        ACQUIRING("no connection came: its pool is exhausted, or the database is away"),
        ASKING("a connection was there and the database did not answer on it");

        final String meaning;

        Phase(String meaning) {
            this.meaning = meaning;
        }
    }

    /** What was seen; {@code failure} null = all of it. */
    record Seen(
            String product,
            String version,
            double acquireMillis,
            double answerMillis,
            boolean readOnly,
            @Nullable Throwable failure) {}

    private final DataSource source;
    private final Clock clock;
    private final int timeoutSeconds;
    private volatile Phase phase = Phase.ACQUIRING;

    Look(DataSource source, Clock clock, Duration timeout) {
        this.source = source;
        this.clock = clock;
        this.timeoutSeconds =
                (int) Math.max(1, timeout.toSeconds()); // the driver knows whole seconds, and 0 = for ever
    }

    Phase phase() {
        return phase;
    }

    /** Never throws: a driver's Error is a finding too. */
    Seen run() {
        long begin = clock.nanos();
        try (Connection connection = source.getConnection()) {
            long acquired = clock.nanos();
            phase = Phase.ASKING;
            if (!connection.isValid(timeoutSeconds)) {
                throw new SQLException("the connection that it gave is not valid");
            }
            long answered = clock.nanos();
            DatabaseMetaData told = connection.getMetaData();
            boolean readOnly = readOnly(connection, told.getDatabaseProductName());
            if (!connection.getAutoCommit()) {
                connection.rollback(); // the question has begun a transaction
            }
            return new Seen(
                    told.getDatabaseProductName(),
                    told.getDatabaseProductVersion(),
                    (acquired - begin) / 1e6,
                    (answered - acquired) / 1e6,
                    readOnly,
                    null);
        } catch (Throwable failure) {
            return new Seen("", "", (clock.nanos() - begin) / 1e6, 0, false, failure);
        }
    }

    /** What the connection was told is not what the server allows: only the server knows whether it is a standby. */
    private boolean readOnly(Connection connection, String product) throws SQLException {
        if (connection.isReadOnly() || !product.toLowerCase(Locale.ROOT).contains("postgresql")) {
            return connection.isReadOnly();
        }
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(timeoutSeconds);
            try (ResultSet answer = statement.executeQuery("SHOW transaction_read_only")) {
                return answer.next() && "on".equals(answer.getString(1));
            }
        }
    }

    /**
     * Whether a pool said that it has none to give although nothing is wrong with the database: HikariCP then names no cause,
     * while it names the failed opening as one.
     */
    static boolean exhausted(Throwable failure) {
        return failure instanceof SQLTransientConnectionException && failure.getCause() == null;
    }
}
