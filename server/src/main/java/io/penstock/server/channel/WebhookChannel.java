package io.penstock.server.channel;

import io.penstock.notice.Notice;
import io.penstock.server.delivery.HttpAnswer;
import io.penstock.server.delivery.HttpDelivery;
import io.penstock.server.wire.Json;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Posts notices as JSON to a program, signed if there is a secret. */
final class WebhookChannel extends HttpChannel {
    private final URI url;
    private final String secret;

    /** @param secret empty = unsigned */
    WebhookChannel(URI url, String secret, Office office) {
        super(Kind.WEBHOOK, office);
        this.url = url;
        this.secret = secret;
    }

    @Override
    List<Letter> letters(List<Notice> notices) {
        long seconds = clock().millis() / 1_000;
        byte[] body = Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("source", "penstock");
            Json.instant(json, "sentAt", Instant.ofEpochSecond(seconds));
            json.writeArrayFieldStart("notices");
            for (Notice notice : notices) {
                NoticeJson.write(json, notice);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
        Map<String, String> headers = secret.isEmpty()
                ? Map.of()
                : Map.of(
                        "Penstock-Timestamp",
                        Long.toString(seconds),
                        "Penstock-Signature",
                        HttpDelivery.signature(secret, seconds, body));
        return List.of(new Letter(url, headers, body));
    }

    @Override
    void judge(HttpAnswer answer) {
        // any 2xx is a yes
    }
}
