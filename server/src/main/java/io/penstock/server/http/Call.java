package io.penstock.server.http;

import io.penstock.server.caller.Auth;
import io.penstock.server.caller.Caller;
import io.penstock.server.redact.Eye;
import io.penstock.server.redact.Redactor;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HttpString;
import java.net.InetSocketAddress;
import java.util.Deque;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One request that has passed the front: its route fits, its token is right, its body is here. */
public final class Call {
    static final AttachmentKey<Caller> CALLER = AttachmentKey.create(Caller.class);

    /** Tells later on whether the caller would still be let in. */
    static final AttachmentKey<BooleanSupplier> STILL = AttachmentKey.create(BooleanSupplier.class);

    private final HttpServerExchange exchange;
    private final Map<String, String> path;
    private final byte[] body;
    private final Redactor redactor;

    Call(HttpServerExchange exchange, Map<String, String> path, byte[] body, Redactor redactor) {
        this.exchange = exchange;
        this.path = path;
        this.body = body;
        this.redactor = redactor;
    }

    /** Returns the part of the path that stands for {@code {name}} in the route. */
    public String path(String name) {
        String part = path.get(name);
        if (part == null) {
            throw new IllegalStateException("route has no {" + name + "}");
        }
        return part;
    }

    /** Returns a parameter of the query, or null; the front has checked that it is known and there once. */
    @Nullable
    public String query(String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        return values == null ? null : values.peekFirst();
    }

    /** Returns a whole number of the query, clamped into the range. */
    public int query(String name, int fallback, int least, int most) {
        String text = query(name);
        if (text == null) {
            return fallback;
        }
        try {
            long number = Long.parseLong(text);
            return (int) Math.max(least, Math.min(most, number));
        } catch (NumberFormatException notOne) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter " + name + " \"" + Text.shown(text)
                            + "\" is not a whole number; nothing was done; send " + least + " to " + most);
        }
    }

    /** Returns the page size that was asked for, at most {@link Limits#PAGE}. */
    public int limit() {
        return query("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE);
    }

    /** Returns a header, or null. */
    public @Nullable String header(String name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    @Nullable
    String header(HttpString name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    /** Returns the value of a cookie, or null. */
    public @Nullable String cookie(String name) {
        return Auth.cookie(exchange.getRequestHeaders(), name);
    }

    /**
     * Returns whoever asks.
     *
     * @throws IllegalStateException on an open route, where nobody is known
     */
    public Caller caller() {
        Caller caller = exchange.getAttachment(CALLER);
        if (caller == null) {
            throw new IllegalStateException("an open route knows no caller");
        }
        return caller;
    }

    /** Returns what tells whether the caller would still be let in, for answers that go on for long; never waits. */
    public BooleanSupplier still() {
        BooleanSupplier still = exchange.getAttachment(STILL);
        return still == null ? () -> true : still;
    }

    /** Returns what whoever asks may see of jobs. */
    public Eye eye() {
        return new Eye(
                redactor,
                switch (caller().role()) {
                    case VIEWER -> Eye.Sight.NONE;
                    case PRODUCER, WORKER -> Eye.Sight.TRUE;
                    case OPERATOR, ADMIN -> Eye.Sight.REDACTED;
                });
    }

    Map<String, String> parts() {
        return path;
    }

    /** Returns the address that asks, as the connection shows it. */
    public String peer() {
        InetSocketAddress peer = exchange.getSourceAddress();
        return peer == null ? "" : peer.getHostString();
    }

    /** Tells whether the browser speaks TLS, with us or with a proxy before us. */
    public boolean secure() {
        return exchange.isSecure() || "https".equalsIgnoreCase(header("X-Forwarded-Proto"));
    }

    /** Returns the media type without parameters, in lower case; empty if there is none. */
    public String mediaType() {
        return Front.mediaType(exchange);
    }

    public byte[] body() {
        return body;
    }

    public boolean hasBody() {
        return body.length > 0;
    }

    /** Tells whether the connection still stands, as far as this side knows. */
    public boolean connected() {
        return exchange.getConnection().isOpen();
    }

    /** Returns the path as it was asked for. */
    String target() {
        return exchange.getRequestMethod() + " " + exchange.getRelativePath();
    }
}
