package io.penstock.server.web;

import io.penstock.server.http.Dialect;
import io.penstock.server.http.HostGuard;
import io.penstock.server.wire.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers for the dashboard: its files, and the same page for every place in it; all else goes on to the front.
 *
 * <p>None of it is secret: the page asks for a session before it shows anything. Threads: the I/O threads; never waits.
 */
public final class Site implements HttpHandler {
    private static final String FILES = "/ui/";
    private static final String SHELL = "index.html";

    /** The first step of each place in the dashboard; a new page is added here and in main.js. */
    private static final Set<String> PLACES = Set.of(
            "sign-in",
            "overview",
            "queues",
            "jobs",
            "dead",
            "schedules",
            "flows",
            "workers",
            "memory",
            "alerts",
            "redis",
            "limits",
            "admin");

    private static final Map<HttpString, String> SAFETY = Map.of(
            new HttpString("X-Content-Type-Options"), "nosniff",
            new HttpString("X-Frame-Options"), "DENY",
            new HttpString("Content-Security-Policy"),
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                            + " manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self';"
                            + " require-trusted-types-for 'script'; trusted-types 'none'",
            new HttpString("Referrer-Policy"), "no-referrer",
            new HttpString("Permissions-Policy"), "camera=(), microphone=(), geolocation=()",
            new HttpString("Cross-Origin-Opener-Policy"), "same-origin",
            new HttpString("Cross-Origin-Resource-Policy"), "same-origin");

    private final HttpHandler front;
    private final HostGuard hosts;
    private final Assets assets = Assets.read();

    /** @param front answers all that is not the dashboard's */
    public Site(HttpHandler front, HostGuard hosts) {
        this.front = front;
        this.hosts = hosts;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        boolean reading = exchange.getRequestMethod().equals(Methods.GET)
                || exchange.getRequestMethod().equals(Methods.HEAD);
        String path = exchange.getRelativePath();
        // a body that nobody reads would be waited for without end: the front has a deadline for it
        if (!reading || !exchange.isRequestComplete() || !(place(path) || path.startsWith(FILES)) || !known(exchange)) {
            front.handleRequest(exchange);
            return;
        }
        HeaderMap headers = exchange.getResponseHeaders();
        SAFETY.forEach(headers::put);
        if (path.startsWith(FILES)) {
            file(exchange, path.substring(FILES.length()));
        } else {
            send(exchange, Objects.requireNonNull(assets.find(SHELL)), "no-cache");
        }
    }

    /** Strange HTTP and a strange host get the front's refusal. */
    private boolean known(HttpServerExchange exchange) {
        try {
            Dialect.check(exchange);
            hosts.check(exchange.getRequestHeaders().getFirst(Headers.HOST));
            return true;
        } catch (Problem stranger) {
            return false;
        }
    }

    private static boolean place(String path) {
        if (path.equals("/")) {
            return true;
        }
        int end = path.indexOf('/', 1);
        return path.startsWith("/") && PLACES.contains(path.substring(1, end < 0 ? path.length() : end));
    }

    private void file(HttpServerExchange exchange, String rest) {
        int slash = rest.indexOf('/');
        String version = slash < 0 ? "" : rest.substring(0, slash);
        Assets.Asset asset = assets.find(rest.substring(slash + 1));
        if (asset == null) {
            exchange.setStatusCode(404);
            exchange.endExchange();
            return;
        }
        // a page of the former version asks by its old name: it gets the new file, but must not keep it under that name
        boolean ours = version.equals(assets.version());
        send(exchange, asset, ours ? "public, max-age=31536000, immutable" : "no-cache");
    }

    private static void send(HttpServerExchange exchange, Assets.Asset asset, String keep) {
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(Headers.CACHE_CONTROL, keep);
        headers.put(Headers.ETAG, asset.tag());
        headers.put(Headers.VARY, "Accept-Encoding");
        if (asset.tag().equals(exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH))) {
            exchange.setStatusCode(304);
            exchange.endExchange();
            return;
        }
        headers.put(Headers.CONTENT_TYPE, asset.type());
        boolean gzip = reads(exchange.getRequestHeaders().getFirst(Headers.ACCEPT_ENCODING));
        if (gzip) {
            headers.put(Headers.CONTENT_ENCODING, "gzip");
        }
        byte[] body = gzip ? asset.gzip() : asset.plain();
        exchange.setResponseContentLength(body.length);
        exchange.getResponseSender().send(ByteBuffer.wrap(body));
    }

    private static boolean reads(@Nullable String encodings) {
        return encodings != null && encodings.matches("(?i).*\\bgzip\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:\\s|,|$)).*");
    }
}
