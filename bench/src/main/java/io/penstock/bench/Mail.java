package io.penstock.bench;

import io.penstock.job.JobType;

/** The payload of the measured jobs: a number and a text that fills it up. */
record Mail(long userId, String template) {
    static final String TYPE = "mail.send";

    /** Eight digits, so that all payloads are as long. */
    private static final long FIRST_USER = 10_000_000;

    private static final int FRAME_BYTES = "{\"userId\":10000000,\"template\":\"\"}".length();

    /** The type under which these jobs go to a queue. */
    static JobType<Mail> to(String queue) {
        return JobType.of(TYPE, Mail.class).queue(queue);
    }

    static Mail of(int number, String filling) {
        return new Mail(FIRST_USER + number, filling);
    }

    /** The text that makes a payload of so many bytes. */
    static String filling(int payloadBytes) {
        return "x".repeat(payloadBytes - FRAME_BYTES);
    }
}
