package io.penstock.server.http;

import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Problem;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Tells the holder of the bearer token from anybody else.
 *
 * <p>Only the digest of the token is kept, and digests are compared in constant time, so the time of an answer says
 * nothing about how much of a guess was right.
 */
public final class Auth {
    private static final String SCHEME = "bearer ";

    private final byte[] digest;
    private final String name;

    public Auth(String token) {
        this.digest = Digest.sha256(token);
        this.name = Digest.hex(token, 8);
    }

    /**
     * Passes the right token.
     *
     * @param header the Authorization header
     * @return a name for whoever holds it, which says nothing about the token
     * @throws Problem UNAUTHORIZED otherwise
     */
    String check(@Nullable String header) {
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
        return name;
    }
}
