package io.penstock.server.search;

import io.penstock.job.JobError;
import io.penstock.server.wire.Digest;
import java.util.regex.Pattern;

/** Tells errors of the same cause by one short word, whatever numbers and ids their messages carry. */
public final class Fingerprint {
    private static final Pattern VARIABLE = Pattern.compile(
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|\\b(?=[0-9a-fA-F]*\\d)[0-9a-fA-F]{8,}\\b|\\d+");

    private Fingerprint() {}

    /** Returns twelve hexadecimal digits that errors of one cause share. */
    public static String of(JobError error) {
        return Digest.hex(error.type() + "\n" + pattern(error.message()), 6);
    }

    /** Returns the message with what changes from job to job replaced. */
    public static String pattern(String message) {
        return VARIABLE.matcher(message).replaceAll("#");
    }
}
