package io.penstock.server.channel;

import io.penstock.server.wire.Digest;
import java.util.Base64;

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
        return Base64.getEncoder().encodeToString(Digest.hmac(key, text));
    }
}
