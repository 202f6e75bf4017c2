package io.penstock.payload;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.payload.PayloadException.Reason;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM of the JDK: nonce (12 random bytes), ciphertext, tag (16 bytes).
 *
 * <p>Random nonces of 96 bits are good for 2^32 payloads a key (NIST SP 800-38D, 8.3): after four billion jobs the key is
 * to be changed. A cipher is made for each call, since it may serve one key and nonce only and costs about 1 us.
 */
final class Aes {
    /** Bytes by which a payload grows. */
    static final int OVERHEAD = 12 + 16;

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final KeyRing keys;
    private final SecureRandom random = new SecureRandom();

    Aes(KeyRing keys) {
        this.keys = keys;
    }

    byte[] encrypt(String id, byte[] plain, String context) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = new byte[plain.length + OVERHEAD];
        System.arraycopy(nonce, 0, sealed, 0, NONCE_BYTES);
        try {
            cipher(Cipher.ENCRYPT_MODE, key(id), sealed, context).doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
            return sealed;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("AES-GCM of this JVM failed to encrypt", impossible);
        }
    }

    byte[] decrypt(String id, byte[] sealed, String context) {
        SecretKey key = key(id);
        if (sealed.length < OVERHEAD) {
            throw tampered(id);
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, key, sealed, context)
                    .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
        } catch (AEADBadTagException forged) {
            throw tampered(id);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("AES-GCM of this JVM failed to decrypt", impossible);
        }
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] nonceFirst, String context)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonceFirst, 0, NONCE_BYTES));
        cipher.updateAAD(context.getBytes(UTF_8));
        return cipher;
    }

    private SecretKey key(String id) {
        SecretKey key = keys.key(id);
        if (key == null) {
            throw new PayloadException(
                    Reason.UNKNOWN_KEY,
                    "the payload is encrypted with key \"" + shown(id) + "\", which is not among the " + keys
                            + " of this process; it was not read; add the key, the job waits for it");
        }
        return key;
    }

    /** The id comes from Redis: it must not forge a log line. */
    private static String shown(String id) {
        String cut = id.length() <= 32 ? id : id.substring(0, 32) + "...";
        return cut.replaceAll("[^A-Za-z0-9._-]", "?");
    }

    private static PayloadException tampered(String id) {
        return new PayloadException(
                Reason.TAMPERED,
                "the payload does not fit key \"" + shown(id) + "\" and its queue and type: it was changed, moved from"
                        + " another job type, or encrypted with another key of this id; it was not read; find out who"
                        + " writes to this Redis, and enqueue the job anew");
    }
}
