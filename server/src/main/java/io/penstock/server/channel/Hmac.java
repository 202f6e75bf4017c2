package io.penstock.server.channel;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 as the vendors of chat rooms use it, each in a way of its own. */
final class Hmac {
    private Hmac() {}

    /** DingTalk: the secret is the key, and what is signed holds it once more. */
    static String dingTalk(String secret, long millis) {
        return base64(secret, millis + "\n" + secret);
    }

    /** Feishu: time and secret are the key, and what is signed is empty. */
    static String feishu(String secret, long seconds) {
        return base64(seconds + "\n" + secret, "");
    }

    private static String base64(String key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has HmacSHA256", impossible);
        }
    }
}
