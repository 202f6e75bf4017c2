package io.penstock.server.oidc;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Timer;
import io.penstock.server.caller.Caller;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sign-in by code with PKCE: begun here, done at the issuer, ended here.
 *
 * <p>Bounds: {@value #MOST_AT_ONCE} conversations with the issuer at a time, and the last {@value #MOST_USED} sign-ins
 * that were answered are remembered. Threads: safe; waits for the issuer.
 */
public final class OidcSignIn {
    /** What a person takes with a second factor. */
    public static final Duration LENGTH = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(OidcSignIn.class);
    private static final int MOST_AT_ONCE = 4;
    private static final int MOST_USED = 1_024;

    private final OidcConfig config;
    private final Issuer issuer;
    private final IdToken tokens;
    private final Clock clock;
    private final String key;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);
    private final Outage outage;
    private final Map<String, Long> used = new LinkedHashMap<>(); // state to end, guarded by itself

    /** @param token the server's own: sign-ins begun at a server with the same one may end here */
    public OidcSignIn(OidcConfig config, String token, Clock clock, Timer timer) {
        this.config = config;
        this.issuer = new Issuer(config, clock, timer);
        this.tokens = new IdToken(config, issuer);
        this.clock = clock;
        this.outage = new Outage(LOG, clock, "asking the issuer");
        this.key = "penstock oidc " + token;
    }

    public OidcConfig config() {
        return config;
    }

    /** Where the browser goes, and what it keeps until it is back. */
    public record Begun(URI page, String cookie) {}

    /**
     * Begins one.
     *
     * @param redirect where the issuer sends the browser back to
     * @throws RefusedException AWAY or ISSUER
     */
    public Begun begin(String redirect) throws RefusedException {
        Pending pending = Pending.begin(clock.millis() + LENGTH.toMillis());
        return alone(() -> new Begun(issuer.signIn(pending, redirect), pending.write(key)));
    }

    /**
     * Ends one.
     *
     * @param cookie what the browser kept
     * @param state as the issuer gave it back
     * @return who signed in
     * @throws RefusedException if anything at all does not fit; nobody is signed in then
     */
    public Caller end(@Nullable String cookie, String state, String code, String redirect) throws RefusedException {
        Pending pending = Pending.read(cookie, key, clock.millis());
        if (pending == null || !Pending.same(pending.state(), state) || !first(pending)) {
            throw new RefusedException(
                    Refusal.STATE,
                    "the answer belongs to no sign-in of this browser, or to one that was answered or is over");
        }
        return alone(() -> tokens.check(issuer.redeem(code, pending, redirect), pending.nonce(), clock.millis()));
    }

    private boolean first(Pending pending) {
        synchronized (used) {
            long now = clock.millis();
            used.values().removeIf(end -> end <= now);
            if (used.size() >= MOST_USED) {
                used.remove(used.keySet().iterator().next());
            }
            return used.putIfAbsent(pending.state(), pending.endMillis()) == null;
        }
    }

    private interface Work<T> {
        T done() throws RefusedException;
    }

    /** A slow issuer must not take all threads that answer. */
    private <T> T alone(Work<T> work) throws RefusedException {
        if (!places.tryAcquire()) {
            throw new RefusedException(Refusal.AWAY, MOST_AT_ONCE + " sign-ins are waiting for the issuer already");
        }
        try {
            T done = work.done();
            outage.worked();
            return done;
        } catch (RefusedException refused) {
            if (refused.why() == Refusal.AWAY) {
                outage.failed(refused);
            }
            throw refused;
        } finally {
            places.release();
        }
    }
}
