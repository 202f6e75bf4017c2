package io.penstock.server.channel;

import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.server.delivery.HttpAnswer;
import io.penstock.server.wire.Json;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * Posts to a group robot of WeCom.
 *
 * <p>Limits of WeCom: 4,096 bytes of Markdown, 20 messages a minute.
 */
final class WeComChannel extends HttpChannel {
    private static final int MOST_BYTES = 3_800; // the title comes on top

    private final URI url;

    WeComChannel(URI url, Office office) {
        super(Kind.WECOM, office);
        this.url = url;
    }

    @Override
    List<Letter> letters(List<Notice> notices) {
        String title = Wording.tame(Wording.title(notices, 60));
        String text = "**" + title + "**\n"
                + Wording.fit(
                        notices.stream()
                                .map(notice -> "> "
                                        + Wording.tame(Wording.cut(String.join("\n> ", Wording.lines(notice)), 1_000)))
                                .toList(),
                        "\n\n",
                        MOST_BYTES);
        return List.of(Letter.json(url, Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("msgtype", "markdown");
            json.writeObjectFieldStart("markdown");
            json.writeStringField("content", text);
            json.writeEndObject();
            json.writeEndObject();
        })));
    }

    @Override
    void judge(HttpAnswer answer) throws NotTaken {
        long code = code(answer, "errcode");
        if (code == 0) {
            return;
        }
        String said = "WeCom answered errcode " + code;
        if (code == -1) {
            throw NotTaken.now(said + ": it is busy");
        }
        if (code == 45_009) {
            throw NotTaken.until(Duration.ofMinutes(1), said + ": too many messages");
        }
        throw NotTaken.ever(
                said + (code == 93_000 ? ": there is no such robot" : "") + "; a new try will not change that");
    }
}
