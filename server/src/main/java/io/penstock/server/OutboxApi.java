package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.outbox.Outbox;
import io.penstock.outbox.OutboxStats;
import io.penstock.outbox.SetAside;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The outbox that this server relays, over HTTP: how it stands, and the rows that it gave up. */
final class OutboxApi {
    private static final String PATH = "/api/v1/outbox";

    private final @Nullable Outbox outbox;

    /** @param outbox null = this server relays none */
    OutboxApi(@Nullable Outbox outbox) {
        this.outbox = outbox;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, this::get).query("limit"),
                Route.act(PATH + "/{row}:retry", this::retry),
                Route.delete(PATH + "/{row}", this::delete).by(Access.OPERATE));
    }

    private Reply get(Call call) {
        Outbox relayed = outbox;
        if (relayed == null) {
            return Reply.ok(json -> {
                json.writeStartObject();
                json.writeBooleanField("enabled", false);
                json.writeEndObject();
            });
        }
        try {
            OutboxStats stats = relayed.stats();
            List<SetAside> aside = relayed.setAside(call.limit());
            return Reply.ok(json -> write(json, stats, aside));
        } catch (SQLException away) {
            throw unreachable(away);
        }
    }

    private static void write(JsonGenerator json, OutboxStats stats, List<SetAside> aside) throws IOException {
        json.writeStartObject();
        json.writeBooleanField("enabled", true);
        json.writeNumberField("waiting", stats.waiting());
        json.writeNumberField("oldestMillis", stats.oldest().toMillis());
        json.writeNumberField("setAside", stats.setAside());
        json.writeNumberField("relayed", stats.relayed());
        json.writeNumberField("duplicates", stats.duplicates());
        json.writeNumberField("refusals", stats.refusals());
        json.writeNumberField("recovered", stats.recovered());
        Json.text(json, "trouble", stats.trouble());
        Json.objects(json, "items", aside, row -> {
            json.writeStringField("row", Long.toString(row.row()));
            json.writeStringField("queue", row.queue());
            json.writeStringField("type", row.type());
            json.writeNumberField("attempts", row.attempts());
            Json.instant(json, "createdAt", row.createdAt());
            Json.instant(json, "setAsideAt", row.setAsideAt());
            json.writeStringField("reason", row.reason());
        });
        json.writeNullField("next");
        json.writeEndObject();
    }

    private Reply retry(Call call) {
        return change(call, Outbox::retry);
    }

    private Reply delete(Call call) {
        return change(call, Outbox::delete);
    }

    private interface Wish {
        boolean of(Outbox outbox, long row) throws SQLException;
    }

    private Reply change(Call call, Wish wish) {
        String row = call.path("row");
        Outbox relayed = outbox;
        try {
            if (relayed == null || !row.matches("\\d{1,18}") || !wish.of(relayed, Long.parseLong(row))) {
                throw Problem.notFound("row set aside in the outbox", row);
            }
            return Reply.noContent();
        } catch (SQLException away) {
            throw unreachable(away);
        }
    }

    /** The driver's text may hold a statement. */
    private static Problem unreachable(SQLException away) {
        return Problem.of(
                ProblemType.BUSY,
                "the database of the outbox did not answer (" + away.getClass().getSimpleName() + ", state "
                        + away.getSQLState() + "); nothing was done; look at GET /api/v1/health");
    }
}
