package io.penstock.server.token;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens over HTTP, for admins: listed, made and revoked.
 *
 * <p>Making one takes no Idempotency-Key: the answer would be kept with the secret in it. Who did not get the answer
 * revokes what he sees in the list and makes another.
 */
final class TokenApi {
    private static final String PATH = "/api/v1/tokens";

    private final Tokens tokens;
    private final TokenStore store;
    private final Clock clock;

    TokenApi(Tokens tokens, TokenStore store, Clock clock) {
        this.tokens = tokens;
        this.store = store;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, this::list).query("cursor", "limit").by(Access.ADMINISTER),
                Route.post(PATH, this::make).by(Access.ADMINISTER),
                Route.delete(PATH + "/{id}", this::revoke).by(Access.ADMINISTER));
    }

    /** In the order in which they were made. */
    private Reply list(Call call) {
        tokens.reload();
        Map<String, byte[]> used = tokens.await(store.used());
        String cursor = call.query("cursor");
        List<Token> after = tokens.all().stream()
                .sorted(Comparator.comparing(TokenApi::place))
                .filter(token -> cursor == null || place(token).compareTo(cursor) > 0)
                .toList();
        List<Token> page = after.stream().limit(call.limit()).toList();
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", page, token -> {
                write(json, token);
                Json.instant(json, "lastUsedAt", lastUsed(token.id(), used.get(token.id())));
            });
            Json.text(json, "next", after.size() > page.size() ? place(page.get(page.size() - 1)) : null);
            json.writeEndObject();
        });
    }

    private static String place(Token token) {
        return String.format("%014d-%s", token.createdAt().toEpochMilli(), token.id());
    }

    private @Nullable Instant lastUsed(String id, byte @Nullable [] written) {
        String text = written == null ? "" : Redis.text(written);
        long known = text.matches("\\d{1,16}") ? Long.parseLong(text) : 0;
        long last = Math.max(known, tokens.usedMillis(id));
        return last == 0 ? null : Instant.ofEpochMilli(last);
    }

    private void write(JsonGenerator json, Token token) throws IOException {
        json.writeStringField("id", token.id());
        json.writeStringField("name", token.name());
        json.writeStringField("role", token.role().wire());
        json.writeArrayFieldStart("queues");
        for (String queue : token.queues()) {
            json.writeString(queue);
        }
        json.writeEndArray();
        Json.instant(json, "createdAt", token.createdAt());
        Json.instant(json, "expiresAt", token.expiresAt());
        json.writeBooleanField("expired", token.over(clock.millis()));
    }

    private Reply make(Call call) {
        TokenWish wish = TokenWish.read(call.body());
        Token.Fresh fresh = Token.make(wish, Instant.ofEpochMilli(clock.millis()));
        if (!store.add(fresh.token()) && !(dropExpired() && store.add(fresh.token()))) {
            throw Problem.of(
                    ProblemType.CONFLICT,
                    "there are " + TokenStore.MOST
                            + " tokens, the most there may be, and none of them is over; nothing was"
                            + " made; revoke those that nobody uses (see lastUsedAt)");
        }
        tokens.reload();
        return Reply.json(201, json -> {
                    json.writeStartObject();
                    write(json, fresh.token());
                    json.writeStringField("token", fresh.text());
                    json.writeEndObject();
                })
                .header("Location", PATH + "/" + fresh.token().id());
    }

    /** Makes room; false = there was nothing to drop. */
    private boolean dropExpired() {
        tokens.reload();
        long now = clock.millis();
        List<Token> over =
                tokens.all().stream().filter(token -> token.over(now)).toList();
        over.forEach(token -> store.remove(token.id(), now));
        return !over.isEmpty();
    }

    private Reply revoke(Call call) {
        String id = call.path("id");
        if (!id.matches(Token.ID) || !store.remove(id, clock.millis())) {
            throw Problem.notFound("token", Text.shown(id));
        }
        tokens.reload();
        return Reply.noContent();
    }
}
