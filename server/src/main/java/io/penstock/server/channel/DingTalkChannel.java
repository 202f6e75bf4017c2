package io.penstock.server.channel;

import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.server.delivery.HttpAnswer;
import io.penstock.server.wire.Json;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Posts to a custom robot of a DingTalk group.
 *
 * <p>Limits of DingTalk: 20,000 bytes of a message, 20 messages a minute; who sends more is shut out for ten.
 */
final class DingTalkChannel extends HttpChannel {
    private static final int MOST_BYTES = 9_000; // quotes and line ends double when they are escaped

    private final URI url;
    private final String secret;

    /** @param secret empty = the robot goes by keyword or address */
    DingTalkChannel(URI url, String secret, Office office) {
        super(Kind.DINGTALK, office);
        this.url = url;
        this.secret = secret;
    }

    @Override
    List<Letter> letters(List<Notice> notices) {
        String title = Wording.tame(Wording.title(notices, 100));
        String text = "### " + title + "\n\n"
                + Wording.fit(
                        notices.stream()
                                .map(notice -> Wording.tame(String.join("  \n", Wording.lines(notice))))
                                .toList(),
                        "\n\n---\n\n",
                        MOST_BYTES);
        return List.of(Letter.json(signed(clock().millis()), Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("msgtype", "markdown");
            json.writeObjectFieldStart("markdown");
            json.writeStringField("title", title);
            json.writeStringField("text", text);
            json.writeEndObject();
            json.writeEndObject();
        })));
    }

    URI signed(long millis) {
        if (secret.isEmpty()) {
            return url;
        }
        String sign = URLEncoder.encode(Hmac.dingTalk(secret, millis), StandardCharsets.UTF_8);
        return URI.create(url + (url.getRawQuery() == null ? "?" : "&") + "timestamp=" + millis + "&sign=" + sign);
    }

    @Override
    void judge(HttpAnswer answer) throws NotTaken {
        long code = code(answer, "errcode");
        if (code == 0) {
            return;
        }
        String said = "DingTalk answered errcode " + code;
        if (code == -1) {
            throw NotTaken.now(said + ": it is busy");
        }
        if (code == 130_101 || code == 660_026) {
            throw NotTaken.until(Duration.ofMinutes(10), said + ": too many messages");
        }
        throw NotTaken.ever(said + (code == 310_000 ? ": signature, keyword or address do not fit the robot's" : "")
                + "; a new try will not change that");
    }
}
