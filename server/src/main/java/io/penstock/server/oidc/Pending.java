package io.penstock.server.oidc;

import io.penstock.server.wire.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A sign-in that has begun: what its answer must fit. It waits in the browser, in a cookie under a MAC, so that nobody can
 * fill this process with sign-ins that never end.
 *
 * @param verifier of PKCE: who has the code alone has nothing
 */
record Pending(String state, String nonce, String verifier, long endMillis) {
    private static final int BYTES = 32; // 256 bits each; 43 characters, as PKCE wants at least
    private static final int MOST_CHARACTERS = 256;

    static Pending begin(long endMillis) {
        return new Pending(random(), random(), random(), endMillis);
    }

    private static String random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return base64(bytes);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    String challenge() {
        return base64(Digest.sha256(verifier));
    }

    String write(String key) {
        String text = state + "." + nonce + "." + verifier + "." + endMillis;
        return text + "." + base64(Digest.hmac(key, text));
    }

    /** Null = not made here, or over. */
    static @Nullable Pending read(@Nullable String text, String key, long nowMillis) {
        int mac = text == null || text.length() > MOST_CHARACTERS ? -1 : text.lastIndexOf('.');
        if (text == null || mac < 0) {
            return null;
        }
        String head = text.substring(0, mac);
        if (!same(text.substring(mac + 1), base64(Digest.hmac(key, head)))) {
            return null;
        }
        String[] parts = head.split("\\.", -1); // ours: the MAC says so
        long end = Long.parseLong(parts[3]);
        return end <= nowMillis ? null : new Pending(parts[0], parts[1], parts[2], end);
    }

    static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
