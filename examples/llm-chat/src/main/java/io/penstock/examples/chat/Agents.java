package io.penstock.examples.chat;

import io.penstock.Penstock;
import io.penstock.cache.Cache;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The agents: kept in SQL, read through Penstock's cache, so that a hundred callers a moment cost the database nothing. */
final class Agents {
    /** Penstock holds 128 limits and 128 breakers a process; each agent has one of each. */
    private static final int MOST = 100;

    private static final String ALL = "all";

    private final Database database;
    private final Cache<Directory> cache;
    private final List<String> endpoints;

    /** All agents by their ids, in the order of their names. */
    record Directory(Map<String, Agent> agents) {}

    /** @param endpoints that agents may name */
    Agents(Penstock penstock, Database database, List<String> endpoints) {
        this.database = database;
        this.endpoints = endpoints;
        this.cache = penstock.cache(
                "agents", Directory.class, how -> how.ttl(Duration.ofMinutes(5)).staleAfter(Duration.ofMinutes(1)));
    }

    /** Adds the first agent, if there is none. */
    void seed(String model) {
        if (all().isEmpty()) {
            put(new Agent("default", "Default", model, "", "You are brief and exact.", 1_000, 200, 6_000, 30));
        }
    }

    List<Agent> all() {
        return List.copyOf(directory().values());
    }

    @Nullable
    Agent find(String id) {
        return directory().get(id);
    }

    private Map<String, Agent> directory() {
        Directory known = cache.get(ALL, () -> {
            Map<String, Agent> byId = new LinkedHashMap<>();
            database.list(Agents::read, "SELECT * FROM agent ORDER BY name, id").forEach(a -> byId.put(a.id(), a));
            return new Directory(byId);
        });
        return known == null ? Map.of() : known.agents();
    }

    /** Adds or changes one. */
    void put(Agent agent) {
        if (!agent.endpoint().isEmpty() && !endpoints.contains(agent.endpoint())) {
            throw Problem.illegal("endpoint is none of those that LLM_MORE_ENDPOINTS allows");
        }
        Object[] fields = {
            agent.name(),
            agent.model(),
            agent.endpoint(),
            agent.system(),
            agent.maxTokens(),
            agent.concurrent(),
            agent.requestsPerMinute(),
            agent.timeoutSeconds(),
            agent.id()
        };
        int changed = database.update(
                "UPDATE agent SET name=?, model=?, endpoint=?, system=?, max_tokens=?, concurrent=?,"
                        + " requests_per_minute=?, timeout_seconds=? WHERE id=?",
                fields);
        if (changed == 0) {
            if (all().size() >= MOST) {
                throw Problem.of(
                        409, "too-many", "there are " + MOST + " agents, the most there may be; nothing was done");
            }
            database.update(
                    "INSERT INTO agent (name, model, endpoint, system, max_tokens, concurrent, requests_per_minute,"
                            + " timeout_seconds, id) VALUES (?,?,?,?,?,?,?,?,?)",
                    fields);
        }
        cache.invalidate(ALL);
    }

    boolean delete(String id) {
        boolean was = database.update("DELETE FROM agent WHERE id=?", id) > 0;
        cache.invalidate(ALL);
        return was;
    }

    private static Agent read(ResultSet row) throws SQLException {
        return new Agent(
                row.getString("id"),
                row.getString("name"),
                row.getString("model"),
                row.getString("endpoint"),
                row.getString("system"),
                row.getInt("max_tokens"),
                row.getInt("concurrent"),
                row.getInt("requests_per_minute"),
                row.getInt("timeout_seconds"));
    }
}
