package io.penstock.server.http;

import io.penstock.job.JobId;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;

/** Reads names and ids out of paths and queries. */
public final class Given {
    private Given() {}

    /**
     * Reads the {@code {queue}} of the path.
     *
     * @throws Problem INVALID_VALUE if it is no legal name
     */
    public static String queue(Call call) {
        return queue(call.path("queue"));
    }

    /**
     * Checks the name of a queue.
     *
     * @throws Problem INVALID_VALUE if it is no legal name
     */
    public static String queue(String name) {
        return checked("queue", name);
    }

    /**
     * Checks a name.
     *
     * @param what what is named, for the message
     * @throws Problem INVALID_VALUE if it is no legal name
     */
    public static String checked(String what, String name) {
        try {
            return io.penstock.job.Names.check(what, name);
        } catch (IllegalArgumentException illegal) {
            throw Problem.of(ProblemType.INVALID_VALUE, String.valueOf(illegal.getMessage()));
        }
    }

    /**
     * Reads the {@code {id}} of the path.
     *
     * @throws Problem NOT_FOUND if it can be no job's
     */
    public static JobId job(Call call) {
        try {
            return JobId.parse(call.path("id"));
        } catch (IllegalArgumentException foreign) {
            throw Problem.of(ProblemType.NOT_FOUND, String.valueOf(foreign.getMessage()));
        }
    }
}
