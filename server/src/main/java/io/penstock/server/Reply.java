package io.penstock.server;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer ready to be sent.
 *
 * @param undelivered runs when the answer could not be written, so that what it promised can be taken back
 */
@SuppressWarnings("ArrayRecordComponent") // made once, sent once
record Reply(int status, String contentType, byte[] body, Map<String, String> headers, Runnable undelivered) {
    private static final byte[] NOTHING = {};

    static Reply of(int status, String contentType, byte[] body) {
        return new Reply(status, contentType, body, Map.of(), Reply::forget);
    }

    private static void forget() {
        // nothing was promised
    }

    static Reply json(int status, Json.Writing writing) {
        return of(status, "application/json", Json.bytes(writing));
    }

    static Reply ok(Json.Writing writing) {
        return json(200, writing);
    }

    static Reply text(String contentType, String text) {
        return of(200, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    static Reply noContent() {
        return of(204, "", NOTHING);
    }

    Reply header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, contentType, body, more, undelivered);
    }

    Reply onUndelivered(Runnable takeBack) {
        return new Reply(status, contentType, body, headers, takeBack);
    }
}
