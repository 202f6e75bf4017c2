package io.penstock.server.token;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.token.TokenStore.Written;
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
                })
                .header("ETag", tag(tokens.version()));
    }

    /** The version that the caller read; a list of several, or weak ones, fits none. */
    private String seen(Call call) {
        String wanted = call.header("If-Match");
        if (wanted == null || wanted.strip().equals("*")) {
            return TokenStore.ANY;
        }
        String tag = wanted.strip();
        boolean one = tag.matches("\"v[0-9a-f]{0,64}\"");
        return one ? tag.substring(2, tag.length() - 1) : "no version is called so";
    }

    private static String tag(String version) {
        return "\"v" + version + '"';
    }

    private static Problem overtaken() {
        return Problem.of(
                ProblemType.PRECONDITION_FAILED,
                "If-Match names another version of the tokens than there is; nothing was done; read the list again and repeat"
                        + " the change");
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
        String seen = seen(call);
        Written written = store.add(fresh.token(), seen);
        if (written == Written.FULL && dropExpired()) {
            written = store.add(
                    fresh.token(), TokenStore.ANY); // the condition has held; what is over is missed by nobody
        }
        if (written == Written.OVERTAKEN) {
            throw overtaken();
        }
        if (written == Written.FULL) {
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
                .header("Location", PATH + "/" + fresh.token().id())
                .header("ETag", tag(tokens.version()));
    }

    /** Makes room; false = there was nothing to drop. */
    private boolean dropExpired() {
        tokens.reload();
        long now = clock.millis();
        List<Token> over =
                tokens.all().stream().filter(token -> token.over(now)).toList();
        over.forEach(token -> store.remove(token.id(), now, TokenStore.ANY));
        return !over.isEmpty();
    }

    private Reply revoke(Call call) {
        String id = call.path("id");
        Written written = id.matches(Token.ID) ? store.remove(id, clock.millis(), seen(call)) : Written.NONE;
        if (written == Written.OVERTAKEN) {
            throw overtaken();
        }
        if (written == Written.NONE) {
            throw Problem.notFound("token", Text.shown(id));
        }
        tokens.reload();
        return Reply.noContent();
    }
}
