package io.penstock.cli;

/** What the process ends with, so that scripts can tell why; published, never changed. */
final class Exit {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int NOT_FOUND = 3;
    static final int CONFLICT = 4;
    static final int NOT_ALLOWED = 5;
    static final int UNREACHABLE = 6;
    static final int REFUSED = 7;
    static final int PARTLY = 8;
    static final int UNHEALTHY = 10;
    static final int TIMED_OUT = 124;
    static final int INTERRUPTED = 130;

    private Exit() {}
}
