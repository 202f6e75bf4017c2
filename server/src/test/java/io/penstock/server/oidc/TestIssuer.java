package io.penstock.server.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.penstock.server.settings.Setting;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** An OpenID Connect issuer on a socket of its own, which lies as it is told. */
public final class TestIssuer implements AutoCloseable {
    static final String CLIENT = "penstock";
    static final String SECRET = "a secret, with: signs & umlauts ä";

    /** How its answer is wrong. */
    public enum Lie {
        NONE,
        NONCE,
        NO_NONCE,
        AUDIENCE,
        SECOND_AUDIENCE,
        ISSUER,
        EXPIRED,
        FROM_THE_FUTURE,
        ALG_NONE,
        SHARED_SECRET,
        STRANGE_KEY,
        SIGNATURE,
        NO_TOKEN,
        ENDLESS,
        STATE
    }

    private final ECKey key;
    private final ECKey strange;
    private final ECKey forger;
    private final Undertow undertow;
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    public volatile Lie lie = Lie.NONE;
    volatile String described = "";
    volatile int seconds = 36_000;
    volatile Map<String, Object> claims = Map.of("groups", List.of("ops", "others"));

    public TestIssuer() throws JOSEException {
        key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        strange = new ECKeyGenerator(Curve.P_256).keyID("strange").generate();
        forger = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        undertow = Undertow.builder()
                .addHttpListener(0, "127.0.0.1", this::answer)
                .setIoThreads(1)
                .setWorkerThreads(1)
                .build();
        undertow.start();
    }

    String url() {
        InetSocketAddress address =
                (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
        return "http://127.0.0.1:" + address.getPort();
    }

    /** What a server is told so that it believes this issuer. */
    public Map<Setting, String> settings() {
        return Map.of(
                Setting.OIDC_ISSUER,
                url(),
                Setting.OIDC_CLIENT_ID,
                CLIENT,
                Setting.OIDC_CLIENT_SECRET,
                SECRET,
                Setting.OIDC_ROLES,
                "ops=operator, root=admin,look=viewer");
    }

    private void answer(HttpServerExchange exchange) throws Exception {
        switch (exchange.getRelativePath()) {
            case "/.well-known/openid-configuration" ->
                json(
                        exchange,
                        Map.of(
                                "issuer", described.isEmpty() ? url() : described,
                                "authorization_endpoint", url() + "/authorize",
                                "token_endpoint", url() + "/token",
                                "jwks_uri", url() + "/keys"));
            case "/keys" -> json(exchange, new JWKSet(key).toPublicJWKSet().toJSONObject());
            case "/authorize" -> authorize(exchange);
            case "/token" -> exchange.getRequestReceiver().receiveFullString(this::token);
            default -> exchange.setStatusCode(404).endExchange();
        }
    }

    private static void json(HttpServerExchange exchange, Map<String, Object> value) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(JSONObjectUtils.toJSONString(value));
    }

    private void authorize(HttpServerExchange exchange) {
        Map<String, String> asked = new HashMap<>();
        exchange.getQueryParameters().forEach((name, values) -> asked.put(name, values.getFirst()));
        boolean whole = asked.keySet()
                .containsAll(Set.of("client_id", "redirect_uri", "state", "nonce", "code_challenge", "scope"));
        if (!whole || !CLIENT.equals(asked.get("client_id")) || !"S256".equals(asked.get("code_challenge_method"))) {
            exchange.setStatusCode(400).endExchange();
            return;
        }
        String code = UUID.randomUUID().toString();
        codes.put(code, asked);
        exchange.setStatusCode(302);
        exchange.getResponseHeaders()
                .put(
                        Headers.LOCATION,
                        asked.get("redirect_uri") + "?code=" + code + "&state=" + asked.get("state")
                                + (lie == Lie.STATE ? "x" : "") + "&session_state=x");
        exchange.endExchange();
    }

    private void token(HttpServerExchange exchange, String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            form.put(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
        }
        Map<String, String> asked = codes.remove(String.valueOf(form.get("code")));
        String basic = String.valueOf(exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION));
        boolean right = asked != null
                && basic.startsWith("Basic ")
                && client(basic).equals(CLIENT + ":" + SECRET)
                && asked.get("redirect_uri").equals(form.get("redirect_uri"))
                && asked.get("code_challenge").equals(challenge(form.get("code_verifier")));
        if (!right) {
            exchange.setStatusCode(400).endExchange();
            return;
        }
        try {
            json(exchange, lie == Lie.NO_TOKEN ? Map.of("access_token", "x") : Map.of("id_token", idToken(asked)));
        } catch (JOSEException broken) {
            throw new AssertionError(broken);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String client(String basic) {
        String pair = new String(Base64.getDecoder().decode(basic.substring(6)), StandardCharsets.UTF_8);
        int colon = pair.indexOf(':');
        return decoded(pair.substring(0, colon)) + ":" + decoded(pair.substring(colon + 1));
    }

    private static String challenge(String verifier) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private String idToken(Map<String, String> asked) throws JOSEException {
        if (lie == Lie.ENDLESS) {
            return "x".repeat(IssuerClient.MOST_BYTES);
        }
        Instant now = Instant.now();
        JWTClaimsSet.Builder said = new JWTClaimsSet.Builder()
                .subject("subject-1")
                .issuer(lie == Lie.ISSUER ? url() + "/" : url())
                .issueTime(Date.from(lie == Lie.FROM_THE_FUTURE ? now.plusSeconds(36_000) : now))
                .expirationTime(Date.from(lie == Lie.EXPIRED ? now.minusSeconds(3_600) : now.plusSeconds(seconds)));
        switch (lie) {
            case AUDIENCE -> said.audience("another");
            case SECOND_AUDIENCE -> said.audience(List.of(CLIENT, "another"));
            default -> said.audience(CLIENT);
        }
        if (lie != Lie.NO_NONCE) {
            said.claim("nonce", lie == Lie.NONCE ? "another" : asked.get("nonce"));
        }
        claims.forEach(said::claim);
        JWTClaimsSet whole = said.build();
        if (lie == Lie.ALG_NONE) {
            return new PlainJWT(whole).serialize();
        }
        if (lie == Lie.SHARED_SECRET) {
            SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), whole);
            token.sign(new MACSigner(new byte[32]));
            return token.serialize();
        }
        ECKey with = lie == Lie.STRANGE_KEY ? strange : lie == Lie.SIGNATURE ? forger : key;
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(with.getKeyID()).build(), whole);
        token.sign(new ECDSASigner(with));
        return token.serialize();
    }

    @Override
    public void close() {
        undertow.stop();
    }
}
