package io.penstock.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.outbox.Outbox;
import io.penstock.server.settings.Setting;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.First.class)
@ExtendWith(EmbeddedRedisExtension.class)
final class OutboxApiTest {
    private static final String URL = "jdbc:h2:mem:server-outbox;DB_CLOSE_DELAY=-1";

    @Test
    void relaysWhatAnApplicationWroteIntoItsDatabase(EmbeddedRedis redis) throws Exception {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(URL);
        try (Penstock penstock = Penstock.connect(redis.uri());
                Outbox outbox = tables(Outbox.create(source, penstock)); // writes only: it is not started
                Rig rig = start(redis)) {
            long[] spoiled = new long[1];
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                outbox.enqueue(
                        connection, new JobSpec("written", "demo.echo", "{\"a\":1}".getBytes(UTF_8), JobOptions.NONE));
                spoiled[0] = outbox.enqueue(
                        connection, new JobSpec("written", "demo.echo", "{}".getBytes(UTF_8), JobOptions.NONE));
                statement.execute("UPDATE penstock_outbox SET record = X'00', attempts = 9 WHERE id = " + spoiled[0]);
                connection.commit();
            }
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> rig.get("/api/v1/queues/written").text().contains("\"completed\":1"));
            JsonNode seen = rig.get("/api/v1/outbox").json();
            assertThat(seen.path("enabled").asBoolean()).isTrue();
            assertThat(seen.path("waiting").asInt()).isZero();
            assertThat(seen.path("relayed").asInt()).isEqualTo(1);
            assertThat(seen.path("items").get(0).path("row").asLong()).isEqualTo(spoiled[0]);
            assertThat(rig.post("/api/v1/outbox/" + spoiled[0] + ":retry", null).status())
                    .isEqualTo(204);
            assertThat(rig.send("DELETE", "/api/v1/outbox/" + spoiled[0], null).status())
                    .isEqualTo(404);
            assertThat(rig.send("DELETE", "/api/v1/outbox/x", null).status()).isEqualTo(404);
        }
    }

    private static Outbox tables(Outbox outbox) throws SQLException {
        outbox.createTables();
        return outbox;
    }

    private static Rig start(EmbeddedRedis redis) {
        return Rig.start(redis, flags -> {
            flags.put(Setting.DATABASE_URL, URL);
            flags.put(Setting.OUTBOX, "true");
        });
    }

    @Test
    void saysThatItRelaysNone(EmbeddedRedis redis) {
        try (Rig rig = Rig.start(redis, flags -> {})) {
            assertThat(rig.get("/api/v1/outbox").text()).isEqualTo("{\"enabled\":false}");
        }
        assertThatThrownBy(() -> Rig.start(redis, flags -> flags.put(Setting.OUTBOX, "true")))
                .hasMessageContaining("set database.url");
    }
}
