package io.penstock.server.http;

import io.penstock.server.caller.Caller;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A write that is over, as the front knows it.
 *
 * @param path the parts of the path by their names in the route
 * @param caller null = nobody was known
 * @param status 0 = it was not answered
 * @param body what was sent; empty if it was refused before it was read
 * @param reply what was answered; empty if there was nothing
 * @param location where the answer sends the browser, or null
 */
@SuppressWarnings("ArrayRecordComponent") // read once, kept by nobody
public record Deed(
        String method,
        Route route,
        Map<String, String> path,
        @Nullable Caller caller,
        String peer,
        String requestId,
        int status,
        long durationNanos,
        byte[] body,
        byte[] reply,
        @Nullable String location) {}
