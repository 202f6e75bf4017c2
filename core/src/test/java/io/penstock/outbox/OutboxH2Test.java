package io.penstock.outbox;

import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

final class OutboxH2Test extends OutboxCases {
    @Override
    DataSource source() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:mem:outbox;DB_CLOSE_DELAY=-1");
        return source;
    }
}
