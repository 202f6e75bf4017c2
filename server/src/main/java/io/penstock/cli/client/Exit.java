package io.penstock.cli.client;

/** What the process ends with, so that scripts can tell why; published, never changed. */
public final class Exit {
    public static final int OK = 0;
    public static final int FAILURE = 1;
    public static final int USAGE = 2;
    public static final int NOT_FOUND = 3;
    public static final int CONFLICT = 4;
    public static final int NOT_ALLOWED = 5;
    public static final int UNREACHABLE = 6;
    public static final int REFUSED = 7;
    public static final int PARTLY = 8;
    public static final int UNHEALTHY = 10;
    public static final int TIMED_OUT = 124;
    public static final int INTERRUPTED = 130;

    private Exit() {}
}
