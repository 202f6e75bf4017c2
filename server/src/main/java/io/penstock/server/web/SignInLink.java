package io.penstock.server.web;

import io.penstock.runtime.Clock;
import io.penstock.server.wire.Digest;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;

/** A code that signs one browser in, once, soon after it was made. Threads: safe. */
public final class SignInLink {
    /** Long enough to find the line in a log that scrolls. */
    public static final Duration LENGTH = Duration.ofMinutes(15);

    private static final int BYTES = 24; // 192 bits

    private final Clock clock;
    private byte[] digest = {};
    private long endNanos;

    public SignInLink(Clock clock) {
        this.clock = clock;
    }

    /** Makes the code; the one before it is void. */
    public synchronized String make() {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        String code = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        digest = Digest.sha256(code);
        endNanos = clock.nanos() + LENGTH.toNanos();
        return code;
    }

    /** Uses the code up; false = it is not the code, was used or is too old. */
    synchronized boolean use(String code) {
        boolean right =
                digest.length > 0 && endNanos - clock.nanos() > 0 && MessageDigest.isEqual(digest, Digest.sha256(code));
        if (right) {
            digest = new byte[0];
        }
        return right;
    }
}
