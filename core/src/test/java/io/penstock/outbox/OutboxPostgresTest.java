package io.penstock.outbox;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class OutboxPostgresTest extends OutboxCases {
    private static Postgres postgres;
    private static HikariDataSource pool;

    @BeforeAll
    static void startServer() {
        postgres = Postgres.start();
        HikariConfig config = new HikariConfig();
        config.setDataSource(Postgres.source(postgres.port()));
        config.setMaximumPoolSize(8);
        pool = new HikariDataSource(config);
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (postgres != null) {
            pool.close();
            postgres.close();
        }
    }

    @Override
    DataSource source() {
        return pool;
    }
}
