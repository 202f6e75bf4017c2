package io.penstock.outbox;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The statements of the outbox; each works in the transaction of the connection it is given. */
final class Rows {
    /** A statement that takes longer holds a lock somebody else waits for. */
    private static final int TIMEOUT_SECONDS = 30;

    private static final int REASON_CHARS = 1_000;

    private final LongSupplier nowMillis;

    /** A row as it is in the table. */
    record Row(long id, byte[] record, int attempts) {}

    Rows(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    private static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setQueryTimeout(TIMEOUT_SECONDS);
        return statement;
    }

    static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static final String INSERT = "INSERT INTO penstock_outbox (queue, type, record, created_at, due_at, attempts)"
            + " VALUES (?, ?, ?, ?, ?, 0)";

    void set(PreparedStatement insert, String queue, String type, byte[] record) throws SQLException {
        long now = nowMillis.getAsLong();
        insert.setString(1, queue);
        insert.setString(2, type);
        insert.setBytes(3, record);
        insert.setLong(4, now);
        insert.setLong(5, now);
    }

    /** The next queue behind this one, by name, with a row that is due; null = none. A step in the index, however many rows wait. */
    @Nullable
    String queueAfter(Connection connection, String name) throws SQLException {
        String sql = "SELECT queue FROM penstock_outbox WHERE queue > ? AND aside_at IS NULL AND due_at <= ?"
                + " ORDER BY queue, id FETCH FIRST 1 ROWS ONLY";
        try (PreparedStatement select = prepare(connection, sql)) {
            select.setString(1, name);
            select.setLong(2, nowMillis.getAsLong());
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getString(1) : null;
            }
        }
    }

    /** Makes a queue this relay's until the transaction ends, or longer if it is told {@link #claim} too; fails if it is another's. */
    void lock(Connection connection, String queue, long untilMillis) throws SQLException {
        String sql = "INSERT INTO penstock_outbox_claim (queue, ticket, until_at, row_ids) VALUES (?, '', ?, '')";
        try (PreparedStatement insert = prepare(connection, sql)) {
            insert.setString(1, queue);
            insert.setLong(2, untilMillis);
            insert.executeUpdate();
        }
    }

    void claim(Connection connection, Claim claim) throws SQLException {
        String sql = "UPDATE penstock_outbox_claim SET ticket = ?, row_ids = ? WHERE queue = ? AND ticket = ''";
        try (PreparedStatement update = prepare(connection, sql)) {
            update.setString(1, claim.ticket());
            update.setString(2, claim.rows());
            update.setString(3, claim.queue());
            update.executeUpdate();
        }
    }

    List<Row> due(Connection connection, String queue, int most) throws SQLException {
        String sql = "SELECT id, record, attempts FROM penstock_outbox WHERE queue = ? AND aside_at IS NULL"
                + " AND due_at <= ? ORDER BY id FETCH FIRST " + most + " ROWS ONLY";
        List<Row> due = new ArrayList<>();
        try (PreparedStatement select = prepare(connection, sql)) {
            select.setString(1, queue);
            select.setLong(2, nowMillis.getAsLong());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    due.add(new Row(rows.getLong(1), rows.getBytes(2), rows.getInt(3)));
                }
            }
        }
        return due;
    }

    List<Claim> claims(Connection connection) throws SQLException {
        List<Claim> claims = new ArrayList<>();
        try (PreparedStatement select =
                        prepare(connection, "SELECT queue, ticket, until_at, row_ids FROM penstock_outbox_claim");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                claims.add(
                        new Claim(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getString(4), List.of()));
            }
        }
        return claims;
    }

    /** Forgets a claim and, if its jobs are in, its rows. */
    void end(Connection connection, Claim claim, boolean in) throws SQLException {
        if (in) {
            try (Statement delete = connection.createStatement()) {
                delete.setQueryTimeout(TIMEOUT_SECONDS);
                // digits and commas only, of our own making
                delete.executeUpdate("DELETE FROM penstock_outbox WHERE id IN (" + digits(claim.rows()) + ")");
            }
        }
        unlock(connection, claim.queue(), claim.ticket());
    }

    private static String digits(String ids) {
        if (!ids.matches("[\\d,]+")) {
            throw new IllegalStateException("a claim of the outbox names no rows; table penstock_outbox_claim was"
                    + " written by somebody else; nothing was deleted");
        }
        return ids;
    }

    void unlock(Connection connection, String queue, String ticket) throws SQLException {
        try (PreparedStatement delete =
                prepare(connection, "DELETE FROM penstock_outbox_claim WHERE queue = ? AND ticket = ?")) {
            delete.setString(1, queue);
            delete.setString(2, ticket);
            delete.executeUpdate();
        }
    }

    /** Notes that a row can not be added as it is: tried again later, or given up. */
    void failed(Connection connection, Row row, long dueMillis, boolean aside, String reason) throws SQLException {
        String sql = "UPDATE penstock_outbox SET attempts = ?, due_at = ?, aside_at = ?, reason = ? WHERE id = ?";
        try (PreparedStatement update = prepare(connection, sql)) {
            update.setInt(1, row.attempts() + 1);
            update.setLong(2, dueMillis);
            if (aside) {
                update.setLong(3, nowMillis.getAsLong());
            } else {
                update.setNull(3, java.sql.Types.BIGINT);
            }
            update.setString(4, reason.length() <= REASON_CHARS ? reason : reason.substring(0, REASON_CHARS));
            update.setLong(5, row.id());
            update.executeUpdate();
        }
    }

    /** Waiting rows, creation of the oldest in epoch millis (0 = none), rows set aside. */
    long[] count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(TIMEOUT_SECONDS);
            try (ResultSet all = statement.executeQuery(
                            "SELECT COUNT(*), MIN(created_at) FROM penstock_outbox" + " WHERE aside_at IS NULL");
                    Statement other = connection.createStatement();
                    ResultSet aside =
                            other.executeQuery("SELECT COUNT(*) FROM penstock_outbox WHERE aside_at IS NOT NULL")) {
                all.next();
                aside.next();
                return new long[] {all.getLong(1), all.getLong(2), aside.getLong(1)};
            }
        }
    }

    List<SetAside> setAside(Connection connection, int most) throws SQLException {
        String sql = "SELECT id, queue, type, attempts, created_at, aside_at, reason FROM penstock_outbox"
                + " WHERE aside_at IS NOT NULL ORDER BY id FETCH FIRST " + most + " ROWS ONLY";
        List<SetAside> found = new ArrayList<>();
        try (PreparedStatement select = prepare(connection, sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(new SetAside(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getInt(4),
                        java.time.Instant.ofEpochMilli(rows.getLong(5)),
                        java.time.Instant.ofEpochMilli(rows.getLong(6)),
                        rows.getString(7)));
            }
        }
        return found;
    }

    boolean again(Connection connection, long id) throws SQLException {
        String sql = "UPDATE penstock_outbox SET attempts = 0, due_at = ?, aside_at = NULL, reason = NULL"
                + " WHERE id = ? AND aside_at IS NOT NULL";
        try (PreparedStatement update = prepare(connection, sql)) {
            update.setLong(1, nowMillis.getAsLong());
            update.setLong(2, id);
            return update.executeUpdate() > 0;
        }
    }

    boolean drop(Connection connection, long id) throws SQLException {
        String sql = "DELETE FROM penstock_outbox WHERE id = ? AND aside_at IS NOT NULL";
        try (PreparedStatement delete = prepare(connection, sql)) {
            delete.setLong(1, id);
            return delete.executeUpdate() > 0;
        }
    }
}
