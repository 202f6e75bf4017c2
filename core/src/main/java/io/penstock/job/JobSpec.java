package io.penstock.job;

/**
 * The wish for a job: where it goes, what it is, its encoded payload and its options.
 *
 * @param payload JSON text in UTF-8, or what {@code encoding} made of it; the array is not copied and must not be changed
 *     afterwards
 * @param encoding how the payload was sealed (compressed, encrypted, kept elsewhere); empty = not yet, which the queue does
 */
public record JobSpec(String queue, String type, byte[] payload, JobOptions options, String encoding) {
    public JobSpec {
        Names.check("queue", queue);
        Names.check("type", type);
        Names.checkEncoding(encoding);
    }

    /** The wish for a job whose payload is plain JSON. */
    public JobSpec(String queue, String type, byte[] payload, JobOptions options) {
        this(queue, type, payload, options, "");
    }
}
