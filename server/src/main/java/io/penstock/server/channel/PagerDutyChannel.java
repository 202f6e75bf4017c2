package io.penstock.server.channel;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.server.delivery.HttpAnswer;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Opens and closes incidents by the Events API v2 of PagerDuty; the id of the alert joins its beginning and end, and an
 * event that is sent twice is one there.
 *
 * <p>Limits of PagerDuty: 1,024 characters of the summary, 255 of the key, 512 KB of an event.
 */
final class PagerDutyChannel extends HttpChannel {
    private static final int SUMMARY = 1_024;
    private static final int KEY = 255;

    private final URI url;
    private final String routingKey;

    PagerDutyChannel(URI url, String routingKey, Office office) {
        super(Kind.PAGERDUTY, office);
        this.url = url;
        this.routingKey = routingKey;
    }

    /** A test opens an incident and closes it, so that it is seen and stays with nobody. */
    @Override
    List<Letter> letters(List<Notice> notices) {
        List<Letter> letters = new ArrayList<>();
        for (Notice notice : notices) {
            if (!Wording.ended(notice)) {
                letters.add(letter(notice, "trigger"));
            }
            if (!notice.state().equals("firing")) {
                letters.add(letter(notice, "resolve"));
            }
        }
        return letters;
    }

    private Letter letter(Notice notice, String action) {
        return Letter.json(url, Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("routing_key", routingKey);
            json.writeStringField("event_action", action);
            json.writeStringField("dedup_key", Wording.cut("penstock-" + notice.alert(), KEY));
            json.writeStringField("client", "Penstock");
            if (action.equals("trigger")) {
                json.writeFieldName("payload");
                payload(json, notice);
            }
            json.writeEndObject();
        }));
    }

    private static void payload(JsonGenerator json, Notice notice) throws IOException {
        json.writeStartObject();
        json.writeStringField(
                "summary", Wording.cut(Wording.plain(notice.rule()) + ": " + Wording.plain(notice.summary()), SUMMARY));
        json.writeStringField("source", "penstock");
        json.writeStringField("severity", notice.severity().wire()); // theirs are ours
        Json.instant(json, "timestamp", notice.since());
        json.writeStringField("component", notice.metric());
        json.writeStringField("class", notice.rule());
        json.writeObjectFieldStart("custom_details");
        json.writeStringField("value", Wording.number(notice.value()));
        json.writeStringField("threshold", Wording.number(notice.threshold()));
        for (Map.Entry<String, String> tag : new TreeMap<>(notice.tags()).entrySet()) {
            json.writeStringField("tag." + tag.getKey(), tag.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    @Override
    void judge(HttpAnswer answer) throws NotTaken {
        // any 2xx is a yes; PagerDuty's own is 202
    }

    @Override
    String meaning(HttpAnswer answer) {
        return answer.status() == 400 ? " (the event or the routing key is not valid)" : "";
    }
}
