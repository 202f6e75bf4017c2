package io.penstock.job;

/**
 * A key of which so many jobs of a queue may run at once, wherever they run; with one permit, a mutex.
 *
 * <p>A job without a permit waits aside and holds up nobody. A permit is held while the job is in hand of a worker, so a
 * worker that dies gives it back with its lease.
 *
 * @param key 1 to {@value #MAX_KEY} characters
 * @param permits 1 to {@value #MAX_PERMITS}; this job runs while fewer than that are held, whatever other jobs say
 */
public record KeyLimit(String key, int permits) {
    /** Longest key in characters; longer identities are best hashed by the caller. */
    public static final int MAX_KEY = 128;

    /** Most permits of a key; more than that is better a limit of the queue or of a group. */
    public static final int MAX_PERMITS = 10_000;

    public KeyLimit {
        if (key.isEmpty() || key.length() > MAX_KEY) {
            throw new IllegalArgumentException("limit.key has " + key.length() + " characters, outside 1 to " + MAX_KEY
                    + "; nothing was done; hash a longer one");
        }
        for (int i = 0; i < key.length(); i++) {
            if (Character.isISOControl(key.charAt(i))) {
                throw new IllegalArgumentException(
                        "limit.key has a control character at " + i + "; nothing was done; remove it");
            }
        }
        if (permits < 1 || permits > MAX_PERMITS) {
            throw new IllegalArgumentException(
                    "limit.permits " + permits + " is outside 1 to " + MAX_PERMITS + "; nothing was done");
        }
    }
}
