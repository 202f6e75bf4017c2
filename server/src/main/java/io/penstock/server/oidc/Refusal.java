package io.penstock.server.oidc;

import java.util.Locale;

/** Why nobody was signed in. */
public enum Refusal {
    /** The answer belongs to no sign-in of this browser, or to one that is over or was answered before. */
    STATE,
    /** The issuer or the person said no. */
    DENIED,
    /** The issuer did not answer, not in time, or not as it should. */
    AWAY,
    /** The ID token is missing, cut or not signed. */
    UNSIGNED,
    /** Its key is none of the issuer's. */
    KEY,
    /** Its signature is wrong. */
    SIGNATURE,
    /** It is of another issuer. */
    ISSUER,
    /** It is for another client. */
    AUDIENCE,
    /** It is over, or not yet begun. */
    EXPIRED,
    /** It answers another request. */
    NONCE,
    /** The person has no role here. */
    ROLE;

    /** Returns its name in the address of the sign-in page. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
