package io.penstock.server.http;

import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Protocols;

/**
 * Refuses HTTP that a proxy before this server could read in another way than the server does.
 *
 * <p>Undertow's parser takes {@code HTTP/1.2} and {@code HTTP/9.9} for 1.1 and says nothing of it, and its reader of chunks forgives what RFC 9112 forbids: an extension that
 * ends with a bare line feed, bytes between a chunk and its end of line, a size beyond 56 bits. Neither can be told to be
 * strict, and the handlers see a body's bytes only without their chunks. So the connection of a body in chunks is closed
 * behind its answer: whatever the two sides took for its end, nothing behind it becomes a request.
 */
public final class Dialect {
    private static final String CURRENT = "HTTP/1.1";
    private static final String FORMER = "HTTP/1.0";

    private Dialect() {}

    /**
     * Passes HTTP 1.0 and 1.1; whatever is refused, and bodies in chunks, are the last of their connection.
     *
     * @throws Problem HTTP_VERSION, or INVALID_VALUE for a Transfer-Encoding of HTTP 1.0, which knows none
     */
    public static void check(HttpServerExchange exchange) {
        String version = exchange.getProtocol().toString();
        boolean current = version.equals(CURRENT);
        if (!spoken(version)) {
            exchange.setPersistent(false);
            throw Problem.of(
                    ProblemType.HTTP_VERSION,
                    "\"" + Text.shown(version) + "\" is not spoken here; nothing was done and the connection ends;"
                            + " speak HTTP/1.1");
        }
        if (exchange.getRequestHeaders().contains(Headers.TRANSFER_ENCODING)) {
            exchange.setPersistent(false);
            if (!current) {
                throw Problem.of(
                        ProblemType.INVALID_VALUE,
                        "Transfer-Encoding does not go with HTTP/1.0; nothing was done and the connection ends; send"
                                + " Content-Length, or speak HTTP/1.1");
            }
        }
    }

    private static boolean spoken(String version) {
        return version.equals(CURRENT) || version.equals(FORMER);
    }

    /** Before an answer: one that its reader knows, whatever he said. */
    static void answer(HttpServerExchange exchange) {
        if (!spoken(exchange.getProtocol().toString())) {
            exchange.setProtocol(Protocols.HTTP_1_1);
        }
    }
}
