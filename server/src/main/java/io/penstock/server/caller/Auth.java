package io.penstock.server.caller;

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
 * Tells the holders of tokens, and of the sessions that they opened, from anybody else.
 *
 * <p>Only digests of tokens are kept, and digests are compared in constant time, so the time of an answer says nothing
 * about how much of a guess was right. Threads: safe, never waits.
 */
public final class Auth {
    private static final String SCHEME = "bearer ";

    /** First letter of the owner of a session: a token that was given out, or a person whom the issuer vouched for. */
    private static final char BY_TOKEN = 't';

    private static final char BY_ISSUER = 'o';

    private static final HttpString ASKED_BY = new HttpString("X-Requested-With");
    private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");
    private static final Set<String> HARMLESS = Set.of("GET", "HEAD", "OPTIONS");

    private final byte[] digest;
    private final Caller own;
    private final Sessions sessions;
    private final Holders holders;

    /**
     * Knows the server's own token, whose holder is the admin, and those that were given out.
     *
     * @param sessions those that these open
     */
    public Auth(String token, Sessions sessions, Holders holders) {
        this.digest = Digest.sha256(token);
        this.own = new Caller(Digest.hex(token, 8), Role.ADMIN, List.of());
        this.sessions = sessions;
        this.holders = holders;
    }

    /**
     * Passes a token, or a session whose writes come from our own pages.
     *
     * @return whoever asks
     * @throws Problem UNAUTHORIZED otherwise, FOREIGN_ORIGIN for a write that another site had the browser send
     */
    public Caller check(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        String header = headers.getFirst(Headers.AUTHORIZATION);
        Caller caller = header == null ? owner(cookie(headers, sessions.cookie())) : null;
        if (caller == null) {
            return check(header);
        }
        if (!HARMLESS.contains(exchange.getRequestMethod().toString())) {
            checkOrigin(headers);
        }
        return caller;
    }

    /** Tells whether whoever was let in would still be. */
    public boolean still(HttpServerExchange exchange) {
        try {
            HeaderMap headers = exchange.getRequestHeaders();
            String header = headers.getFirst(Headers.AUTHORIZATION);
            return header == null
                    ? owner(cookie(headers, sessions.cookie())) != null
                    : check(header).role() != null;
        } catch (Problem refused) {
            return refused.type() != ProblemType.UNAUTHORIZED;
        }
    }

    /** Returns whoever a session is of; null = there is no such session, or nobody who owns it any more. */
    private @Nullable Caller owner(@Nullable String text) {
        Sessions.Session session = sessions.find(text);
        if (session == null || session.owner().isEmpty()) {
            return session == null ? null : own;
        }
        String rest = session.owner().substring(1);
        return session.owner().charAt(0) == BY_TOKEN ? holders.ofId(rest) : Vouched.read(rest);
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
    public static @Nullable String cookie(HeaderMap headers, String name) {
        String all = headers.getFirst(Headers.COOKIE);
        for (String each : all == null ? new String[0] : all.split(";", -1)) {
            String pair = each.strip();
            if (pair.startsWith(name + "=")) {
                return pair.substring(name.length() + 1);
            }
        }
        return null;
    }

    /** Someone who may sign in, and the session that this opens. */
    public record SignedIn(Caller caller, String session) {}

    /** Opens a session for the holder of a token; null = it is nobody's. */
    public @Nullable SignedIn signIn(String token) {
        if (MessageDigest.isEqual(digest, Digest.sha256(token))) {
            return signInOwn();
        }
        Caller caller = holders.of(token);
        return caller == null ? null : new SignedIn(caller, sessions.open(BY_TOKEN + holders.id(token)));
    }

    /** Opens a session for the holder of the server's own token, who has shown that in another way. */
    public SignedIn signInOwn() {
        return new SignedIn(own, sessions.open(""));
    }

    /** Tells whether a session has room for a person's name and queues. */
    public static boolean room(Caller caller) {
        return Vouched.fits(caller);
    }

    /** Opens a session for a person whom the issuer vouched for; it outlives the ID token, which issuers let end within minutes. */
    public SignedIn signIn(Caller caller) {
        return new SignedIn(caller, sessions.open(BY_ISSUER + Vouched.write(caller)));
    }

    /**
     * Passes a token.
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
        String token = bearer ? header.substring(SCHEME.length()).strip() : "";
        Caller caller = MessageDigest.isEqual(digest, Digest.sha256(token)) ? own : holders.of(token);
        if (caller == null) {
            throw Problem.unauthorized(
                    "the token is not this server's, was revoked or is over; nothing was done; send \"Authorization: Bearer"
                            + " TOKEN\" with the token of the file \"token\" in the server's data directory, of PENSTOCK_TOKEN,"
                            + " or one that an admin made");
        }
        return caller;
    }
}
