package io.penstock.server.wire;

import java.time.Duration;

/** The bounds of the HTTP side; they are promises of the documentation, not settings. */
public final class Limits {
    /** Bytes of one body: a batch of some thousand small jobs, or four of the largest. */
    public static final int BODY_BYTES = 1 << 20;

    /** Bytes of a body that carries settings, not jobs. */
    public static final int SMALL_BODY_BYTES = 64 << 10;

    /** Bytes of the request line and all headers together. */
    public static final int HEADER_BYTES = 16 << 10;

    /** Headers and query parameters of one request. */
    public static final int HEADERS = 64;

    /** Jobs of one batch; at 1 MiB that is 209 bytes a job. */
    public static final int BATCH_JOBS = 5_000;

    /** Items of one page. */
    public static final int PAGE = 500;

    /** Items of a page when the client does not say. */
    public static final int PAGE_DEFAULT = 50;

    /** Time for the whole request line and headers. */
    public static final Duration HEADER_DEADLINE = Duration.ofSeconds(5);

    /** Time for the whole body: 1 MiB over a line of 300 kbit/s. */
    public static final Duration BODY_DEADLINE = Duration.ofSeconds(30);

    /** Time that a client may leave an answer unread, and a connection unused. */
    public static final Duration IDLE = Duration.ofSeconds(60);

    /** Open connections; more wait in the backlog of the listener. */
    public static final int CONNECTIONS = 8_192;

    /** Requests in hand at once, long polls included. */
    public static final int REQUESTS = 1_024;

    /** Long polls that wait at once. */
    public static final int POLLS = 256;

    /** Requests that wait for the end of a job at once; one more is answered without waiting. */
    public static final int WAITS = 256;

    /** The longest that a request waits for the end of a job: what proxies mostly bear. */
    public static final Duration WAIT = Duration.ofSeconds(30);

    private Limits() {}
}
