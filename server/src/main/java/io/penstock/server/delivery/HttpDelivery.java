package io.penstock.server.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.Backoff;
import io.penstock.job.JobType;
import io.penstock.job.Payload;
import io.penstock.job.RetryPolicy;
import io.penstock.runtime.Clock;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Text;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The job type {@code http}: posts a body to an allowed address, signed, and never follows where that leads.
 *
 * <p>2xx completes the job; 408, 425, 429 and 5xx and a broken connection are retried; everything else, a redirect
 * included, is a dead letter at once. What comes back is neither kept nor shown: the far side must not be a way to read
 * from this network.
 *
 * <p>With {@code http.secret} each request carries {@code Penstock-Signature: t=SECONDS,v1=HEX}, where HEX is the
 * HMAC-SHA256 of {@code SECONDS.BODY}; a receiver refuses signatures older than a few minutes.
 */
public final class HttpDelivery implements Handler<HttpDelivery.Order> {
    public static final JobType<Order> TYPE = JobType.of("http", Order.class)
            .retry(RetryPolicy.of(Backoff.exponential(Duration.ofSeconds(2)), 8).notOn(Undeliverable.class))
            .timeout(Duration.ofSeconds(60));

    private static final int MOST_HEADERS = 32;

    private final AllowList allowed;
    private final String secret;
    private final Clock clock;

    /**
     * What a job of this type carries.
     *
     * @param body any JSON, sent as it is; nothing for none
     */
    public record Order(
            String url,
            @Nullable Map<String, String> headers,
            @Nullable JsonNode body) {
        /** A post of a value that can be written as JSON, to an address that the server allows. */
        public static Order post(String url, Object body) {
            return new Order(url, null, Payload.tree(Payload.encode(body)));
        }
    }

    /** Trying again would not help. */
    static final class Undeliverable extends Exception {
        private static final long serialVersionUID = 1L;

        Undeliverable(String message) {
            super(message);
        }
    }

    public HttpDelivery(AllowList allowed, String secret, Clock clock) {
        this.allowed = allowed;
        this.secret = secret;
        this.clock = clock;
    }

    @Override
    public void handle(Order order, JobContext context) throws Exception {
        byte[] body = order.body() == null ? new byte[0] : Payload.encode(order.body());
        Map<String, String> headers = headers(order, body, context);
        URI target;
        AllowList.Entry entry;
        InetAddress address;
        try {
            target = URI.create(order.url());
            entry = allowed.entry(target);
            address = AllowList.resolve(entry);
        } catch (IllegalArgumentException refused) {
            throw new Undeliverable(String.valueOf(refused.getMessage()));
        }
        int status = new PinnedPost(entry, address).send(target, headers, body);
        settle(status, context);
    }

    private static void settle(int status, JobContext context) throws Undeliverable, IOException {
        context.log("answered " + status);
        if (status >= 200 && status < 300) {
            context.result(Map.of("status", status));
            return;
        }
        if (status == 408 || status == 425 || status == 429 || status >= 500) {
            throw new IOException("the receiver answered " + status);
        }
        throw new Undeliverable("the receiver answered " + status + ", which a new try will not change");
    }

    private Map<String, String> headers(Order order, byte[] body, JobContext context) throws Undeliverable {
        Map<String, String> headers = new LinkedHashMap<>();
        Map<String, String> given = order.headers() == null ? Map.of() : order.headers();
        for (Map.Entry<String, String> header : given.entrySet()) {
            boolean legal = header.getKey().matches("[A-Za-z0-9-]{1,64}")
                    && header.getValue().matches("[\\x20-\\x7e]{0,1024}")
                    && !header.getKey()
                            .matches(
                                    "(?i)host|connection|content-length|transfer-encoding|expect|upgrade|te|penstock-.*");
            if (!legal || given.size() > MOST_HEADERS) {
                throw new Undeliverable(
                        "header \"" + Text.shown(header.getKey()) + "\" is not one that a job may set (at most "
                                + MOST_HEADERS + " of plain ASCII); nothing was sent; take it out");
            }
            headers.put(header.getKey(), header.getValue());
        }
        headers.putIfAbsent("Content-Type", "application/json");
        headers.put("Penstock-Job", context.id().toString());
        headers.put("Penstock-Attempt", Integer.toString(context.attempt()));
        if (!secret.isEmpty()) {
            headers.put("Penstock-Signature", signature(secret, clock.millis() / 1_000, body));
        }
        return headers;
    }

    /** Returns the value of the signature header: the time, and HMAC-SHA256 over {@code SECONDS.BODY}. */
    public static String signature(String secret, long seconds, byte[] body) {
        return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(Digest.hmac(secret, seconds + ".", body));
    }
}
