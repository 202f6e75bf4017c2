package io.penstock.examples.chat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The SQL database: H2 in a file, or PostgreSQL. Bound: {@value #CONNECTIONS} connections. */
final class Database implements AutoCloseable {
    private static final int CONNECTIONS = 8;

    private static final List<String> SCHEMA = List.of(
            "CREATE TABLE IF NOT EXISTS agent (id VARCHAR(40) PRIMARY KEY, name VARCHAR(80) NOT NULL, model VARCHAR(120)"
                    + " NOT NULL, endpoint VARCHAR(200) NOT NULL, system VARCHAR(4000) NOT NULL, max_tokens INT NOT NULL,"
                    + " concurrent INT NOT NULL, requests_per_minute INT NOT NULL, timeout_seconds INT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS turn (id VARCHAR(40) PRIMARY KEY, conversation VARCHAR(40) NOT NULL, tenant"
                    + " VARCHAR(64) NOT NULL, agent VARCHAR(40) NOT NULL, question VARCHAR(16000) NOT NULL, job"
                    + " VARCHAR(100) NOT NULL, asked_at BIGINT NOT NULL)",
            "CREATE INDEX IF NOT EXISTS turn_conversation ON turn (conversation, asked_at)",
            "CREATE INDEX IF NOT EXISTS turn_tenant ON turn (tenant, asked_at)",
            "CREATE INDEX IF NOT EXISTS turn_job ON turn (job)",
            "CREATE INDEX IF NOT EXISTS turn_age ON turn (asked_at)",
            // apart from the turn: several turns may share one job, and one that is fast ends before its turn is
            // written
            "CREATE TABLE IF NOT EXISTS answer (job VARCHAR(100) PRIMARY KEY, text VARCHAR(64000) NOT NULL, ending"
                    + " VARCHAR(40) NOT NULL, tokens INT NOT NULL, answered_at BIGINT NOT NULL)",
            "CREATE INDEX IF NOT EXISTS answer_age ON answer (answered_at)");

    private final HikariDataSource source;

    /** Reads one row. */
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    Database(ChatSettings settings) {
        HikariConfig config = new HikariConfig();
        String url = settings.text("DATABASE_URL");
        config.setJdbcUrl(url.isEmpty() ? embedded(settings.dataDir()) : url);
        config.setUsername(url.isEmpty() ? "sa" : settings.text("DATABASE_USER"));
        config.setPassword(settings.text("DATABASE_PASSWORD"));
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(5_000);
        config.setPoolName("chat-sql");
        source = new HikariDataSource(config);
        try {
            SCHEMA.forEach(this::update);
        } catch (RuntimeException failed) {
            source.close();
            throw failed;
        }
    }

    /** {@code async}, because jobs are stopped by interrupts and an interrupt closes H2's usual files. */
    private static String embedded(Path dir) {
        return "jdbc:h2:async:" + dir.resolve("chat") + ";CACHE_SIZE=4096;DB_CLOSE_ON_EXIT=FALSE";
    }

    DataSource source() {
        return source;
    }

    int update(String sql, Object... values) {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = prepared(connection, sql, values)) {
            return statement.executeUpdate();
        } catch (SQLException failed) {
            throw new IllegalStateException("the database failed: " + failed.getMessage(), failed);
        }
    }

    <T> List<T> list(Row<T> row, String sql, Object... values) {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = prepared(connection, sql, values);
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(row.of(rows));
            }
            return all;
        } catch (SQLException failed) {
            throw new IllegalStateException("the database failed: " + failed.getMessage(), failed);
        }
    }

    <T> @Nullable T first(Row<T> row, String sql, Object... values) {
        List<T> all = list(row, sql, values);
        return all.isEmpty() ? null : all.get(0);
    }

    private static PreparedStatement prepared(Connection connection, String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    @Override
    public void close() {
        source.close();
    }
}
