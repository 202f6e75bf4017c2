package io.penstock.redis;

/**
 * What kind of trouble an error from Redis is, and so what is done about it: the one table of reactions.
 *
 * <p>Everything we send is idempotent, so whatever may pass by itself is simply sent again under the call's deadline.
 */
enum Fault {
    /** The server does not know the script: sent again whole, at once. */
    NO_SCRIPT,
    /** Out of memory: only producers can meet it, and they are told; never retried here. */
    FULL,
    /** The connection leads to a replica: it is dropped so that the client looks up the primary, then retried. */
    READ_ONLY,
    /** Passes by itself (start-up, failover, resharding, a slow script, a lost connection): retried with jitter. */
    PASSING,
    /** Wrong password or missing right: retrying would only fill the server's log. */
    NOT_ALLOWED,
    /** A mistake of ours, or of a proxy: told to the caller. */
    OTHER;

    /** Classifies by the first word of the answer, which is all that Redis promises to keep stable. */
    static Fault of(String message) {
        int space = message.indexOf(' ');
        String word = space < 0 ? message : message.substring(0, space);
        return switch (word) {
            case "NOSCRIPT" -> NO_SCRIPT;
            case "OOM" -> FULL;
            case "READONLY" -> READ_ONLY;
            case "LOADING",
                    "MASTERDOWN",
                    "CLUSTERDOWN",
                    "TRYAGAIN",
                    "MOVED",
                    "ASK",
                    "BUSY",
                    "NOREPLICAS",
                    "UNBLOCKED",
                    "UNKILLABLE" -> PASSING;
            case "NOAUTH", "WRONGPASS", "NOPERM" -> NOT_ALLOWED;
            default -> message.contains("-OOM ") || message.contains("OOM command not allowed") ? FULL : OTHER;
        };
    }
}
