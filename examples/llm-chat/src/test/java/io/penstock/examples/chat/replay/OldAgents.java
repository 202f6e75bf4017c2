package io.penstock.examples.chat.replay;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The agents, read from SQL by each request that asks. */
final class OldAgents implements AutoCloseable {
    private static final String URL = "jdbc:h2:mem:old-agents";

    private final Connection keeper;

    OldAgents(String endpoint, int count) throws SQLException {
        keeper = DriverManager.getConnection(URL);
        try (Statement make = keeper.createStatement()) {
            make.execute("create table agents (id varchar primary key, name varchar, model varchar, endpoint varchar)");
        }
        try (PreparedStatement insert = keeper.prepareStatement("insert into agents values (?, ?, ?, ?)")) {
            for (int i = 1; i <= count; i++) {
                insert.setString(1, "agent-" + i);
                insert.setString(2, "Agent " + i);
                insert.setString(3, "stub");
                insert.setString(4, endpoint);
                insert.executeUpdate();
            }
        }
    }

    List<Map<String, String>> all() throws SQLException {
        try (Connection mine = DriverManager.getConnection(URL);
                Statement select = mine.createStatement();
                ResultSet rows = select.executeQuery("select id, name, model, endpoint from agents order by id")) {
            List<Map<String, String>> agents = new ArrayList<>();
            while (rows.next()) {
                agents.add(Map.of(
                        "id", rows.getString(1),
                        "name", rows.getString(2),
                        "model", rows.getString(3),
                        "endpoint", rows.getString(4)));
            }
            return agents;
        }
    }

    @Override
    public void close() throws SQLException {
        keeper.close();
    }
}
