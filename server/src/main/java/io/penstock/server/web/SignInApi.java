package io.penstock.server.web;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.runtime.Clock;
import io.penstock.server.caller.Access;
import io.penstock.server.caller.Auth;
import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Sessions;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sign-in of people: a token, or the code of the link that the first start prints, becomes a cookie with what the token may. */
public final class SignInApi {
    private final Sessions sessions;
    private final Auth auth;
    private final SignInLink link;
    private final Attempts attempts;
    private final Face face;

    /**
     * How this server shows itself to those who sign in.
     *
     * @param environment what the operator calls this installation, may be empty
     * @param readOnly nothing may be changed
     */
    public record Face(String environment, boolean readOnly) {
        /** Reads it from the settings. */
        public static Face of(Settings settings) {
            return new Face(settings.text(Setting.ENVIRONMENT), settings.flag(Setting.READ_ONLY));
        }
    }

    public SignInApi(Sessions sessions, Auth auth, SignInLink link, Clock clock, Face face) {
        this.sessions = sessions;
        this.auth = auth;
        this.link = link;
        this.attempts = new Attempts(clock);
        this.face = face;
    }

    /** Returns the routes of sign-in. */
    public List<Route> routes() {
        return List.of(
                Route.post("/api/v1/sessions", this::open).asOpen().asInstant().asHarmless(),
                Route.get("/api/v1/session", call -> shown(200, call.caller(), current(call)))
                        .by(Access.KNOWN)
                        .asNarrow(),
                Route.delete("/api/v1/session", this::close)
                        .by(Access.KNOWN)
                        .asNarrow()
                        .asHarmless());
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
        Auth.SignedIn in = token != null ? auth.signIn(token.strip()) : used(String.valueOf(code));
        if (in == null) {
            attempts.failed(peer);
            throw Problem.unauthorized(
                    token != null
                            ? "this is neither the server's token nor one that an admin made and that still holds; nobody was signed"
                                    + " in; the server's is in the file \"token\" of the data directory, or what PENSTOCK_TOKEN says"
                            : "the sign-in link was used or is older than " + SignInLink.LENGTH.toMinutes()
                                    + " minutes; nobody was signed in; use the token of the file \"token\" in the data directory");
        }
        if (!in.caller().role().person()) {
            throw Problem.of(
                    ProblemType.FORBIDDEN,
                    "the dashboard needs one of the roles viewer, operator, admin, and this token has the role "
                            + in.caller().role().wire()
                            + ", which is for programs; nobody was signed in; use another token");
        }
        String text = in.session();
        return shown(201, in.caller(), sessions.find(text)).header("Set-Cookie", cookie(sessions, call, text));
    }

    private Auth.@Nullable SignedIn used(String code) {
        return link.use(code) ? auth.signInOwn() : null;
    }

    /** Returns the cookie of a session. */
    static String cookie(Sessions sessions, Call call, String text) {
        return cookie(sessions, call, text, sessions.length().toSeconds());
    }

    private static String cookie(Sessions sessions, Call call, String text, long seconds) {
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
        return Reply.noContent().header("Set-Cookie", cookie(sessions, call, "", 0));
    }

    private Reply shown(int status, Caller caller, Sessions.@Nullable Session session) {
        return Reply.json(status, json -> write(json, caller, session));
    }

    private void write(JsonGenerator json, Caller caller, Sessions.@Nullable Session session) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", caller.name());
        json.writeStringField("role", caller.role().wire());
        json.writeArrayFieldStart("queues");
        for (String queue : caller.queues()) {
            json.writeString(queue);
        }
        json.writeEndArray();
        json.writeBooleanField("readOnly", face.readOnly());
        Json.instant(json, "endsAt", session == null ? null : session.endsAt());
        json.writeStringField("environment", face.environment());
        json.writeEndObject();
    }
}
