package io.penstock.server.http;

import io.penstock.server.wire.Problem;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a witness of each write when its exchange is complete, whether it was done, refused or left unanswered. */
final class Deeds {
    static final AttachmentKey<Call> CALL = AttachmentKey.create(Call.class);
    static final AttachmentKey<Reply> REPLY = AttachmentKey.create(Reply.class);

    private static final Logger LOG = LoggerFactory.getLogger(Deeds.class);
    private static final byte[] NOTHING = {};

    /** Where an issuer sends browsers back by GET, which signs somebody in. */
    private static final String SIGN_IN = "/api/v1/sessions/";

    private final Routes routes;
    private final Meters meters;
    private final Witness witness;

    Deeds(Routes routes, Meters meters, Witness witness) {
        this.routes = routes;
        this.meters = meters;
        this.witness = witness;
    }

    void begin(HttpServerExchange exchange) {
        HttpString method = exchange.getRequestMethod();
        boolean reads = method.equals(Methods.GET) || method.equals(Methods.HEAD) || method.equals(Methods.OPTIONS);
        if (reads && !exchange.getRelativePath().startsWith(SIGN_IN)) {
            return;
        }
        exchange.addExchangeCompleteListener((done, next) -> {
            try {
                tell(done);
            } catch (RuntimeException broken) {
                LOG.warn("a write was not told to the audit; it was answered all the same", broken);
            } finally {
                next.proceed();
            }
        });
    }

    private void tell(HttpServerExchange exchange) {
        Routes.@Nullable Match match = match(exchange);
        if (match == null) {
            return; // it reached no route, so it could do nothing
        }
        Call call = exchange.getAttachment(CALL);
        Reply reply = exchange.getAttachment(REPLY);
        Long began = exchange.getAttachment(Meters.STARTED);
        InetSocketAddress peer = exchange.getSourceAddress();
        String id = exchange.getResponseHeaders().getFirst(Front.REQUEST_ID);
        witness.saw(new Deed(
                exchange.getRequestMethod().toString(),
                match.route(),
                match.path(),
                exchange.getAttachment(Call.CALLER),
                peer == null ? "" : peer.getHostString(),
                id == null ? "" : id,
                reply == null ? 0 : reply.status(),
                began == null ? 0 : meters.nanosSince(began),
                call == null ? NOTHING : call.body(),
                reply == null ? NOTHING : reply.body(),
                reply == null ? null : reply.headers().get("Location")));
    }

    /** What was refused before its route was looked for is looked up now. */
    private Routes.@Nullable Match match(HttpServerExchange exchange) {
        Route route = exchange.getAttachment(Meters.ROUTE);
        Call call = exchange.getAttachment(CALL);
        if (route != null && call != null) {
            return new Routes.Match(route, call.parts());
        }
        try {
            return routes.find(exchange.getRequestMethod().toString(), exchange.getRelativePath());
        } catch (Problem none) {
            return null;
        }
    }
}
