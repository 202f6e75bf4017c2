package io.penstock.server;

import io.penstock.job.JobId;

/** Reads names and ids out of paths and queries. */
final class Given {
    private Given() {}

    /** @throws Problem INVALID_VALUE if the {@code {queue}} of the path is no legal name */
    static String queue(Call call) {
        return queue(call.path("queue"));
    }

    /** @throws Problem INVALID_VALUE if it is no legal name */
    static String queue(String name) {
        return checked("queue", name);
    }

    /** @throws Problem INVALID_VALUE if it is no legal name */
    static String checked(String what, String name) {
        try {
            return io.penstock.job.Names.check(what, name);
        } catch (IllegalArgumentException illegal) {
            throw Problem.of(ProblemType.INVALID_VALUE, String.valueOf(illegal.getMessage()));
        }
    }

    /** @throws Problem NOT_FOUND if the {@code {id}} of the path can be no job's */
    static JobId job(Call call) {
        try {
            return JobId.parse(call.path("id"));
        } catch (IllegalArgumentException foreign) {
            throw Problem.of(ProblemType.NOT_FOUND, String.valueOf(foreign.getMessage()));
        }
    }
}
