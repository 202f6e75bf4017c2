package io.penstock.server.http;

import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the holder of the bearer token, or of a session that it opened, from anybody else.
 *
 * <p>Only the digest of the token is kept, and digests are compared in constant time, so the time of an answer says
 * nothing about how much of a guess was right.
 */
public final class Auth {
    private static final String SCHEME = "bearer ";

    private static final HttpString ASKED_BY = new HttpString("X-Requested-With");
    private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");
    private static final Set<String> HARMLESS = Set.of("GET", "HEAD", "OPTIONS");

    private final byte[] digest;
    private final Caller holder;
    private final Sessions sessions;

    /** @param sessions those that the same token opened */
    public Auth(String token, Sessions sessions) {
        this.digest = Digest.sha256(token);
        this.holder = new Caller(Digest.hex(token, 8), Role.ADMIN, List.of());
        this.sessions = sessions;
    }

    /**
     * Passes the right token, or a session whose writes come from our own pages.
     *
     * @return whoever asks
     * @throws Problem UNAUTHORIZED otherwise, FOREIGN_ORIGIN for a write that another site had the browser send
     */
    Caller check(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        String header = headers.getFirst(Headers.AUTHORIZATION);
        boolean session = header == null && sessions.find(cookie(headers, sessions.cookie())) != null;
        if (!session) {
            return check(header);
        }
        if (!HARMLESS.contains(exchange.getRequestMethod().toString())) {
            checkOrigin(headers);
        }
        return holder;
    }

    /**
     * A browser sends the cookie also for pages that are not ours. SameSite=Strict keeps that to our own site; another
     * port of this machine is the same site, so these three must be right as well.
     */
    private static void checkOrigin(HeaderMap headers) {
        String origin = headers.getFirst(Headers.ORIGIN);
        String host = headers.getFirst(Headers.HOST);
        String site = headers.getFirst(FETCH_SITE);
        boolean ours = origin == null
                || (host != null && origin.replaceFirst("^https?://", "").equalsIgnoreCase(host));
        boolean same = site == null || site.equals("same-origin");
        if (!ours || !same || headers.getFirst(ASKED_BY) == null) {
            throw Problem.of(
                    ProblemType.FOREIGN_ORIGIN,
                    "a write by session must come from this server's own pages: header X-Requested-With, an Origin that"
                            + " is this host and Sec-Fetch-Site same-origin; nothing was done; scripts send a bearer token");
        }
    }

    /** Returns the value of a cookie, or null; read by hand because one that is malformed is no error of ours. */
    static @Nullable String cookie(HeaderMap headers, String name) {
        String all = headers.getFirst(Headers.COOKIE);
        for (String each : all == null ? new String[0] : all.split(";", -1)) {
            String pair = each.strip();
            if (pair.startsWith(name + "=")) {
                return pair.substring(name.length() + 1);
            }
        }
        return null;
    }

    /** Tells whether this is the token. */
    public boolean matches(String token) {
        return MessageDigest.isEqual(digest, Digest.sha256(token));
    }

    /**
     * Passes the right token.
     *
     * @param header the Authorization header
     * @return whoever holds it
     * @throws Problem UNAUTHORIZED otherwise
     */
    Caller check(@Nullable String header) {
        if (header == null) {
            throw Problem.unauthorized(
                    "the Authorization header is missing; nothing was done; send \"Authorization: Bearer TOKEN\""
                            + " with the token of the file \"token\" in the server's data directory or of PENSTOCK_TOKEN");
        }
        boolean bearer = header.length() > SCHEME.length() && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        if (!bearer
                || !MessageDigest.isEqual(
                        digest, Digest.sha256(header.substring(SCHEME.length()).strip()))) {
            throw Problem.unauthorized(
                    "the token is not this server's; nothing was done; send \"Authorization: Bearer TOKEN\""
                            + " with the token of the file \"token\" in the server's data directory or of PENSTOCK_TOKEN");
        }
        return holder;
    }
}
