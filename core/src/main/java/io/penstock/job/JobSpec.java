package io.penstock.job;

/**
 * The wish for a job: where it goes, what it is, its encoded payload and its options.
 *
 * @param payload JSON text in UTF-8; the array is not copied and must not be changed afterwards
 */
public record JobSpec(String queue, String type, byte[] payload, JobOptions options) {
    public JobSpec {
        Names.check("queue", queue);
        Names.check("type", type);
    }
}
