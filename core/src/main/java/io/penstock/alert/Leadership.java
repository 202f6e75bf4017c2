package io.penstock.alert;

import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process speaks for metrics of the whole Redis, as far as it knows by its own clock.
 *
 * <p>It never believes longer than Redis does: the lease counts from when it was asked for. Threads: safe.
 */
final class Leadership {
    private final Clock clock;
    private final String token;
    private final long leaseNanos;
    private boolean leads; // guarded by this
    private long untilNanos; // guarded by this
    private @Nullable String holder; // guarded by this

    /** @param process a name that is not known to be unique: the token adds what is */
    Leadership(Clock clock, String process, Duration lease) {
        byte[] nonce = new byte[9];
        ThreadLocalRandom.current().nextBytes(nonce);
        this.clock = clock;
        this.token = process + ':' + Base64.getUrlEncoder().encodeToString(nonce);
        this.leaseNanos = lease.toNanos();
    }

    String token() {
        return token;
    }

    long leaseMillis() {
        return leaseNanos / 1_000_000;
    }

    synchronized boolean leads() {
        return leads && untilNanos - clock.nanos() > 0;
    }

    /**
     * Hears who holds the lease.
     *
     * @return whether this process led and does no more, also when it leads anew: others may have led in between
     */
    synchronized boolean heard(@Nullable String holderToken, boolean ours, long askedNanos) {
        boolean lost = leads && (!ours || untilNanos - clock.nanos() <= 0);
        holder = holderToken;
        leads &= !lost;
        untilNanos = askedNanos + leaseNanos;
        return lost;
    }

    /** Notes that the lease ran out unheard; answers whether it did just now. */
    synchronized boolean ranOut() {
        boolean lost = leads && untilNanos - clock.nanos() <= 0;
        leads &= !lost;
        return lost;
    }

    /** Begins to lead: what the one before left is known now. */
    synchronized void begin() {
        leads = true;
    }

    synchronized boolean begun() {
        return leads;
    }

    /** Returns the name of the process that holds the lease; null = none, as far as is known. */
    synchronized @Nullable String holder() {
        return holder == null ? null : holder.substring(0, Math.max(0, holder.lastIndexOf(':')));
    }
}
