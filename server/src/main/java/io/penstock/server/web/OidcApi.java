package io.penstock.server.web;

import io.penstock.server.caller.Auth;
import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Sessions;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.oidc.OidcSignIn;
import io.penstock.server.oidc.Refusal;
import io.penstock.server.oidc.RefusedException;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sign-in by the issuer, as the browser goes through it: there, and back.
 *
 * <p>Who is refused lands on the sign-in page, which says why; the log has it in full.
 */
public final class OidcApi {
    private static final Logger LOG = LoggerFactory.getLogger(OidcApi.class);
    private static final String BEGIN = "/api/v1/sessions/oidc";
    private static final String END = BEGIN + "/callback";
    private static final byte[] NOTHING = {};

    private final Sessions sessions;
    private final Auth auth;
    private final @Nullable OidcSignIn issuer;

    /** @param issuer null = tokens only */
    public OidcApi(Sessions sessions, Auth auth, @Nullable OidcSignIn issuer) {
        this.sessions = sessions;
        this.auth = auth;
        this.issuer = issuer;
    }

    /** Returns the routes of sign-in by the issuer. */
    public List<Route> routes() {
        return List.of(
                Route.get("/api/v1/sessions", call -> ways()).asOpen().asInstant(),
                Route.get(BEGIN, this::begin).asOpen(),
                // what issuers add to the two that matter
                Route.get(END, this::end)
                        .query(
                                "code",
                                "state",
                                "iss",
                                "error",
                                "error_description",
                                "error_uri",
                                "session_state",
                                "scope",
                                "authuser",
                                "hd",
                                "prompt")
                        .asOpen());
    }

    private Reply ways() {
        String host = issuer == null ? null : issuer.config().host();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeBooleanField("token", true);
            json.writeStringField("issuer", host);
            json.writeEndObject();
        });
    }

    private OidcSignIn issuer() {
        if (issuer == null) {
            throw Problem.of(
                    ProblemType.NOT_FOUND,
                    "there is no issuer to sign in with; nothing was begun; set oidc.issuer, or use a token");
        }
        return issuer;
    }

    private Reply begin(Call call) {
        OidcSignIn known = issuer();
        try {
            OidcSignIn.Begun begun = known.begin(redirect(call));
            return to(begun.page().toString()).header("Set-Cookie", cookie(call, begun.cookie()));
        } catch (RefusedException refused) {
            return refused(refused);
        }
    }

    /** Strict would keep it from the way back, which begins at the issuer's page. */
    private String cookie(Call call, String text) {
        return name() + "=" + text + "; Path=" + BEGIN + "; HttpOnly; SameSite=Lax; Max-Age="
                + OidcSignIn.LENGTH.toSeconds() + (call.secure() ? "; Secure" : "");
    }

    private String name() {
        return sessions.cookie() + "_oidc";
    }

    private static String redirect(Call call) {
        return (call.secure() ? "https://" : "http://") + call.header("Host") + END;
    }

    private Reply end(Call call) {
        OidcSignIn known = issuer();
        try {
            String code = call.query("code");
            String state = call.query("state");
            String iss = call.query("iss");
            if (call.query("error") != null || code == null || state == null) {
                throw new RefusedException(Refusal.DENIED, "the issuer sent the browser back without a code");
            }
            if (iss != null && !iss.equals(known.config().issuer())) {
                throw new RefusedException(Refusal.ISSUER, "another issuer sent the browser back");
            }
            Caller person = known.end(call.cookie(name()), state, code, redirect(call));
            Auth.SignedIn in = auth.signIn(person);
            LOG.info(
                    "signed in caller={} role={} by the issuer",
                    in.caller().name(),
                    in.caller().role().wire());
            // the page asks for the session itself: this cookie is not sent with a redirect that began elsewhere
            return to("/sign-in?in=oidc").header("Set-Cookie", SignInApi.cookie(sessions, call, in.session()));
        } catch (RefusedException refused) {
            return refused(refused);
        }
    }

    private static Reply refused(RefusedException refused) {
        String why = refused.why().wire();
        boolean anybody = refused.why() == Refusal.STATE || refused.why() == Refusal.DENIED;
        if (anybody) { // needs no issuer to bring about, so it must not fill the log
            LOG.debug("nobody was signed in by the issuer, reason={}", why);
        } else if (refused.why() != Refusal.AWAY) { // an outage is told once
            LOG.warn("nobody was signed in by the issuer, reason={}: {}", why, refused.getMessage());
        }
        return to("/sign-in?fault=" + why);
    }

    private static Reply to(String address) {
        return Reply.of(302, "text/plain; charset=utf-8", NOTHING).header("Location", address);
    }
}
