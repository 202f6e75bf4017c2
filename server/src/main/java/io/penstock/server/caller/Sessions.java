package io.penstock.server.caller;

import io.penstock.runtime.Clock;
import io.penstock.server.wire.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Proofs, kept by browsers in a cookie, that the token was shown.
 *
 * <p>A proof is an id, its end, whose it is and an HMAC under a key made of the token: it survives a restart, servers with the same
 * token know each other's, and another token ends all of them. Ended ones are remembered by this process until they
 * would end by themselves, the last {@value #MOST_ENDED} of them. Threads: safe.
 */
public final class Sessions {
    /** A working day: long enough not to be in the way, short enough for a browser that was left open. */
    private static final Duration LENGTH = Duration.ofHours(12);

    private static final int MOST_ENDED = 1_024;
    private static final int ID_BYTES = 16;

    /** An id of 22, a time of at most 9, whose it is and a MAC of 43 characters. */
    private static final int MOST_CHARACTERS = 1_024;

    /** What whose it is may take: a cookie of 4 KiB is the most that every browser keeps. */
    static final int MOST_OWNER = 900;

    private final String key;
    private final String cookie;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Long> ended = new LinkedHashMap<>();

    /**
     * One proof.
     *
     * @param owner whose it is, as was said when it was opened
     */
    public record Session(String id, Instant endsAt, String owner) {}

    public Sessions(String token, Clock clock) {
        this.key = "penstock session " + token;
        this.clock = clock;
        this.cookie = "penstock_" + Digest.hex("cookie " + token, 4);
    }

    /** Returns the name of the cookie: cookies know no ports, so two servers of one machine need two names. */
    public String cookie() {
        return cookie;
    }

    /** Returns the time that a session lasts. */
    public Duration length() {
        return LENGTH;
    }

    /**
     * Makes the text of a new session.
     *
     * @param owner whose it is: letters, digits, - and _; empty = the holder of the server's token
     */
    String open(String owner) {
        if (!owner.matches("[A-Za-z0-9_-]{0," + MOST_OWNER + "}")) {
            throw new IllegalArgumentException("owner of " + owner.length() + " characters is none of a session");
        }
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        long end = clock.millis() + LENGTH.toMillis();
        String head = base64(id) + "." + Long.toString(end, Character.MAX_RADIX) + "." + owner;
        return head + "." + base64(Digest.hmac(key, head));
    }

    /** Returns the session of a text, or null if it was not made here, is over or was ended. */
    public @Nullable Session find(@Nullable String text) {
        if (text == null || text.length() > MOST_CHARACTERS) {
            return null;
        }
        int mac = text.lastIndexOf('.');
        int dot = text.indexOf('.');
        int second = text.indexOf('.', dot + 1);
        if (dot < 1 || second <= dot || mac <= second) {
            return null;
        }
        String head = text.substring(0, mac);
        byte[] given = text.substring(mac + 1).getBytes(StandardCharsets.ISO_8859_1);
        byte[] wanted = base64(Digest.hmac(key, head)).getBytes(StandardCharsets.ISO_8859_1);
        if (!MessageDigest.isEqual(given, wanted)) {
            return null;
        }
        String id = head.substring(0, dot);
        long end = Long.parseLong(head.substring(dot + 1, second), Character.MAX_RADIX); // ours: the MAC says so
        String owner = head.substring(second + 1);
        synchronized (ended) {
            boolean over = end <= clock.millis() || ended.containsKey(id);
            return over ? null : new Session(id, Instant.ofEpochMilli(end), owner);
        }
    }

    /** Ends a session. */
    public void end(Session session) {
        synchronized (ended) {
            long now = clock.millis();
            ended.values().removeIf(end -> end <= now);
            if (ended.size() >= MOST_ENDED) {
                ended.remove(ended.keySet().iterator().next());
            }
            ended.put(session.id(), session.endsAt().toEpochMilli());
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
