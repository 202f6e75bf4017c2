package io.penstock.server.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.penstock.server.caller.Auth;
import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Role;
import io.penstock.server.wire.Text;
import java.text.ParseException;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks ID tokens: signature, issuer, audience, time and nonce, each exactly, and says who it is and what he may. */
final class IdToken {
    /** With public keys only: a token that is "signed" with a secret could be signed with our own public key's text. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    /** Two clocks of decent machines. */
    private static final long SKEW_MILLIS = Duration.ofMinutes(1).toMillis();

    private static final int LONGEST_NAME = 200;

    /** As many as a token may have. */
    private static final int MOST_QUEUES = 32;

    private final OidcConfig config;
    private final Issuer issuer;

    IdToken(OidcConfig config, Issuer issuer) {
        this.config = config;
        this.issuer = issuer;
    }

    /** @throws RefusedException with the first thing that is wrong */
    Caller check(String text, String nonce, long nowMillis) throws RefusedException {
        try {
            SignedJWT token = SignedJWT.parse(text); // "alg none" is no signed token
            verify(token);
            JWTClaimsSet claims = token.getJWTClaimsSet();
            checkClaims(claims, nonce, nowMillis);
            return caller(claims);
        } catch (ParseException unreadable) {
            throw new RefusedException(Refusal.UNSIGNED, "the ID token is not a signed one");
        }
    }

    private void verify(SignedJWT token) throws RefusedException {
        JWSHeader header = token.getHeader();
        if (!ALGORITHMS.contains(header.getAlgorithm())) {
            throw new RefusedException(Refusal.UNSIGNED, "the ID token is signed with none of " + ALGORITHMS);
        }
        JWKSelector fitting = new JWKSelector(JWKMatcher.forJWSHeader(header));
        List<JWK> keys = fitting.select(issuer.keys(false));
        if (keys.isEmpty()) {
            keys = fitting.select(issuer.keys(true));
        }
        if (keys.isEmpty()) {
            throw new RefusedException(Refusal.KEY, "the key of the ID token is not in the issuer's key set");
        }
        for (JWK key : keys) {
            if (verified(token, header, key)) {
                return;
            }
        }
        throw new RefusedException(Refusal.SIGNATURE, "the signature of the ID token is wrong");
    }

    private static boolean verified(SignedJWT token, JWSHeader header, JWK key) {
        try {
            JWSVerifier verifier = key instanceof AsymmetricJWK pair
                    ? new DefaultJWSVerifierFactory().createJWSVerifier(header, pair.toPublicKey())
                    : null;
            return verifier != null && token.verify(verifier);
        } catch (JOSEException unfit) {
            return false;
        }
    }

    private void checkClaims(JWTClaimsSet claims, String nonce, long nowMillis)
            throws RefusedException, ParseException {
        require(config.issuer().equals(claims.getIssuer()), Refusal.ISSUER, "the ID token is of another issuer");
        boolean ours = claims.getAudience().equals(List.of(config.clientId()));
        String party = claims.getStringClaim("azp");
        require(
                ours && (party == null || party.equals(config.clientId())),
                Refusal.AUDIENCE,
                "the ID token is not for this client, or not for it alone");
        Date end = claims.getExpirationTime();
        require(
                end != null && end.toInstant().toEpochMilli() + SKEW_MILLIS > nowMillis,
                Refusal.EXPIRED,
                "the ID token is over, or has no end");
        require(begun(claims.getIssueTime(), nowMillis), Refusal.EXPIRED, "the ID token is from the future");
        require(begun(claims.getNotBeforeTime(), nowMillis), Refusal.EXPIRED, "the ID token does not hold yet");
        String said = claims.getStringClaim("nonce");
        require(
                said != null && Pending.same(said, nonce),
                Refusal.NONCE,
                "the ID token answers another request than this browser's");
    }

    private static boolean begun(@Nullable Date at, long nowMillis) {
        return at == null || at.toInstant().toEpochMilli() - SKEW_MILLIS <= nowMillis;
    }

    private static void require(boolean right, Refusal why, String message) throws RefusedException {
        if (!right) {
            throw new RefusedException(why, message);
        }
    }

    private Caller caller(JWTClaimsSet claims) throws RefusedException, ParseException {
        String subject = claims.getSubject();
        require(subject != null && !subject.isBlank(), Refusal.ROLE, "the ID token says not who it is of");
        boolean verified = Boolean.TRUE.equals(claims.getClaim("email_verified"));
        // anybody may write any address into his profile
        require(
                verified || !config.claim().equals("email"),
                Refusal.ROLE,
                "the address in the ID token is not a verified one");
        Role role = config.role(texts(claims, config.claim()));
        require(
                role != null && role.person(),
                Refusal.ROLE,
                "nothing in the claim " + config.claim() + " has a role for people in oidc.roles");
        String mail = verified ? claims.getStringClaim("email") : null;
        String name = (mail == null ? String.valueOf(subject) : mail).replaceAll("[^!-~]", "?");
        String cut = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
        Caller caller = new Caller("oidc:" + cut, Objects.requireNonNull(role), queues(claims));
        require(Auth.room(caller), Refusal.ROLE, "a session has no room for so many queue patterns and so long a name");
        return caller;
    }

    private static List<String> texts(JWTClaimsSet claims, String name) throws ParseException {
        Object claim = claims.getClaim(name);
        return claim instanceof String one
                ? List.of(one)
                : claim instanceof List<?> ? claims.getStringListClaim(name) : List.of();
    }

    /** A claim that is missing, empty or holds anything else is nobody's right to all queues. */
    private List<String> queues(JWTClaimsSet claims) throws RefusedException, ParseException {
        if (config.queues().isEmpty()) {
            return List.of();
        }
        List<String> patterns = texts(claims, config.queues());
        require(
                !patterns.isEmpty() && patterns.size() <= MOST_QUEUES,
                Refusal.ROLE,
                "the claim " + config.queues() + " has not 1 to " + MOST_QUEUES + " queue patterns");
        if (patterns.contains(OidcConfig.ALL)) {
            return List.of();
        }
        for (String pattern : patterns) {
            require(
                    Caller.pattern(pattern),
                    Refusal.ROLE,
                    "the claim " + config.queues() + " has \"" + Text.shown(pattern) + "\", which is no queue pattern");
        }
        return patterns.stream().distinct().toList();
    }
}
