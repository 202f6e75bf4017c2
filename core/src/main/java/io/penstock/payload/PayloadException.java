package io.penstock.payload;

/** A payload that could not be stored or read; the text says why and never quotes it. */
public final class PayloadException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** What went wrong. */
    public enum Reason {
        /** Encrypted with a key that is not in the key ring: somebody else can read it, or this process once it has the key. */
        UNKNOWN_KEY,
        /** Not what was stored, or stored for another queue or type of job. */
        TAMPERED,
        /** Larger than a payload may be, before or after it was unpacked. */
        TOO_LARGE,
        /** The store of large payloads has it no more. */
        MISSING,
        /** The store of large payloads did not do what it was asked; it may later. */
        STORE,
        /** In a form that this version does not know. */
        UNKNOWN_FORM
    }

    PayloadException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    PayloadException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Returns what went wrong. */
    public Reason reason() {
        return reason;
    }
}
