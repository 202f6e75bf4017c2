package io.penstock.server.channel;

import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import io.penstock.server.delivery.HttpAnswer;
import io.penstock.server.wire.Json;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * Posts a card to a custom robot of Feishu, called Lark elsewhere.
 *
 * <p>Limits of Feishu: 20 KB of a request, 100 requests a minute and 5 a second.
 */
final class FeishuChannel extends HttpChannel {
    private static final int MOST_BYTES = 9_000; // quotes and line ends double when they are escaped

    private final URI url;
    private final String secret;

    /** @param secret empty = the robot goes by keyword or address */
    FeishuChannel(URI url, String secret, Office office) {
        super(Kind.FEISHU, office);
        this.url = url;
        this.secret = secret;
    }

    @Override
    List<Letter> letters(List<Notice> notices) {
        String text = Wording.fit(
                notices.stream()
                        .map(notice -> String.join("\n", Wording.lines(notice)))
                        .toList(),
                "\n\n",
                MOST_BYTES);
        long seconds = clock().millis() / 1_000;
        return List.of(Letter.json(url, Json.bytes(json -> {
            json.writeStartObject();
            if (!secret.isEmpty()) {
                json.writeStringField("timestamp", Long.toString(seconds));
                json.writeStringField("sign", Hmac.feishu(secret, seconds));
            }
            json.writeStringField("msg_type", "interactive");
            json.writeObjectFieldStart("card");
            json.writeObjectFieldStart("header");
            json.writeStringField("template", colour(Wording.worst(notices), notices));
            json.writeObjectFieldStart("title");
            json.writeStringField("tag", "plain_text");
            json.writeStringField("content", Wording.title(notices, 100));
            json.writeEndObject();
            json.writeEndObject();
            json.writeArrayFieldStart("elements");
            json.writeStartObject();
            json.writeStringField("tag", "div");
            json.writeObjectFieldStart("text");
            json.writeStringField("tag", "plain_text"); // so that nothing in it is a link or a mention
            json.writeStringField("content", text);
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
        })));
    }

    private static String colour(Severity worst, List<Notice> notices) {
        if (notices.stream().allMatch(Wording::ended)) {
            return "green";
        }
        return switch (worst) {
            case CRITICAL, ERROR -> "red";
            case WARNING -> "orange";
            case INFO -> "blue";
        };
    }

    @Override
    void judge(HttpAnswer answer) throws NotTaken {
        long code = code(answer, "code", "StatusCode");
        if (code == 0) {
            return;
        }
        String said = "Feishu answered code " + code;
        if (code == 11_232) {
            throw NotTaken.until(Duration.ofMinutes(1), said + ": too many messages");
        }
        throw NotTaken.ever(said + meaning(code) + "; a new try will not change that");
    }

    private static String meaning(long code) {
        return switch ((int) code) {
            case 19_001 -> ": there is no such robot";
            case 19_021 -> ": the signature does not fit, or a clock is wrong by an hour";
            case 19_022 -> ": this machine's address is not on the robot's list";
            case 19_024 -> ": none of the robot's keywords is in the message";
            default -> "";
        };
    }
}
