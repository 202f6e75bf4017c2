package io.penstock.server.channel;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.Payload;
import io.penstock.notice.Channel;
import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.runtime.Clock;
import io.penstock.server.delivery.HttpAnswer;
import io.penstock.server.delivery.Outbound;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/**
 * A channel that posts JSON: what all kinds of it have in common.
 *
 * <p>2xx is taken, unless the vendor's own code in the body says otherwise; 408, 425, 429 and 5xx may pass; all else
 * stands, a redirect included. Errors name the status and the vendor's number, never the address, which may be a secret,
 * nor the answer's text: it must not be a way to read from this network.
 */
abstract class HttpChannel implements Channel {
    private final Kind kind;
    private final Office office;

    /** How a channel gets out, and the time. */
    record Office(Outbound outbound, Clock clock) {}

    /** One request. */
    @SuppressWarnings("ArrayRecordComponent") // made once, sent once
    record Letter(URI to, Map<String, String> headers, byte[] body) {
        static Letter json(URI to, byte[] body) {
            return new Letter(to, Map.of(), body);
        }
    }

    HttpChannel(Kind kind, Office office) {
        this.kind = kind;
        this.office = office;
    }

    /** Writes what is to be posted, one after the other. */
    abstract List<Letter> letters(List<Notice> notices);

    /** Judges a 2xx answer. */
    abstract void judge(HttpAnswer answer) throws NotTaken;

    final Clock clock() {
        return office.clock();
    }

    @Override
    public final String kind() {
        return kind.wire();
    }

    @Override
    public final void send(List<Notice> notices) throws IOException {
        for (Letter letter : letters(notices)) {
            Map<String, String> headers = new LinkedHashMap<>(letter.headers());
            headers.put("Content-Type", "application/json; charset=utf-8");
            headers.put("User-Agent", "Penstock");
            settle(post(letter, headers));
        }
    }

    private HttpAnswer post(Letter letter, Map<String, String> headers) throws NotTaken {
        String host = letter.to().getHost();
        try {
            return office.outbound().post(letter.to(), headers, letter.body());
        } catch (IllegalArgumentException refused) {
            throw NotTaken.ever(String.valueOf(refused.getMessage()));
        } catch (UnknownHostException unknown) {
            throw NotTaken.now("host \"" + host + "\" is unknown to the name server");
        } catch (SSLException untrusted) {
            throw NotTaken.ever("no TLS with \"" + host + "\": " + untrusted.getMessage());
        } catch (IOException broken) {
            throw NotTaken.now("no answer from \"" + host + "\": " + broken.getMessage());
        }
    }

    private void settle(HttpAnswer answer) throws NotTaken {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            judge(answer);
            return;
        }
        String said = "the receiver answered " + status;
        if (status == 408 || status == 425 || status == 429 || status >= 500) {
            throw NotTaken.until(retryAfter(answer), said);
        }
        throw NotTaken.ever(said + (status < 400 ? ", a redirect, which is not followed" : meaning(answer))
                + "; a new try will not change that");
    }

    /** Says what the vendor means by a refusal, in our words; empty = nothing is known. */
    String meaning(HttpAnswer answer) {
        return "";
    }

    private Duration retryAfter(HttpAnswer answer) {
        String text = answer.headers().getOrDefault("retry-after", "");
        if (text.matches("\\d{1,6}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration wait = Duration.between(Instant.ofEpochMilli(clock().millis()), then);
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException none) {
            return Duration.ZERO;
        }
    }

    /** Returns the vendor's number in the answer. */
    static long code(HttpAnswer answer, String... names) throws NotTaken {
        try {
            JsonNode tree = Payload.tree(answer.body());
            for (String name : names) {
                if (tree.path(name).isIntegralNumber()) {
                    return tree.path(name).longValue();
                }
            }
        } catch (IllegalArgumentException notJson) {
            // told below
        }
        throw NotTaken.now("the receiver answered " + answer.status() + " without a verdict; is the address right?");
    }

    @Override
    public void close() {
        // a connection lives for one request
    }
}
