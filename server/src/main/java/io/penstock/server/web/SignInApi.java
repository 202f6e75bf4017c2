package io.penstock.server.web;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.runtime.Clock;
import io.penstock.server.http.Auth;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.http.Sessions;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sign-in of people: a token, or the code of the link that the first start prints, becomes a cookie. */
public final class SignInApi {
    /** The one role that there is; whoever may sign in may do everything. The pages ask for it here and nowhere else. */
    private static final String ROLE = "admin";

    private final Sessions sessions;
    private final Auth auth;
    private final SignInLink link;
    private final Attempts attempts;
    private final String environment;

    /** @param environment what the operator calls this installation, may be empty */
    public SignInApi(Sessions sessions, Auth auth, SignInLink link, Clock clock, String environment) {
        this.sessions = sessions;
        this.auth = auth;
        this.link = link;
        this.attempts = new Attempts(clock);
        this.environment = environment;
    }

    /** Returns the routes of sign-in. */
    public List<Route> routes() {
        return List.of(
                Route.post("/api/v1/sessions", this::open).asOpen().asInstant(),
                Route.get("/api/v1/session", call -> shown(200, current(call))),
                Route.delete("/api/v1/session", this::close));
    }

    private Reply open(Call call) {
        String peer = call.peer();
        attempts.check(peer);
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("token", "code"));
        String token = fields.text("token");
        String code = fields.text("code");
        if ((token == null) == (code == null)) {
            throw Problem.invalid("", "send either token, or code, that of the sign-in link; nothing was done");
        }
        boolean right = token != null ? auth.matches(token.strip()) : code != null && link.use(code);
        if (!right) {
            attempts.failed(peer);
            throw Problem.unauthorized(
                    token != null
                            ? "this is not the server's token; nobody was signed in; it is in the file \"token\" of the data"
                                    + " directory, or what PENSTOCK_TOKEN says"
                            : "the sign-in link was used or is older than " + SignInLink.LENGTH.toMinutes()
                                    + " minutes; nobody was signed in; use the token of the file \"token\" in the data directory");
        }
        String text = sessions.open();
        return shown(201, sessions.find(text))
                .header("Set-Cookie", cookie(call, text, sessions.length().toSeconds()));
    }

    private String cookie(Call call, String text, long seconds) {
        return sessions.cookie() + "=" + text + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + seconds
                + (call.secure() ? "; Secure" : "");
    }

    private Sessions.@Nullable Session current(Call call) {
        return sessions.find(call.cookie(sessions.cookie()));
    }

    private Reply close(Call call) {
        Sessions.Session session = current(call);
        if (session != null) {
            sessions.end(session);
        }
        return Reply.noContent().header("Set-Cookie", cookie(call, "", 0));
    }

    private Reply shown(int status, Sessions.@Nullable Session session) {
        return Reply.json(status, json -> write(json, session));
    }

    private void write(JsonGenerator json, Sessions.@Nullable Session session) throws IOException {
        json.writeStartObject();
        json.writeStringField("role", ROLE);
        Json.instant(json, "endsAt", session == null ? null : session.endsAt());
        json.writeStringField("environment", environment);
        json.writeEndObject();
    }
}
