package io.penstock.server.channel;

import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.server.delivery.HttpAnswer;
import io.penstock.server.wire.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Posts to an incoming web hook of Slack, or of what speaks its language, such as Mattermost.
 *
 * <p>Limits of Slack: 150 characters of a header, 3,000 of a section, 50 blocks.
 */
final class SlackChannel extends HttpChannel {
    private static final int HEADER = 150;
    private static final int SECTION = 3_000;

    /** What Slack answers to a web hook, from its documentation; only these words are repeated. */
    private static final Set<String> ERRORS = Set.of(
            "action_prohibited",
            "channel_is_archived",
            "channel_not_found",
            "invalid_payload",
            "invalid_token",
            "no_active_hooks",
            "no_service",
            "no_service_id",
            "no_team",
            "no_text",
            "posting_to_general_channel_denied",
            "team_disabled",
            "too_many_attachments",
            "user_not_found");

    private final URI url;

    SlackChannel(URI url, Office office) {
        super(Kind.SLACK, office);
        this.url = url;
    }

    @Override
    List<Letter> letters(List<Notice> notices) {
        String title = Wording.title(notices, HEADER);
        List<String> sections = new ArrayList<>();
        for (Notice notice : notices) {
            sections.add(Wording.cut(escaped(String.join("\n", Wording.lines(notice))), SECTION));
        }
        return List.of(Letter.json(url, Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("text", escaped(title)); // what a phone shows of it
            json.writeArrayFieldStart("blocks");
            json.writeStartObject();
            json.writeStringField("type", "header");
            json.writeObjectFieldStart("text");
            json.writeStringField("type", "plain_text");
            json.writeStringField("text", title);
            json.writeEndObject();
            json.writeEndObject();
            for (String section : sections) {
                json.writeStartObject();
                json.writeStringField("type", "section");
                json.writeObjectFieldStart("text");
                json.writeStringField("type", "mrkdwn");
                json.writeStringField("text", section);
                json.writeEndObject();
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        })));
    }

    /** Slack wants these three escaped; without them there is neither link nor mention. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    @Override
    void judge(HttpAnswer answer) throws NotTaken {
        // any 2xx is a yes; Slack's own says "ok"
    }

    @Override
    String meaning(HttpAnswer answer) {
        String said = new String(answer.body(), StandardCharsets.UTF_8).strip();
        return ERRORS.contains(said) ? " (" + said + ")" : "";
    }
}
