package io.penstock.server.oidc;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Timer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The issuer as it describes itself, and the exchange of a code for an ID token.
 *
 * <p>Bound: one description and one set of keys, each looked at again after {@link #FRESH}. Threads: safe; waits for the
 * issuer, at most {@link IssuerClient#LONGEST} a question.
 */
final class Issuer {
    private static final long FRESH = Duration.ofHours(1).toNanos();

    /** A token with an unknown key makes us look for new keys, but not as often as somebody sends one. */
    private static final long KEYS_AGAIN = Duration.ofSeconds(30).toNanos();

    private static final String BASIC = "client_secret_basic";

    private final OidcConfig config;
    private final IssuerClient client;
    private final Clock clock;
    private @Nullable Described described; // guarded by this
    private @Nullable Keys keys; // guarded by this

    /** What discovery told. */
    record Described(URI authorization, URI token, URI keys, boolean basic, long atNanos) {}

    private record Keys(JWKSet set, long atNanos) {}

    Issuer(OidcConfig config, Clock clock, Timer timer) {
        this.config = config;
        this.clock = clock;
        this.client = new IssuerClient(timer, IssuerClient.LONGEST);
    }

    /** @throws RefusedException AWAY */
    synchronized Described described() throws RefusedException {
        Described known = described;
        if (known == null || clock.nanos() - known.atNanos() > FRESH) {
            known = discover();
            described = known;
        }
        return known;
    }

    private Described discover() throws RefusedException {
        String base = config.issuer().replaceFirst("/$", "");
        Map<String, Object> json = json("discovery", URI.create(base + "/.well-known/openid-configuration"));
        if (!config.issuer().equals(json.get("issuer"))) {
            throw new RefusedException(
                    Refusal.ISSUER,
                    "discovery names another issuer than oidc.issuer, which must be equal to the letter");
        }
        boolean basic = !(json.get("token_endpoint_auth_methods_supported") instanceof List<?> methods)
                || methods.isEmpty()
                || methods.contains(BASIC);
        return new Described(
                address(json, "authorization_endpoint"),
                address(json, "token_endpoint"),
                address(json, "jwks_uri"),
                basic,
                clock.nanos());
    }

    private static URI address(Map<String, Object> json, String name) throws RefusedException {
        try {
            URI address = URI.create(String.valueOf(json.get(name)));
            if (IssuerClient.safe(address)) {
                return address;
            }
        } catch (IllegalArgumentException none) {
            // told below
        }
        throw new RefusedException(Refusal.AWAY, "discovery has no safe address as " + name);
    }

    private Map<String, Object> json(String what, URI address) throws RefusedException {
        try {
            IssuerClient.Answer answer = client.get(address);
            if (answer.status() != 200) {
                throw new RefusedException(Refusal.AWAY, what + " of the issuer answered " + answer.status());
            }
            return JSONObjectUtils.parse(answer.body());
        } catch (IOException | ParseException away) {
            throw new RefusedException(Refusal.AWAY, what + " of the issuer: " + away.getMessage());
        }
    }

    /**
     * Returns the issuer's keys.
     *
     * @param unknown a key is missing in those that are known: look again, unless that was done a moment ago
     * @throws RefusedException AWAY
     */
    synchronized JWKSet keys(boolean unknown) throws RefusedException {
        Keys known = keys;
        long age = known == null ? Long.MAX_VALUE : clock.nanos() - known.atNanos();
        if (known == null || age > FRESH || (unknown && age > KEYS_AGAIN)) {
            try {
                known = new Keys(JWKSet.parse(json("the key set", described().keys())), clock.nanos());
            } catch (ParseException broken) {
                throw new RefusedException(Refusal.AWAY, "the key set of the issuer is none");
            }
            keys = known;
        }
        return known.set();
    }

    /** Returns where a browser goes to sign in. */
    URI signIn(Pending pending, String redirect) throws RefusedException {
        Map<String, String> query = new TreeMap<>(Map.of(
                "response_type",
                "code",
                "scope",
                "openid profile email",
                "client_id",
                config.clientId(),
                "redirect_uri",
                redirect,
                "state",
                pending.state(),
                "nonce",
                pending.nonce(),
                "code_challenge",
                pending.challenge(),
                "code_challenge_method",
                "S256"));
        URI page = described().authorization();
        String glue = page.getRawQuery() == null ? "?" : "&";
        return URI.create(page + glue + form(query));
    }

    /**
     * Exchanges a code.
     *
     * @return the ID token as it came
     * @throws RefusedException AWAY, DENIED or UNSIGNED
     */
    String redeem(String code, Pending pending, String redirect) throws RefusedException {
        Map<String, String> form = new TreeMap<>(Map.of(
                "grant_type",
                "authorization_code",
                "code",
                code,
                "redirect_uri",
                redirect,
                "client_id",
                config.clientId(),
                "code_verifier",
                pending.verifier()));
        Described now = described();
        Map<String, String> headers = Map.of();
        if (!config.secret().isEmpty() && now.basic()) {
            String pair = encoded(config.clientId()) + ":" + encoded(config.secret());
            headers = Map.of(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        } else if (!config.secret().isEmpty()) {
            form.put("client_secret", config.secret());
        }
        try {
            IssuerClient.Answer answer = client.post(now.token(), headers, form(form));
            if (answer.status() != 200) {
                throw new RefusedException(Refusal.DENIED, "the token endpoint answered " + answer.status());
            }
            if (JSONObjectUtils.parse(answer.body()).get("id_token") instanceof String token) {
                return token;
            }
            throw new RefusedException(Refusal.UNSIGNED, "the token endpoint gave no ID token");
        } catch (IOException | ParseException away) {
            throw new RefusedException(Refusal.AWAY, "the token endpoint: " + away.getMessage());
        }
    }

    private static String form(Map<String, String> fields) {
        StringBuilder form = new StringBuilder();
        fields.forEach((name, value) ->
                form.append(form.isEmpty() ? "" : "&").append(name).append('=').append(encoded(value)));
        return form.toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
